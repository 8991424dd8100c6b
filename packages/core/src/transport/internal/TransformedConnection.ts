import type { Report } from "../Faults.ts"
import { FrameError } from "../FrameError.ts"
import type { FrameStage, FrameTransform } from "../FrameTransform.ts"
import type {
  Capabilities,
  CloseCode,
  Connection,
  ConnectionHandler,
  EncodeInto,
  FrameKind,
  SendResult
} from "../Transport.ts"
import { PassingConnection } from "./PassingConnection.ts"

/**
 * A connection whose frames pass through stages. A frame is transformed only when the inner connection has agreed to take
 * it: stages count frames, and one that was transformed and then refused would put the two sides out of step.
 */
export class TransformedConnection extends PassingConnection {
  private readonly transforms: ReadonlyArray<FrameTransform>
  private readonly stages: ReadonlyArray<FrameStage>
  private readonly maxFrameBytes: number
  /** what may come out of each stage: the stages before it need room as well */
  private readonly limits: ReadonlyArray<number>
  private readonly overhead: number
  private readonly report: Report
  private closing = false

  constructor(
    inner: Connection,
    transforms: ReadonlyArray<FrameTransform>,
    { maxFrameBytes }: Capabilities,
    report: Report
  ) {
    super(inner)
    this.transforms = transforms
    this.maxFrameBytes = maxFrameBytes
    let limit = maxFrameBytes
    this.limits = transforms.map(({ maxOverheadBytes }) => {
      const before = limit
      limit += maxOverheadBytes
      return before
    })
    this.overhead = limit - maxFrameBytes
    this.stages = transforms.map(({ make }, i) => make({ maxFrameBytes: this.limits[i] as number }))
    this.report = report
  }

  /** The handler of the inner connection, on behalf of the one that `open` gives. */
  start(open: (connection: Connection) => ConnectionHandler): ConnectionHandler {
    const handler = open(this)
    return {
      onFrame: (bytes, start, end) => {
        const frame = this.inbound(bytes.subarray(start, end))
        if (frame !== undefined) handler.onFrame(frame, 0, frame.length, "binary")
      },
      onDrain: () => handler.onDrain(),
      onClose: (code, reason) => {
        this.closing = true
        handler.onClose(code, reason)
      }
    }
  }

  send(frame: Uint8Array, _kind: FrameKind): SendResult {
    if (this.closing || frame.length > this.maxFrameBytes) return "refused"
    return this.sendThrough(frame.length, frame.length, () => frame)
  }

  write(maxBytes: number, expectedBytes: number, encode: EncodeInto, _kind: FrameKind): SendResult {
    if (this.closing || Math.min(expectedBytes, maxBytes) > this.maxFrameBytes) return "refused"
    return this.sendThrough(maxBytes, expectedBytes, () => {
      const scratch = new Uint8Array(maxBytes)
      const length = encode(scratch, 0)
      return length < 0 || length > this.maxFrameBytes ? undefined : scratch.subarray(0, length)
    })
  }

  override close(code: CloseCode, reason: string): void {
    this.closing = true
    super.close(code, reason)
  }

  private sendThrough(maxBytes: number, expectedBytes: number, frame: () => Uint8Array | undefined): SendResult {
    let hasPassed = false
    const encode: EncodeInto = (target, at) => {
      const original = frame()
      const sent = original === undefined ? undefined : this.outbound(original)
      if (sent === undefined) return -1
      hasPassed = true
      target.set(sent, at)
      return sent.length
    }
    const result = this.inner.write(maxBytes + this.overhead, expectedBytes + this.overhead, encode, "binary")
    if (result === "refused" && hasPassed) {
      this.broken(new Error("the transport cannot carry what came out of the frame transforms"))
    }
    return result
  }

  private outbound(original: Uint8Array): Uint8Array | undefined {
    let frame = original
    for (let i = 0; i < this.stages.length; i++) {
      const { name, maxOverheadBytes } = this.transforms[i] as FrameTransform
      const before = frame.length
      try {
        frame = (this.stages[i] as FrameStage).outbound(frame)
        if (frame.length > before + maxOverheadBytes) {
          throw new Error(`${name} made ${frame.length} bytes of ${before}, more than its maxOverheadBytes allow`)
        }
      } catch (cause) {
        this.broken(cause)
        return undefined
      }
    }
    return frame
  }

  /** The stages are out of step with the peer's: nothing more can be said. */
  private broken(cause: unknown): void {
    this.report(this.id, cause)
    this.close(1011, "internal error")
  }

  /** What throws here is a bug of a stage: the transport closes the connection with 1011, as for any handler. */
  private inbound(received: Uint8Array): Uint8Array | undefined {
    let frame = received
    for (let i = this.stages.length - 1; i >= 0; i--) {
      const result = (this.stages[i] as FrameStage).inbound(frame)
      const failure = result instanceof FrameError ? result : this.overLimit(result, i)
      if (failure !== undefined) {
        this.close(failure.closeCode, failure.message)
        return undefined
      }
      frame = result as Uint8Array
    }
    return frame
  }

  private overLimit(frame: Uint8Array, index: number): FrameError | undefined {
    const limit = this.limits[index] as number
    if (frame.length <= limit) return undefined
    const { name } = this.transforms[index] as FrameTransform
    return new FrameError({
      reason: "too-large",
      stage: name,
      message: `A frame of ${frame.length} bytes came out of ${name}; the limit is ${limit} bytes.`
    })
  }
}
