/** Fixed layouts of bytes: numbers are big-endian, parts follow each other without gaps. */

export const concat = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  let length = 0
  for (const part of parts) length += part.length
  const all = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.length
  }
  return all
}

export const u32 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4)
  putU32(bytes, 0, value)
  return bytes
}

export const putU32 = (bytes: Uint8Array, offset: number, value: number): void => {
  bytes[offset] = value >>> 24
  bytes[offset + 1] = value >>> 16
  bytes[offset + 2] = value >>> 8
  bytes[offset + 3] = value
}

export const u32At = (bytes: Uint8Array, offset: number): number =>
  ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0

export const MAX_U32 = 0xffff_ffff

const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Labels and names; `prefixed` puts the length before it, so that two of them cannot be cut elsewhere. */
export const text = (value: string): Uint8Array => encoder.encode(value)

export const prefixed = (value: Uint8Array): Uint8Array => concat(u32(value.length), value)

/** Reads a layout from its start. A read past the end gives zeros and makes `complete` false: check once, at the end. */
export class Reader {
  private offset = 0
  private broken = false
  private readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Bytes read so far. */
  get position(): number {
    return this.offset
  }

  /** True when everything read was there. */
  get complete(): boolean {
    return !this.broken
  }

  /** True when everything read was there and nothing is left. */
  get finished(): boolean {
    return !this.broken && this.offset === this.bytes.length
  }

  /** The next `length` bytes, as a part of the bytes that are read. */
  take(length: number): Uint8Array {
    if (this.broken || length < 0 || length > this.bytes.length - this.offset) {
      this.broken = true
      return new Uint8Array(0)
    }
    return this.bytes.subarray(this.offset, (this.offset += length))
  }

  u8(): number {
    return this.take(1)[0] ?? 0
  }

  u32(): number {
    const bytes = this.take(4)
    return bytes.length === 4 ? u32At(bytes, 0) : 0
  }

  /** What `prefixed` wrote. */
  prefixed(): Uint8Array {
    return this.take(this.u32())
  }

  /** UTF-8 with its length before it. */
  text(): string {
    try {
      return decoder.decode(this.prefixed())
    } catch {
      this.broken = true
      return ""
    }
  }

  rest(): Uint8Array {
    return this.take(this.bytes.length - this.offset)
  }
}
