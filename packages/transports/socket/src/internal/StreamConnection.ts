import type { Socket } from "node:net"
import type { TurnShape } from "@mortise/core/app/Turn"
import { nextConnectionId } from "@mortise/core/transport/ConnectionId"
import type { Report } from "@mortise/core/transport/Faults"
import type { FrameReader, Framing, OnFrame } from "@mortise/core/transport/Framing"
import { Outbox, type OutboxPool } from "@mortise/core/transport/Outbox"
import type {
  CloseCode,
  Connection,
  ConnectionHandler,
  EncodeInto,
  FrameKind,
  PeerInfo,
  SendResult
} from "@mortise/core/transport/Transport"
import * as Effect from "effect/Effect"
import type { Settings } from "./settings.ts"

/** Frames up to this size are written together with their header. */
const INLINE_BYTES = 2048

const nothing = (): void => {}

/** A byte stream of node:net as a connection: one pass over a chunk, one write for all that it gave rise to. */
export class StreamConnection implements Connection {
  readonly id: string
  readonly peer: PeerInfo
  private readonly socket: Socket
  private readonly framing: Framing
  private readonly around: number
  /** frames end with something, which is why not all bytes can be carried */
  private readonly hasEnd: boolean
  private readonly reader: FrameReader
  private readonly outbox: Outbox
  private readonly turn: TurnShape
  private readonly report: Report
  private readonly onClosed: (connection: StreamConnection) => void
  private readonly closeTimeoutMillis: number
  private handler: ConnectionHandler | undefined
  private give: OnFrame = nothing
  /** the chunk in which the connection was paused, from `heldAt` on; node gives no other one meanwhile */
  private held: Uint8Array | undefined
  private heldAt = 0
  private paused = false
  /** a chunk is being read: what resumes meanwhile leaves the going on to its loop */
  private reading = false
  private ended = false
  private closing = false
  private isOver = false
  private code: CloseCode = 1006
  private reason = ""
  private disarm: (() => void) | undefined
  private waiting: Array<() => void> | undefined

  constructor(
    socket: Socket,
    peer: PeerInfo,
    settings: Settings,
    pool: OutboxPool,
    report: Report,
    onClosed: (connection: StreamConnection) => void
  ) {
    this.onClosed = onClosed
    const { framing } = settings
    this.id = nextConnectionId(settings.name)
    this.peer = peer
    this.socket = socket
    this.framing = framing
    this.around = framing.headerBytes + framing.trailerBytes
    this.hasEnd = framing.trailerBytes > 0 || framing.canCarry !== undefined
    this.reader = framing.makeReader()
    this.turn = pool.turn
    this.report = report
    this.closeTimeoutMillis = settings.closeTimeoutMillis
    this.outbox = new Outbox(pool, socket, settings.limits, () => this.drained())
    socket.on("error", (cause) => {
      if (!this.closing) this.reason = (cause as NodeJS.ErrnoException).code ?? cause.message
    })
    socket.on("close", () => this.finish())
  }

  /** Lets the owner in and begins to read. */
  start(open: (connection: Connection) => ConnectionHandler): void {
    try {
      const handler = open(this)
      this.handler = handler
      this.give = (bytes, start, end) => handler.onFrame(bytes, start, end, "binary")
    } catch (cause) {
      this.failed(cause)
    }
    this.socket.on("end", () => {
      this.ended = true
      if (this.held === undefined) this.inputEnded()
    })
    this.socket.on("data", (chunk: Uint8Array) => {
      if (!this.closing) this.read(chunk, 0)
    })
    if (this.paused && !this.closing) this.socket.pause()
    else this.socket.resume()
  }

  send(frame: Uint8Array, _kind: FrameKind): SendResult {
    const { framing, outbox } = this
    const length = frame.length
    const bytes = length + this.around
    if (this.closing || length > framing.maxFrameBytes || outbox.isOver(bytes)) return "refused"
    if (this.hasEnd && framing.canCarry?.(frame, 0, length) === false) return "refused"
    const header = framing.headerBytes
    if (length <= INLINE_BYTES) {
      const at = outbox.reserve(bytes)
      const target = outbox.buffer
      framing.writeHeader(target, at, length)
      target.set(frame, at + header)
      if (this.hasEnd) framing.writeTrailer(target, at + header + length)
      return outbox.commit(bytes)
    }
    if (header > 0) {
      const at = outbox.reserve(header)
      framing.writeHeader(outbox.buffer, at, length)
      outbox.commit(header)
    }
    const result = outbox.append(frame)
    if (!this.hasEnd) return result
    const end = outbox.reserve(framing.trailerBytes)
    framing.writeTrailer(outbox.buffer, end)
    return outbox.commit(framing.trailerBytes)
  }

