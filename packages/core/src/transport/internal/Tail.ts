import { allocate } from "./allocate.ts"

/** The part of a frame that has come so far: grows with the bytes, never with what a header announces. */
export class Tail {
  bytes: Uint8Array | undefined
  length = 0

  /** Adds `chunk` from `start` up to `end`; never allocates more than `limit` bytes. */
  add(chunk: Uint8Array, start: number, end: number, limit: number): void {
    const length = this.length + end - start
    let bytes = this.bytes
    if (bytes === undefined || bytes.length < length) {
      const grown = allocate(Math.min(limit, Math.max(length, 2 * (bytes?.length ?? 0), 64)))
      if (bytes !== undefined) grown.set(bytes.subarray(0, this.length))
      this.bytes = bytes = grown
    }
    bytes.set(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end), this.length)
    this.length = length
  }

  /** Gives the collected bytes away and holds nothing any more. */
  take(): Uint8Array {
    const bytes = this.bytes as Uint8Array
    this.bytes = undefined
    this.length = 0
    return bytes
  }
}
