/**
 * Collects what a connection sends within one turn of the event loop and hands it to the kernel in one write: one write
 * per message is what makes messaging servers slow, not the socket. For authors of transports over byte streams.
 *
 * All outboxes of a pool encode into shared slabs. As long as the kernel takes everything at once, which is the rule, a
 * slab is used again and nothing is allocated; an idle connection holds no buffer. A connection whose peer does not read
 * keeps its backlog in memory of its own, in few large pieces, so that it can hold neither slabs nor thousands of writes.
 */
import type { TurnShape } from "../app/Turn.ts"
import { allocate } from "./internal/allocate.ts"
import type { EncodeInto, SendResult } from "./Transport.ts"

/** The writable side of a socket, as Node's `net.Socket` has it. */
export interface Sink {
  readonly write: (chunk: Uint8Array, done: () => void) => unknown
  /** Bytes handed over and not yet taken by the kernel. */
  readonly writableLength: number
  readonly cork: () => void
  readonly uncork: () => void
}

/** Bounds of what a connection may have pending, in bytes. */
export interface OutboxLimits {
  /** From this many pending bytes on, sends answer `full`. */
  readonly highWaterMark: number
  /** A send that would bring the pending bytes over this answers `refused`. */
  readonly maxPendingBytes: number
}

export const defaultLimits: OutboxLimits = { highWaterMark: 64 * 1024, maxPendingBytes: 4 * 1024 * 1024 }

/** `limits` with what is missing filled in: 64 KiB and 4 MiB, or twice the largest frame where that is more. */
export const limitsOf = (limits: Partial<OutboxLimits> | undefined, maxFrameBytes: number): OutboxLimits => ({
  highWaterMark: defaultLimits.highWaterMark,
  maxPendingBytes: Math.max(defaultLimits.maxPendingBytes, 2 * maxFrameBytes),
  ...limits
})

/** Why these limits cannot work with frames of up to `maxFrameBytes`, in words; `undefined` if they can. */
export const limitsProblem = (limits: OutboxLimits, maxFrameBytes: number): string | undefined => {
  const { highWaterMark, maxPendingBytes } = limits
  // headers and terminators of every framing here fit into 16 bytes
  if (maxPendingBytes < maxFrameBytes + 16) {
    return `maxPendingBytes is ${maxPendingBytes}, which is no room for one frame of ${maxFrameBytes} bytes (maxFrameBytes) and its header.`
  }
  if (highWaterMark < 1 || highWaterMark > maxPendingBytes) {
    return `highWaterMark is ${highWaterMark}; it must be from 1 to maxPendingBytes, which is ${maxPendingBytes}.`
  }
  return undefined
}

const SLAB_BYTES = 64 * 1024
/** An outbox that holds this much does not wait for the end of the turn, so that the slab is free again. */
const FLUSH_BYTES = 32 * 1024
/** Frames up to this size are copied into the slab, larger ones are passed on by reference. */
const COPY_BYTES = 2 * 1024
/** While the peer does not read, only smaller frames are copied: larger ones may be shared by many stalled connections. */
const COPY_STALLED_BYTES = 256
/** A connection's part of a slab is at least this long, so that frames to many connections do not alternate in it. */
const CLAIM_BYTES = 256
/** Slabs kept for the next turn: 1 MiB. */
const SPARE_SLABS = 16

class Slab {
  readonly bytes = allocate(SLAB_BYTES)
  top = 0
  /** outboxes that have bytes in it which are not handed over yet */
  holders = 0
  /** the kernel still reads from it: it must not be written to again */
  leased = false
}

/** Shares slabs and one flush per turn among the connections of a listener. */
export class OutboxPool {
  readonly turn: TurnShape
  private slab = new Slab()
  private readonly spares: Array<Slab> = []
  private dirty: Array<Outbox> = []
  private flushing: Array<Outbox> = []
  private scheduled = false
  private readonly flushAll: () => void

  constructor(turn: TurnShape) {
    this.turn = turn
    this.flushAll = () => {
      this.scheduled = false
      const dirty = this.dirty
      this.dirty = this.flushing
      this.flushing = dirty
      for (let i = 0; i < dirty.length; i++) (dirty[i] as Outbox).flush()
      dirty.length = 0
    }
  }