  write(maxBytes: number, expectedBytes: number, encode: EncodeInto, _kind: FrameKind): SendResult {
    const { framing, outbox } = this
    const expected = Math.min(expectedBytes, maxBytes)
    if (this.closing || expected > framing.maxFrameBytes || outbox.isOver(expected + this.around)) return "refused"
    const at = outbox.reserve(maxBytes + this.around)
    const target = outbox.buffer
    const start = at + framing.headerBytes
    const length = encode(target, start)
    if (length < 0 || length > framing.maxFrameBytes) return "refused"
    if (this.hasEnd) {
      if (framing.canCarry?.(target, start, start + length) === false) return "refused"
      framing.writeTrailer(target, start + length)
    }
    framing.writeHeader(target, at, length)
    return outbox.commit(length + this.around)
  }

  pendingBytes(): number {
    return this.outbox.pendingBytes
  }

  pause(): void {
    if (this.paused || this.closing) return
    this.paused = true
    if (this.outbox.reading) this.reader.stop()
    else this.socket.pause()
  }

  resume(): void {
    if (!this.paused || this.closing) return
    this.paused = false
    if (this.outbox.reading) this.reader.go()
    if (this.reading) return
    const chunk = this.held
    this.held = undefined
    if (chunk !== undefined) this.read(chunk, this.heldAt)
    else if (this.ended) this.inputEnded()
    else this.socket.resume()
  }

  close(code: CloseCode, reason: string): void {
    if (this.closing) return
    this.closing = true
    this.code = code
    this.reason = reason
    this.held = undefined
    this.reader.stop()
    this.outbox.finish()
    this.socket.end()
    // what still comes is dropped, but it is read: unread bytes would turn our FIN into a reset, and lose what we flushed
    this.socket.resume()
    this.disarm = this.turn.arm(this.closeTimeoutMillis, () => this.socket.destroy())
  }

  /** Done once `onClose` has been called. */
  get closed(): Effect.Effect<void> {
    return Effect.callback((resume) => {
      if (this.isOver) resume(Effect.void)
      else {
        this.waiting ??= []
        this.waiting.push(() => resume(Effect.void))
      }
    })
  }

  private read(first: Uint8Array, start: number): void {
    const { outbox, reader } = this
    let chunk = first
    let at = start
    this.reading = true
    for (;;) {
      outbox.reading = true
      try {
        at = reader.push(chunk, at, this.give)
      } catch (cause) {
        at = chunk.length
        this.failed(cause)
      }
      outbox.reading = false
      // before the flush: the queue that it empties may be what resumes
      if (at < chunk.length && !this.closing && reader.failure === undefined) {
        this.held = chunk
        this.heldAt = at
      }
      outbox.flush()
      if (this.held === undefined || this.paused || this.closing) break
      chunk = this.held
      at = this.heldAt
      this.held = undefined
    }
    this.reading = false
    if (this.closing) return
    if (reader.failure !== undefined) this.close(reader.failure.closeCode, reader.failure.message)
    else if (this.paused) this.socket.pause()
    else if (this.ended) this.inputEnded()
    else if (this.socket.isPaused()) this.socket.resume()
  }

  private inputEnded(): void {
    if (this.closing) return
    if (this.reader.isWithinFrame) this.close(1006, "the stream ended within a frame")
    else this.close(1000, "")
  }

  private drained(): void {
    if (this.closing) return
    try {
      this.handler?.onDrain()
    } catch (cause) {
      this.failed(cause)
    }
  }

  private failed(cause: unknown): void {
    this.report(this.id, cause)
    this.close(1011, "internal error")
  }

  private finish(): void {
    this.closing = this.isOver = true
    this.held = undefined
    this.disarm?.()
    this.outbox.dispose()
    try {
      this.handler?.onClose(this.code, this.reason)
    } catch (cause) {
      this.report(this.id, cause)
    }
    this.handler = undefined
    this.give = nothing
    this.onClosed(this)
    for (const done of this.waiting ?? []) done()
  }
}
