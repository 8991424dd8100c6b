import { FrameError } from "../FrameError.ts"
import type { FrameReader, OnFrame } from "../Framing.ts"
import { Tail } from "./Tail.ts"

const LF = 10
const CR = 13

export class NewlineReader implements FrameReader {
  failure: FrameError | undefined
  private readonly max: number
  private readonly tail = new Tail()
  private stopped = false

  constructor(max: number) {
    this.max = max
  }

  get heldBytes(): number {
    return this.tail.length
  }

  get isWithinFrame(): boolean {
    return this.tail.length > 0
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
    const size = chunk.length
    let at = start
    while (at < size) {
      const found = chunk.indexOf(LF, at)
      if (found < 0) {
        // one more than the limit: the last byte may be the CR of a frame that is just within it
        if (this.tail.length + size - at > this.max + 1) return this.fail(size)
        this.tail.add(chunk, at, size, this.max + 1)
        return size
      }
      let bytes = chunk
      let from = at
      let to = found
      at = found + 1
      if (this.tail.length > 0) {
        const length = this.tail.length + found - from
        if (length > this.max + 1) return this.fail(size)
        if (found > from) this.tail.add(chunk, from, found, this.max + 1)
        bytes = this.tail.take()
        from = 0
        to = length
      }
      if (to > from && bytes[to - 1] === CR) to--
      if (to - from > this.max) return this.fail(size)
      onFrame(bytes, from, to)
      if (this.stopped) return at
    }
    return at
  }

  private fail(end: number): number {
    this.failure = new FrameError({
      reason: "too-large",
      stage: "newline",
      message: `A line went on for more than ${this.max} bytes, which is the limit (maxFrameBytes).`
    })
    this.tail.bytes = undefined
    this.tail.length = 0
    return end
  }
}
