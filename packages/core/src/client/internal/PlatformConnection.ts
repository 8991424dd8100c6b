import * as Effect from "effect/Effect"
import type { TurnShape } from "../../app/Turn.ts"
import { nextConnectionId } from "../../transport/ConnectionId.ts"
import type { Report } from "../../transport/Faults.ts"
import type { OutboxLimits } from "../../transport/Outbox.ts"
import type {
  Connection,
  ConnectionHandler,
  EncodeInto,
  FrameKind,
  PeerInfo,
  SendResult
} from "../../transport/Transport.ts"

/** The part of the platform's `WebSocket` that is used here. */
export interface PlatformSocket {
  binaryType: string
  readonly bufferedAmount: number
  readonly readyState: number
  readonly protocol: string
  readonly send: (data: string | Uint8Array<ArrayBuffer>) => void
  readonly close: (code?: number, reason?: string) => void
  readonly addEventListener: (type: string, listener: (event: PlatformEvent) => void) => void
}

export type PlatformSocketClass = new (url: string, protocols: Array<string>) => PlatformSocket

/** What the events `message` and `close` carry. */
export interface PlatformEvent {
  readonly data?: unknown
  readonly code?: number
  readonly reason?: string
}

interface Settings {
  readonly name: string
  readonly limits: OutboxLimits
  readonly maxFrameBytes: number
  readonly maxHeldBytes: number
  readonly closeTimeoutMillis: number
  readonly drainCheckMillis: number
}

/** What a held frame costs beside its bytes: a peer may send empty ones. */
const HELD_BYTES = 64

/** `readyState` of a socket that takes messages. */
const OPEN = 1

/** Encoders write here, then the platform copies; larger frames get memory of their own. */
const scratch = new Uint8Array(64 * 1024)
const toText = new TextDecoder("utf-8", { ignoreBOM: true })
const toBytes = new TextEncoder()

const isSendable = (code: number): boolean => code === 1000 || (code >= 3000 && code <= 4999)

/** A reason has room for 123 bytes; what does not fit is cut between two characters. */
const cut = (reason: string): string => {
  if (reason.length * 3 <= 123) return reason
  const { read } = toBytes.encodeInto(reason, new Uint8Array(123))
  return reason.slice(0, read)
}

const peerOf = (name: string, url: string, protocol: string): PeerInfo => {
  const { host, pathname, protocol: scheme, search } = new URL(url)
  const headers = new Map(protocol === "" ? [] : [["sec-websocket-protocol", protocol] as const])
  const secure = scheme === "wss:" || scheme === "https:"
  return { transport: name, address: host, secure, headers, path: pathname + search, origin: undefined }
}

interface Closing {
  readonly code: number
  readonly reason: string
}

interface Held {
  readonly bytes: Uint8Array
  readonly kind: FrameKind
}

export class PlatformConnection implements Connection {
  readonly id: string
  readonly peer: PeerInfo
  readonly closed: Effect.Effect<void>
  private readonly socket: PlatformSocket
  private readonly settings: Settings
  private readonly turn: TurnShape
  private readonly report: Report
  private handler: ConnectionHandler | undefined
  private closing: Closing | undefined
  /** how the peer closed, while frames that came before are still held */
  private ended: Closing | undefined
  private finished = false
  private paused = false
  private delivering = false
  private held: Array<Held> = []
  private heldBytes = 0
  private wantsDrain = false
  private waiting: Array<() => void> = []

  constructor(url: string, socket: PlatformSocket, settings: Settings, turn: TurnShape, report: Report) {
    this.id = nextConnectionId(settings.name)
    this.peer = peerOf(settings.name, url, socket.protocol)
    this.socket = socket
    this.settings = settings
    this.turn = turn
    this.report = report
    this.closed = Effect.callback((resume) => {
      if (this.finished) return resume(Effect.void)
      this.waiting.push(() => resume(Effect.void))
    })
  }

