/**
 * Collects what a connection sends within one turn of the event loop and hands it to the kernel in one write: one write
 * per message is what makes messaging servers slow, not the socket. For authors of transports over byte streams.
 *
 * All outboxes of a pool encode into one slab. As long as the kernel takes everything at once, which is the rule, the
 * slab is used again and nothing is allocated; an idle connection holds no buffer.
 */
import type { TurnShape } from "../app/Turn.ts"
import type { EncodeInto, SendResult } from "./Transport.ts"

/** The writable side of a socket, as Node's `net.Socket` has it. */
export interface Sink {
  readonly write: (chunk: Uint8Array, done: () => void) => unknown
  /** Bytes handed over and not yet taken by the kernel. */
  readonly writableLength: number
  readonly cork: () => void
  readonly uncork: () => void
}

export interface OutboxLimits {
  /** From this many pending bytes on, sends answer `full`. */
  readonly highWaterMark: number
  /** A send that would bring the pending bytes over this answers `refused`. */
  readonly maxPendingBytes: number
}

export const defaultLimits: OutboxLimits = { highWaterMark: 64 * 1024, maxPendingBytes: 4 * 1024 * 1024 }

const SLAB_BYTES = 64 * 1024
/** An outbox that holds this much does not wait for the end of the turn, so that the slab is free again. */
const FLUSH_BYTES = 32 * 1024
/** Frames up to this size are copied into the slab, larger ones are passed on by reference. */
const COPY_BYTES = 2 * 1024

/** Shares one slab and one flush per turn among the connections of a listener. */
export class OutboxPool {
  readonly turn: TurnShape
  slab: Uint8Array = new Uint8Array(SLAB_BYTES)
  top = 0
  /** outboxes that hold bytes of the current slab */
  holders = 0
  /** the kernel still reads from the slab: it must not be written to again */
  leased = false
  private dirty: Array<Outbox> = []
  private scheduled = false
  private readonly flushAll: () => void

  constructor(turn: TurnShape) {
    this.turn = turn
    this.flushAll = () => {
      this.scheduled = false
      const dirty = this.dirty
      this.dirty = []
      for (let i = 0; i < dirty.length; i++) (dirty[i] as Outbox).flush()
    }
  }

  mark(outbox: Outbox): void {
    this.dirty.push(outbox)
    if (!this.scheduled) {
      this.scheduled = true
      this.turn.schedule(this.flushAll)
    }
  }

  renew(): void {
    this.slab = new Uint8Array(SLAB_BYTES)
    this.top = 0
    this.holders = 0
    this.leased = false
  }

  released(): void {
    if (--this.holders > 0) return
    if (this.leased) this.renew()
    else this.top = 0
  }
}

export class Outbox {
  private readonly pool: OutboxPool
  private readonly sink: Sink
  private readonly limits: OutboxLimits
  private readonly onDrain: () => void
  private readonly taken: () => void
  /** finished pieces, in order; the open piece of the slab comes after them */
  private pieces: Array<Uint8Array> = []
  private slab: Uint8Array | undefined
  private from = 0
  private to = 0
  private queued = 0
  private inKernelQueue = 0
  private marked = false
  private wantsDrain = false
  private closed = false
  /** true while the transport hands out a chunk's frames: it flushes by itself at the chunk's end */
  reading = false

  constructor(pool: OutboxPool, sink: Sink, limits: OutboxLimits, onDrain: () => void) {
    this.pool = pool
    this.sink = sink
    this.limits = limits
    this.onDrain = onDrain
    this.taken = () => {
      this.inKernelQueue = this.sink.writableLength
      this.drained()
    }
  }

  get pendingBytes(): number {
    return this.queued + this.inKernelQueue
  }

  /** True when `bytes` more would be refused. */
  isOver(bytes: number): boolean {
    return this.closed || this.queued + this.inKernelQueue + bytes > this.limits.maxPendingBytes
  }