  mark(outbox: Outbox): void {
    this.dirty.push(outbox)
    if (!this.scheduled) {
      this.scheduled = true
      this.turn.schedule(this.flushAll)
    }
  }

  /** A slab with room for `bytes`, which may be `held` itself; counts its caller as a holder unless it is. */
  hold(bytes: number, held: Slab | undefined): Slab {
    let slab = this.slab
    if (slab.top + bytes > SLAB_BYTES) slab = this.slab = this.spares.pop() ?? new Slab()
    if (slab !== held) slab.holders++
    return slab
  }

  release(slab: Slab): void {
    if (--slab.holders > 0) return
    if (!slab.leased) {
      slab.top = 0
      if (slab !== this.slab && this.spares.length < SPARE_SLABS) this.spares.push(slab)
    } else if (slab === this.slab) this.slab = this.spares.pop() ?? new Slab()
  }
}

export class Outbox {
  private readonly pool: OutboxPool
  private readonly sink: Sink
  private readonly limits: OutboxLimits
  private readonly onDrain: () => void
  private readonly taken: () => void
  /** finished pieces, in order; the open piece comes after them */
  private pieces: Array<Uint8Array> | undefined
  private open: Uint8Array | undefined
  private from = 0
  private to = 0
  private end = 0
  /** the slab in which pieces and perhaps the open piece lie */
  private slab: Slab | undefined
  /** what the last turn needed: the first guess for the next */
  private claim = CLAIM_BYTES
  private queued = 0
  private inKernelQueue = 0
  private marked = false
  private wantsDrain = false
  private closed = false
  /** true while the transport hands out a chunk's frames: it flushes by itself at the chunk's end */
  reading = false

  /** `onDrain` must not throw; it is called from `flush` or by the sink, never from within a send. */
  constructor(pool: OutboxPool, sink: Sink, limits: OutboxLimits, onDrain: () => void) {
    this.pool = pool
    this.sink = sink
    this.limits = limits
    this.onDrain = onDrain
    this.taken = () => {
      if (this.closed) return
      const stalled = this.inKernelQueue > 0
      this.inKernelQueue = this.sink.writableLength
      if (stalled && this.inKernelQueue === 0 && this.queued > 0) this.handOver()
      this.drained()
    }
  }

  /** Bytes accepted and not yet taken by the kernel. */
  get pendingBytes(): number {
    return this.queued + this.inKernelQueue
  }

  /** True when `bytes` more would be refused. */
  isOver(bytes: number): boolean {
    return this.closed || this.queued + this.inKernelQueue + bytes > this.limits.maxPendingBytes
  }

  /**
   * Where up to `bytes` bytes may be written: returns the offset in `this.buffer`. What is not followed by `commit` was
   * never there. Callers ask `isOver` first.
   */
  reserve(bytes: number): number {
    if (this.open !== undefined) {
      if (this.to + bytes <= this.end) return this.to
      const slab = this.slab
      if (slab !== undefined && this.open === slab.bytes && this.end === slab.top && this.to + bytes <= SLAB_BYTES) {
        // nobody claimed a part behind ours: it simply grows
        slab.top = this.end = Math.min(SLAB_BYTES, this.to + Math.max(bytes, CLAIM_BYTES))
        return this.to
      }
      this.claim = Math.max(this.claim, 2 * (this.to - this.from))
      this.seal()
    }
    if (this.inKernelQueue > 0 || bytes > SLAB_BYTES) {
      this.end = Math.max(bytes, Math.min(SLAB_BYTES, Math.max(1024, this.queued)))
      this.open = allocate(this.end)
      this.from = this.to = 0
      return 0
    }
    const size = Math.max(bytes, Math.min(this.claim, FLUSH_BYTES / 4))
    const slab = this.pool.hold(size, this.slab)
    if (slab !== this.slab) {
      if (this.slab !== undefined) {
        // pieces of ours stay behind there until the flush: it is left to them
        this.slab.leased = true
        this.pool.release(this.slab)
      }
      this.slab = slab
    }
    this.open = slab.bytes
    this.from = this.to = slab.top
    slab.top = this.end = this.from + size
    this.mark()
    return this.from
  }

  get buffer(): Uint8Array {
    return this.open as Uint8Array
  }

