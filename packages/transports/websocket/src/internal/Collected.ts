/** Bytes that come in pieces, in one buffer that grows with what has really arrived, not with what was announced. */

const SMALLEST = 1024

/** Buffers, as chunks of a socket are, so that a handler meets one kind only; not from Node's pool, which would be held. */
const allocate = (bytes: number): Uint8Array => Buffer.allocUnsafeSlow(bytes)

export class Collected {
  bytes: Uint8Array
  length = 0
  private readonly limit: number

  /** Will never hold more than `limit` bytes. */
  constructor(limit: number, first: number) {
    this.limit = limit
    this.bytes = allocate(Math.min(limit, Math.max(SMALLEST, 2 * first)))
  }

  append(from: Uint8Array, start: number, end: number): void {
    const length = this.length + end - start
    if (length > this.bytes.length) {
      const grown = allocate(Math.min(this.limit, Math.max(length, 2 * this.bytes.length)))
      grown.set(this.bytes.subarray(0, this.length))
      this.bytes = grown
    }
    this.bytes.set(from.subarray(start, end), this.length)
    this.length = length
  }
}