  /**
   * Where up to `bytes` bytes may be written: returns the offset in `this.buffer`. Must be followed by `commit`.
   * Callers ask `isOver` first.
   */
  reserve(bytes: number): number {
    const pool = this.pool
    if (this.slab !== undefined) {
      if (this.slab === pool.slab && this.to === pool.top && this.to + bytes <= SLAB_BYTES) return this.to
      this.seal()
    }
    if (bytes > SLAB_BYTES) {
      this.slab = new Uint8Array(bytes)
      this.from = this.to = 0
      return 0
    }
    if (pool.top + bytes > SLAB_BYTES) pool.renew()
    this.slab = pool.slab
    this.from = this.to = pool.top
    pool.holders++
    return this.to
  }

  get buffer(): Uint8Array {
    return this.slab as Uint8Array
  }

  /** Takes the first `bytes` of what was reserved into the queue. */
  commit(bytes: number): SendResult {
    this.to += bytes
    if (this.slab === this.pool.slab) this.pool.top = this.to
    return this.took(bytes)
  }

  /** Queues a frame that never changes again; small ones are copied, large ones passed on as they are. */
  append(frame: Uint8Array): SendResult {
    const bytes = frame.length
    if (bytes <= COPY_BYTES && this.inKernelQueue === 0) {
      const at = this.reserve(bytes)
      this.buffer.set(frame, at)
      return this.commit(bytes)
    }
    if (this.slab !== undefined) this.seal()
    this.pieces.push(frame)
    return this.took(bytes)
  }

  /** Hands everything to the kernel, as one write. */
  flush(): void {
    this.marked = false
    if (this.queued === 0 || this.closed) return
    const sink = this.sink
    const stalled = this.inKernelQueue > 0
    const slab = this.slab
    const shared = slab !== undefined && slab === this.pool.slab
    let last: Uint8Array | undefined
    if (slab !== undefined) {
      last = slab.subarray(this.from, this.to)
      // A stalled socket keeps what it is given for long: a copy of its own, or some bytes would hold a whole slab.
      if (stalled && slab.length === SLAB_BYTES) last = last.slice()
    }
    this.slab = undefined
    this.queued = 0
    if (this.pieces.length === 0) {
      sink.write(last as Uint8Array, this.taken)
    } else {
      const pieces = this.pieces
      this.pieces = []
      sink.cork()
      for (let i = 0; i < pieces.length; i++) sink.write(pieces[i] as Uint8Array, this.taken)
      if (last !== undefined && last.length > 0) sink.write(last, this.taken)
      sink.uncork()
    }
    this.inKernelQueue = sink.writableLength
    if (shared) {
      if (this.inKernelQueue > 0 && !stalled) this.pool.leased = true
      this.pool.released()
    }
    if (this.inKernelQueue === 0) this.drained()
  }

  /** Gives up what is queued. */
  dispose(): void {
    if (this.closed) return
    this.closed = true
    if (this.slab !== undefined && this.slab === this.pool.slab) this.pool.released()
    this.slab = undefined
    this.pieces = []
    this.queued = 0
  }

  /** `encode`s one frame with room for `maxBytes`, behind no header. */
  write(maxBytes: number, encode: EncodeInto): SendResult {
    if (this.isOver(maxBytes)) return "refused"
    const at = this.reserve(maxBytes)
    return this.commit(encode(this.buffer, at))
  }

  private took(bytes: number): SendResult {
    this.queued += bytes
    if (!this.marked && !this.reading) {
      this.marked = true
      this.pool.mark(this)
    }
    if (this.queued >= FLUSH_BYTES) this.flush()
    if (this.queued + this.inKernelQueue < this.limits.highWaterMark) return "sent"
    this.wantsDrain = true
    return "full"
  }

  private seal(): void {
    const slab = this.slab as Uint8Array
    if (this.to > this.from) this.pieces.push(slab.subarray(this.from, this.to))
    // The piece goes out with the next flush of this outbox, which may be later than the slab's next use: never reuse it.
    if (slab === this.pool.slab) {
      this.pool.leased = true
      this.pool.released()
    }
    this.slab = undefined
  }

  private drained(): void {
    if (this.wantsDrain && !this.closed && this.pendingBytes < this.limits.highWaterMark) {
      this.wantsDrain = false
      this.onDrain()
    }
  }
}
