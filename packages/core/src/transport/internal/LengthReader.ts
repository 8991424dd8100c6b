import { FrameError } from "../FrameError.ts"
import type { FrameReader, OnFrame } from "../Framing.ts"
import { Tail } from "./Tail.ts"

export class LengthReader implements FrameReader {
  failure: FrameError | undefined
  private readonly name: string
  private readonly headerBytes: number
  private readonly big: boolean
  private readonly max: number
  /** bytes of a header that a chunk's end has cut, and their value so far */
  private headerHave = 0
  private headerValue = 0
  /** length of the frame that a chunk's end has cut; -1 between frames and within a header */
  private need = -1
  private readonly tail = new Tail()
  private stopped = false

  constructor(name: string, headerBytes: number, big: boolean, max: number) {
    this.name = name
    this.headerBytes = headerBytes
    this.big = big
    this.max = max
  }

  get heldBytes(): number {
    return this.tail.length
  }

  get isWithinFrame(): boolean {
    return this.headerHave > 0 || this.need >= 0
  }

  stop(): void {
    this.stopped = true
  }

  go(): void {
    this.stopped = false
  }

  push(chunk: Uint8Array, start: number, onFrame: OnFrame): number {
    this.stopped = false
    if (this.failure !== undefined) return chunk.length
    let at = start
    if (this.headerHave > 0 || this.need >= 0) {
      at = this.finish(chunk, at, onFrame)
      if (this.stopped || this.failure !== undefined) return at
    }
    const size = chunk.length
    const headerBytes = this.headerBytes
    const max = this.max
    while (at + headerBytes <= size) {
      const length = this.lengthAt(chunk, at)
      if (length > max) return this.fail(length, size)
      const from = at + headerBytes
      const to = from + length
      if (to > size) {
        this.need = length
        if (from < size) this.tail.add(chunk, from, size, length)
        return size
      }
      at = to
      onFrame(chunk, from, to)
      if (this.stopped) return at
    }
    while (at < size) this.header(chunk[at++] as number)
    return at
  }

  /** Completes the frame that the last chunk's end has cut. */
  private finish(chunk: Uint8Array, start: number, onFrame: OnFrame): number {
    const size = chunk.length
    let at = start
    if (this.need < 0) {
      while (this.headerHave < this.headerBytes) {
        if (at === size) return size
        this.header(chunk[at++] as number)
      }
      const length = this.headerValue
      this.headerHave = 0
      this.headerValue = 0
      if (length > this.max) return this.fail(length, size)
      this.need = length
    }
    const need = this.need
    const missing = need - this.tail.length
    if (size - at < missing) {
      if (at < size) this.tail.add(chunk, at, size, need)
      return size
    }
    this.need = -1
    const to = at + missing
    if (this.tail.length === 0) onFrame(chunk, at, to)
    else {
      this.tail.add(chunk, at, to, need)
      onFrame(this.tail.take(), 0, need)
    }
    return to
  }

  /** One byte of a header, as a floating number: a u64 may round, but not down to an allowed length. */
  private header(byte: number): void {
    const have = this.headerHave++
    this.headerValue = this.big ? this.headerValue * 256 + byte : this.headerValue + byte * 2 ** (8 * have)
  }

  private lengthAt(b: Uint8Array, at: number): number {
    if (this.headerBytes === 4) return this.big ? u32be(b, at) : u32le(b, at)
    return this.big ? u32be(b, at) * 0x100000000 + u32be(b, at + 4) : u32le(b, at + 4) * 0x100000000 + u32le(b, at)
  }

  private fail(length: number, end: number): number {
    this.failure = new FrameError({
      reason: "too-large",
      stage: this.name,
      message: `A frame of ${length} bytes was announced; the limit is ${this.max} bytes (maxFrameBytes).`
    })
    this.tail.bytes = undefined
    this.tail.length = 0
    return end
  }
}

const u32be = (b: Uint8Array, at: number): number =>
  (((b[at] as number) << 24) | ((b[at + 1] as number) << 16) | ((b[at + 2] as number) << 8) | (b[at + 3] as number)) >>>
  0

const u32le = (b: Uint8Array, at: number): number =>
  ((b[at] as number) | ((b[at + 1] as number) << 8) | ((b[at + 2] as number) << 16) | ((b[at + 3] as number) << 24)) >>>
  0
