/** One accepted WebSocket: frames in through a `FrameReader`, frames out through an `Outbox`, and the closing handshake. */
import type { Socket } from "node:net"
import type { TurnShape } from "@mortise/core/app/Turn"
import type { Report } from "@mortise/core/transport/Faults"
import { Outbox, type OutboxLimits, type OutboxPool } from "@mortise/core/transport/Outbox"
import type {
  Connection,
  ConnectionHandler,
  EncodeInto,
  FrameKind,
  PeerInfo,
  SendResult
} from "@mortise/core/transport/Transport"
import { ABNORMAL, type Closing, closePayload, INTERNAL, parseClose } from "./closing.ts"
import { FrameReader, type FrameSink } from "./FrameReader.ts"
import { headerSize, MAX_HEADER_BYTES, writeHeader } from "./header.ts"
import { BINARY, CLOSE, FIN, MAX_CONTROL_BYTES, PING, PONG, TEXT } from "./opcode.ts"

/** Frames up to this size are copied behind their header, larger ones are passed on by reference. */
const COPY_BYTES = 2 * 1024

/** What the connections of one listener share. */
export interface Shared {
  readonly turn: TurnShape
  readonly pool: OutboxPool
  readonly limits: OutboxLimits
  readonly maxFrameBytes: number
  /** How long the peer gets to answer a close frame, and to read what is queued before it, in milliseconds. */
  readonly closeTimeoutMillis: number
  /** A handler threw. */
  readonly report: Report
  /** The socket is gone. */
  readonly released: (connection: ServerConnection) => void
}

export class ServerConnection implements Connection, FrameSink {
  readonly id: string
  readonly peer: PeerInfo
  private readonly shared: Shared
  private readonly socket: Socket
  private readonly outbox: Outbox
  private readonly reader: FrameReader
  private handler: ConnectionHandler | undefined
  /** set while our close frame waits for the peer's */
  private closing: Closing | undefined
  private finished = false
  private paused = false
  private reading = false
  private held: Uint8Array | undefined
  private heldFrom = 0
  /** the peer has ended its half; frames that it sent before are still held */
  private ended = false
  private wantsDrain = false
  /** the last ping that waits for room in the queue */
  private owedPong: Uint8Array | undefined
  private disarm: (() => void) | undefined

  constructor(id: string, peer: PeerInfo, socket: Socket, shared: Shared) {
    this.id = id
    this.peer = peer
    this.shared = shared
    this.socket = socket
    this.outbox = new Outbox(shared.pool, socket, shared.limits, () => this.drained())
    this.reader = new FrameReader(this, shared.maxFrameBytes)
  }

  /** Begins to read. */
  start(open: (connection: Connection) => ConnectionHandler): void {
    const { socket } = this
    socket.on("data", (chunk: Uint8Array) => this.onData(chunk))
    socket.on("end", () => this.onEnd())
    socket.on("close", () => {
      this.disarm?.()
      this.finish(this.closing ?? { code: ABNORMAL, reason: "The connection was lost" })
      this.shared.released(this)
    })
    try {
      this.handler = open(this)
    } catch (problem) {
      this.threw(problem)
    }
  }

  // -- out ------------------------------------------------------------------------------------------------------------

  send(frame: Uint8Array, kind: FrameKind): SendResult {
    const bytes = frame.length
    const header = headerSize(bytes)
    const { outbox } = this
    if (this.isShut() || bytes > this.shared.maxFrameBytes || outbox.isOver(header + bytes)) return "refused"
    const first = FIN | (kind === "text" ? TEXT : BINARY)
    if (bytes > COPY_BYTES) {
      const at = outbox.reserve(header)
      writeHeader(outbox.buffer, at, first, bytes)
      outbox.commit(header)
      return this.took(outbox.append(frame))
    }
    const at = outbox.reserve(header + bytes)
    writeHeader(outbox.buffer, at, first, bytes)
    outbox.buffer.set(frame, at + header)
    return this.took(outbox.commit(header + bytes))
  }

  write(maxBytes: number, expectedBytes: number, encode: EncodeInto, kind: FrameKind): SendResult {
    const { outbox } = this
    const { maxFrameBytes } = this.shared
    const guess = headerSize(expectedBytes)
    if (this.isShut() || expectedBytes > maxFrameBytes || outbox.isOver(guess + expectedBytes)) return "refused"
    const at = outbox.reserve(MAX_HEADER_BYTES + maxBytes)
    const { buffer } = outbox
    const bytes = encode(buffer, at + guess)
    if (bytes < 0 || bytes > maxFrameBytes) return "refused"
    const header = headerSize(bytes)
    if (header !== guess) buffer.copyWithin(at + header, at + guess, at + guess + bytes)
    writeHeader(buffer, at, FIN | (kind === "text" ? TEXT : BINARY), bytes)
    return this.took(outbox.commit(header + bytes))
  }

  pendingBytes(): number {
    return this.outbox.pendingBytes
  }

  private isShut(): boolean {
    return this.finished || this.closing !== undefined
  }

  private took(result: SendResult): SendResult {
    if (result === "full") this.wantsDrain = true
    return result
  }

  private sendControl(opcode: number, payload: Uint8Array): void {
    const { outbox } = this
    const bytes = payload.length
    const at = outbox.reserve(2 + MAX_CONTROL_BYTES)
    writeHeader(outbox.buffer, at, FIN | opcode, bytes)
    outbox.buffer.set(payload, at + 2)
    outbox.commit(2 + bytes)
  }