  /** Takes the first `bytes` of what was reserved into the queue. */
  commit(bytes: number): SendResult {
    this.to += bytes
    if (this.inKernelQueue > 0 && this.end - this.to > SLAB_BYTES) {
      // a backlog lives long: it must not hold a worst case that was not needed
      // not slice: that of a Buffer is no copy
      this.push(new Uint8Array((this.open as Uint8Array).subarray(this.from, this.to)))
      this.open = undefined
    }
    return this.took(bytes)
  }

  /** Queues a frame that never changes again; small ones are copied, large ones passed on as they are. */
  append(frame: Uint8Array): SendResult {
    const bytes = frame.length
    if (bytes <= (this.inKernelQueue === 0 ? COPY_BYTES : COPY_STALLED_BYTES)) {
      const at = this.reserve(bytes)
      this.buffer.set(frame, at)
      return this.commit(bytes)
    }
    if (this.open !== undefined) this.seal()
    this.push(frame)
    return this.took(bytes)
  }

  /** Hands everything to the kernel, as one write; while the kernel takes nothing more, it waits until it does. */
  flush(): void {
    this.marked = false
    if (this.closed) return
    if (this.inKernelQueue === 0) {
      if (this.queued > 0) this.handOver()
      else if (this.slab !== undefined) {
        // reserved and never committed
        this.pool.release(this.slab)
        this.slab = undefined
        this.open = undefined
      }
    }
    this.drained()
  }

  /** Hands over even what waits for the kernel: before the sink is ended. */
  finish(): void {
    if (this.queued > 0 && !this.closed) this.handOver()
  }

  /** Gives up what is queued; every send from now on is refused. */
  dispose(): void {
    if (this.closed) return
    this.closed = true
    if (this.slab !== undefined) this.pool.release(this.slab)
    this.slab = undefined
    this.open = undefined
    this.pieces = undefined
    this.queued = this.inKernelQueue = 0
  }

  /** `encode`s one frame with room for `maxBytes`, behind no header. */
  write(maxBytes: number, encode: EncodeInto): SendResult {
    if (this.isOver(maxBytes)) return "refused"
    const at = this.reserve(maxBytes)
    const bytes = encode(this.buffer, at)
    return bytes < 0 ? "refused" : this.commit(bytes)
  }

  private took(bytes: number): SendResult {
    this.queued += bytes
    // with bytes in the kernel's queue nothing needs to be scheduled: `taken` goes on
    if (this.inKernelQueue === 0) {
      if (this.queued >= FLUSH_BYTES) this.handOver()
      if (this.queued > 0) this.mark()
    }
    if (this.queued + this.inKernelQueue < this.limits.highWaterMark) return "sent"
    this.wantsDrain = true
    return "full"
  }

  private handOver(): void {
    const sink = this.sink
    const open = this.open
    const pieces = this.pieces
    const slab = this.slab
    const last = open !== undefined && this.to > this.from ? open.subarray(this.from, this.to) : undefined
    this.claim = Math.max(this.queued, CLAIM_BYTES)
    this.open = undefined
    this.pieces = undefined
    this.slab = undefined
    this.queued = 0
    if (pieces === undefined) {
      if (last !== undefined) sink.write(last, this.taken)
    } else {
      sink.cork()
      for (let i = 0; i < pieces.length; i++) sink.write(pieces[i] as Uint8Array, this.taken)
      if (last !== undefined) sink.write(last, this.taken)
      sink.uncork()
    }
    this.inKernelQueue = sink.writableLength
    if (slab !== undefined) {
      if (this.inKernelQueue > 0) slab.leased = true
      this.pool.release(slab)
    }
  }

  /** The pool flushes at the end of the turn. While a chunk is read, its reader does, at the chunk's end. */
  private mark(): void {
    if (this.marked || this.reading) return
    this.marked = true
    this.pool.mark(this)
  }

  private seal(): void {
    if (this.to > this.from) this.push((this.open as Uint8Array).subarray(this.from, this.to))
    this.open = undefined
  }

  private push(piece: Uint8Array): void {
    if (this.pieces === undefined) this.pieces = [piece]
    else this.pieces.push(piece)
  }

  private drained(): void {
    if (this.wantsDrain && !this.closed && this.pendingBytes < this.limits.highWaterMark) {
      this.wantsDrain = false
      this.onDrain()
    }
  }
}
