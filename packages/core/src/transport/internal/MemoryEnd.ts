import type * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type { TurnShape } from "../../app/Turn.ts"
import { nextConnectionId } from "../ConnectionId.ts"
import type { Report } from "../Faults.ts"
import type { OutboxLimits } from "../Outbox.ts"
import type {
  CloseCode,
  Connection,
  ConnectionHandler,
  EncodeInto,
  FrameKind,
  PeerInfo,
  SendResult
} from "../Transport.ts"
import { allocate } from "./allocate.ts"

export interface MemorySettings {
  readonly name: string
  readonly limits: OutboxLimits
  readonly maxFrameBytes: number
}

interface Queued {
  readonly bytes: Uint8Array
  readonly kind: FrameKind
}

/** Delivered per turn and connection, so that a flood does not keep the others waiting. */
const BYTES_PER_TURN = 64 * 1024
const FRAMES_PER_TURN = 1024
/** Frames are never at the start of the memory they are in: who ignores the offsets is found out. */
const OFFSET = 8
const POISON = 0xdb

/** Memory that a frame is delivered in; a delivery within a delivery takes another one. */
let spare: Uint8Array | undefined

/** One end of a connection; frames wait at the receiving end. */
export class MemoryEnd implements Connection {
  readonly id: string
  readonly peer: PeerInfo
  /** Opens once `onClose` has been called. */
  readonly closed: Effect.Effect<void>
  other!: MemoryEnd
  onClosed: () => void = () => {}
  private readonly settings: MemorySettings
  private readonly turn: TurnShape
  private readonly report: Report
  private readonly done = Latch.makeUnsafe(false)
  private handler: ConnectionHandler | undefined
  private inbox: Array<Queued> = []
  private next = 0
  private inboxBytes = 0
  private paused = false
  private delivering = false
  private scheduled = false
  private wantsDrain = false
  private isClosed = false
  private isOver = false
  private ending: readonly [CloseCode, string] | undefined

  constructor(settings: MemorySettings, peer: PeerInfo, turn: TurnShape, report: Report) {
    this.report = report
    this.settings = settings
    this.peer = peer
    this.turn = turn
    this.id = nextConnectionId(settings.name)
    this.closed = this.done.await
  }

  /** Lets the owner in; what it throws is its own, and closes both ends. */
  start(open: (connection: Connection) => ConnectionHandler): void {
    try {
      this.handler = open(this)
    } catch (cause) {
      this.failed(cause)
    }
  }

  send(frame: Uint8Array, kind: FrameKind): SendResult {
    return this.wouldRefuse(frame.length) ? "refused" : this.queue(frame, kind)
  }

  write(maxBytes: number, expectedBytes: number, encode: EncodeInto, kind: FrameKind): SendResult {
    if (this.wouldRefuse(Math.min(expectedBytes, maxBytes))) return "refused"
    const target = new Uint8Array(OFFSET + maxBytes)
    const bytes = encode(target, OFFSET)
    if (bytes < 0 || bytes > this.settings.maxFrameBytes) return "refused"
    return this.queue(target.slice(OFFSET, OFFSET + bytes), kind)
  }

  pendingBytes(): number {
    return this.other.inboxBytes
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    if (!this.paused) return
    this.paused = false
    if (!this.delivering) this.deliver()
  }

  close(code: CloseCode, reason: string): void {
    if (this.isClosed) return
    this.isClosed = true
    this.ending = [code, reason]
    this.inbox = []
    this.next = this.inboxBytes = 0
    this.schedule()
    // the peer first gets what was queued for it
    this.other.ending ??= this.ending
    this.other.schedule()
  }

  private wouldRefuse(bytes: number): boolean {
    return (
      this.isClosed ||
      this.other.isClosed ||
      bytes > this.settings.maxFrameBytes ||
      this.other.inboxBytes + bytes > this.settings.limits.maxPendingBytes
    )
  }

  private queue(bytes: Uint8Array, kind: FrameKind): SendResult {
    const other = this.other
    other.inbox.push({ bytes, kind })
    other.inboxBytes += bytes.length
    if (!other.paused) other.schedule()
    if (other.inboxBytes < this.settings.limits.highWaterMark) return "sent"
    this.wantsDrain = true
    return "full"
  }

  private schedule(): void {
    if (this.scheduled || this.isOver) return
    this.scheduled = true
    this.turn.schedule(() => {
      this.scheduled = false
      if (!this.delivering) this.deliver()
    })
  }

  private deliver(): void {
    if (this.isOver) return
    this.delivering = true
    const memory = spare ?? allocate(OFFSET + BYTES_PER_TURN)
    spare = undefined
    let bytes = 0
    let frames = 0
    while (!this.paused && this.next < this.inbox.length && bytes < BYTES_PER_TURN && frames < FRAMES_PER_TURN) {
      const frame = this.inbox[this.next++] as Queued
      this.inboxBytes -= frame.bytes.length
      bytes += frame.bytes.length
      frames++
      this.give(frame, memory)
    }
    spare = memory
    if (this.next === this.inbox.length) {
      this.inbox = []
      this.next = 0
    } else if (this.next > 1024) {
      this.inbox = this.inbox.slice(this.next)
      this.next = 0
    }
    this.delivering = false
    this.other.drained()
    if (this.inbox.length === 0 && this.ending !== undefined) this.finish(this.ending)
    else if (this.inbox.length > 0 && !this.paused) this.schedule()
  }

  private give(frame: Queued, memory: Uint8Array): void {
    const end = OFFSET + frame.bytes.length
    const target = end <= memory.length ? memory : allocate(end)
    target.set(frame.bytes, OFFSET)
    try {
      this.handler?.onFrame(target, OFFSET, end, frame.kind)
    } catch (cause) {
      this.failed(cause)
    }
    target.fill(POISON, OFFSET, end)
  }

  private drained(): void {
    if (!this.wantsDrain || this.isClosed || this.pendingBytes() >= this.settings.limits.highWaterMark) return
    this.wantsDrain = false
    try {
      this.handler?.onDrain()
    } catch (cause) {
      this.failed(cause)
    }
  }

  private finish(ending: readonly [CloseCode, string]): void {
    if (this.isOver) return
    this.isOver = this.isClosed = true
    try {
      this.handler?.onClose(ending[0], ending[1])
    } catch (cause) {
      this.report(this.id, cause)
    }
    this.handler = undefined
    this.onClosed()
    this.done.openUnsafe()
  }

  private failed(cause: unknown): void {
    this.report(this.id, cause)
    this.close(1011, "internal error")
  }
}