  private drained(): void {
    if (this.isShut()) return
    if (this.owedPong !== undefined) {
      this.sendControl(PONG, this.owedPong)
      this.owedPong = undefined
    }
    if (!this.wantsDrain) return
    this.wantsDrain = false
    try {
      this.handler?.onDrain()
    } catch (problem) {
      this.threw(problem)
    }
  }

  // -- in -------------------------------------------------------------------------------------------------------------

  pause(): void {
    if (this.paused || this.isShut()) return
    this.paused = true
    this.reader.stopped = true
    this.socket.pause()
  }

  resume(): void {
    if (!this.paused) return
    this.paused = false
    this.reader.stopped = false
    if (!this.reading) this.readHeld()
  }

  private readHeld(): void {
    const chunk = this.held
    this.held = undefined
    if (chunk !== undefined) this.read(chunk, this.heldFrom)
    else if (!this.finished) this.socket.resume()
  }

  private onData(chunk: Uint8Array): void {
    // What comes after the end of the WebSocket is read, so that the peer can finish, and thrown away.
    if (this.finished) return
    if (this.held === undefined && !this.paused) return void this.read(chunk, 0)
    this.held =
      this.held === undefined ? chunk : new Uint8Array(Buffer.concat([this.held.subarray(this.heldFrom), chunk]))
    this.heldFrom = 0
  }

  private read(first: Uint8Array, from: number): void {
    const { outbox } = this
    let chunk = first
    let at = from
    // until the end: what resumes meanwhile, in a handler or by the flush, leaves the going on to this loop
    this.reading = true
    for (;;) {
      outbox.reading = true
      try {
        at = this.reader.read(chunk, at)
      } catch (problem) {
        at = chunk.length
        this.threw(problem)
      }
      outbox.reading = false
      if (at < chunk.length && !this.finished) {
        this.held = chunk
        this.heldFrom = at
      }
      outbox.flush()
      if (this.held === undefined || this.paused || this.finished) break
      chunk = this.held
      at = this.heldFrom
      this.held = undefined
    }
    this.reading = false
    if (this.paused || this.finished) return
    if (this.ended) this.onEnd()
    else if (this.socket.isPaused()) this.socket.resume()
  }

  onMessage(bytes: Uint8Array, start: number, end: number, text: boolean): void {
    // After our close frame the peer's frames have nobody who waits for them.
    if (this.closing === undefined && !this.finished) this.handler?.onFrame(bytes, start, end, text ? "text" : "binary")
  }

  onControl(opcode: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.finished) return
    if (opcode === PING) this.answerPing(bytes, start, end)
    else if (opcode === CLOSE) this.answerClose(bytes.subarray(start, end))
  }

  onProblem(code: number, reason: string): void {
    this.shut({ code, reason }, closePayload(code, reason))
  }

  /** A peer that pings and does not read gets one pong, for its last ping (RFC 6455 §5.5.3), and the queue does not grow. */
  private answerPing(bytes: Uint8Array, start: number, end: number): void {
    if (this.closing !== undefined) return
    if (this.outbox.pendingBytes < this.shared.limits.highWaterMark) {
      this.sendControl(PONG, bytes.subarray(start, end))
    } else this.owedPong = Uint8Array.from(bytes.subarray(start, end))
  }

  private answerClose(payload: Uint8Array): void {
    const { code, problem, reason } = parseClose(payload)
    if (this.closing !== undefined) return void this.shut(this.closing, undefined)
    this.shut({ code, reason }, problem === undefined ? payload : closePayload(problem, reason))
  }

  private onEnd(): void {
    if (this.held !== undefined) {
      this.ended = true
      return
    }
    // The peer will send nothing more; what is queued may still reach it.
    this.shut(this.closing ?? { code: ABNORMAL, reason: "The peer ended without a close frame" }, undefined)
  }

  // -- end ------------------------------------------------------------------------------------------------------------

  close(code: number, reason: string): void {
    if (this.isShut()) return
    this.sendControl(CLOSE, closePayload(code, reason))
    this.closing = { code, reason }
    this.outbox.finish()
    this.awaitPeer()
    // The peer's close frame may stand behind what was held back; `onClose` comes in a later turn even so.
    this.shared.turn.schedule(() => this.resume())
  }

  private threw(problem: unknown): void {
    this.shared.report(this.id, problem)
    if (!this.isShut()) this.onProblem(INTERNAL, "Internal error")
  }

  /** The WebSocket is over: says the last word if there is one, flushes, ends the socket and tells the handler. */
  private shut(closing: Closing, lastWord: Uint8Array | undefined): void {
    if (this.finished) return
    if (lastWord !== undefined && this.closing === undefined) this.sendControl(CLOSE, lastWord)
    this.outbox.finish()
    this.finish(closing)
    this.socket.end()
    this.socket.resume()
    this.awaitPeer()
  }

  private awaitPeer(): void {
    this.disarm ??= this.shared.turn.arm(this.shared.closeTimeoutMillis, () => this.socket.destroy())
  }

  private finish(closing: Closing): void {
    if (this.finished) return
    this.finished = true
    this.reader.stopped = true
    this.paused = false
    this.held = undefined
    this.owedPong = undefined
    this.outbox.dispose()
    const { handler } = this
    this.handler = undefined
    try {
      handler?.onClose(closing.code, closing.reason)
    } catch (problem) {
      this.shared.report(this.id, problem)
    }
  }
}