  start(open: (connection: Connection) => ConnectionHandler): void {
    const { socket } = this
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") this.onMessage({ bytes: toBytes.encode(data), kind: "text" })
      else this.onMessage({ bytes: new Uint8Array(data as ArrayBuffer), kind: "binary" })
    })
    socket.addEventListener("close", ({ code, reason }) => {
      const { closing } = this
      if (closing !== undefined) this.finish(closing.code, closing.reason)
      else this.end({ code: code ?? 1006, reason: reason ?? "" })
    })
    try {
      this.handler = open(this)
    } catch (problem) {
      this.threw(problem)
    }
  }

  send(frame: Uint8Array, kind: FrameKind): SendResult {
    const { maxFrameBytes } = this.settings
    if (frame.length > maxFrameBytes || this.isOver(frame.length)) return "refused"
    return this.put(frame, kind)
  }

  write(maxBytes: number, expectedBytes: number, encode: EncodeInto, kind: FrameKind): SendResult {
    const { maxFrameBytes } = this.settings
    if (expectedBytes > maxFrameBytes || this.isOver(expectedBytes)) return "refused"
    const target = maxBytes <= scratch.length ? scratch : new Uint8Array(maxBytes)
    const bytes = encode(target, 0)
    if (bytes < 0 || bytes > maxFrameBytes) return "refused"
    return this.put(target.subarray(0, bytes), kind)
  }

  pendingBytes(): number {
    return this.finished ? 0 : this.socket.bufferedAmount
  }

  private isOver(bytes: number): boolean {
    if (this.finished || this.closing !== undefined || this.socket.readyState !== OPEN) return true
    return this.socket.bufferedAmount + bytes > this.settings.limits.maxPendingBytes
  }

  private put(frame: Uint8Array, kind: FrameKind): SendResult {
    const { socket } = this
    socket.send(kind === "text" ? toText.decode(frame) : (frame as Uint8Array<ArrayBuffer>))
    if (socket.bufferedAmount < this.settings.limits.highWaterMark) return "sent"
    if (!this.wantsDrain) {
      this.wantsDrain = true
      this.awaitDrain()
    }
    return "full"
  }

  private awaitDrain(): void {
    this.turn.arm(this.settings.drainCheckMillis, () => {
      if (this.finished || this.closing !== undefined) return
      if (this.socket.bufferedAmount >= this.settings.limits.highWaterMark) return this.awaitDrain()
      this.wantsDrain = false
      try {
        this.handler?.onDrain()
      } catch (problem) {
        this.threw(problem)
      }
    })
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    if (!this.delivering) this.deliver()
  }

  private onMessage(frame: Held): void {
    if (this.finished || this.closing !== undefined) return
    const { maxFrameBytes, maxHeldBytes } = this.settings
    const { length } = frame.bytes
    if (length > maxFrameBytes) return this.close(1009, `A frame of ${length} bytes; ${maxFrameBytes} are allowed`)
    this.held.push(frame)
    this.heldBytes += length + HELD_BYTES
    this.deliver()
    if (this.heldBytes > maxHeldBytes) this.close(1009, `More than ${maxHeldBytes} bytes came while paused`)
  }

  private deliver(): void {
    if (this.paused) return
    this.delivering = true
    let given = 0
    while (!this.paused && given < this.held.length) {
      const { bytes, kind } = this.held[given++] as Held
      this.heldBytes -= bytes.length + HELD_BYTES
      try {
        this.handler?.onFrame(bytes, 0, bytes.length, kind)
      } catch (problem) {
        this.threw(problem)
      }
    }
    // `close` has emptied it when a handler closed
    this.held.splice(0, given)
    this.delivering = false
    if (this.ended !== undefined && this.held.length === 0) this.finish(this.ended.code, this.ended.reason)
  }

  close(code: number, reason: string): void {
    if (this.finished || this.closing !== undefined) return
    this.closing = { code, reason }
    this.held = []
    this.heldBytes = 0
    // the peer was first, and only what it had sent before was still waited for
    if (this.ended !== undefined) return void this.turn.schedule(() => this.finish(code, reason))
    if (isSendable(code)) this.socket.close(code, cut(reason))
    else this.socket.close()
    this.turn.arm(this.settings.closeTimeoutMillis, () => this.finish(code, reason))
  }

  private end(closing: Closing): void {
    this.ended = closing
    this.deliver()
  }

  private threw(problem: unknown): void {
    this.report(this.id, problem)
    this.close(1011, "Internal error")
  }

  private finish(code: number, reason: string): void {
    if (this.finished) return
    this.finished = true
    this.held = []
    const { handler, waiting } = this
    this.handler = undefined
    try {
      handler?.onClose(code, reason)
    } catch (problem) {
      this.report(this.id, problem)
    }
    for (const done of waiting) done()
  }
}
