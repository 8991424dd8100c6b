/** MessagePack as docs/wire.md §2.2 wants it: no extension types, maps with string keys. */

const head = (code: number, ...bytes: ReadonlyArray<number>): Buffer => Buffer.from([code, ...bytes])

const sized = (length: number, small: number, limit: number, sixteen: number): Buffer =>
  length < limit ? head(small | length) : head(sixteen, length >> 8, length & 0xff)

const integer = (value: number): Buffer => {
  if (value >= 0 && value < 128) return head(value)
  const bytes = Buffer.alloc(9)
  bytes[0] = 0xd3
  bytes.writeBigInt64BE(BigInt(value), 1)
  return bytes
}

export const pack = (value: unknown): Buffer => {
  if (value === null) return head(0xc0)
  if (typeof value === "boolean") return head(value ? 0xc3 : 0xc2)
  if (typeof value === "number") {
    if (Number.isInteger(value)) return integer(value)
    const bytes = Buffer.alloc(9)
    bytes[0] = 0xcb
    bytes.writeDoubleBE(value, 1)
    return bytes
  }
  if (typeof value === "string") {
    const text = Buffer.from(value)
    return Buffer.concat([sized(text.length, 0xa0, 32, 0xda), text])
  }
  if (value instanceof Uint8Array) return Buffer.concat([head(0xc5, value.length >> 8, value.length & 0xff), value])
  if (Array.isArray(value)) return Buffer.concat([sized(value.length, 0x90, 16, 0xdc), ...value.map(pack)])
  const entries = Object.entries(value as object)
  return Buffer.concat([sized(entries.length, 0x80, 16, 0xde), ...entries.flat().map(pack)])
}

export const unpack = (b: Buffer): unknown => {
  let at = 0
  const unsigned = (size: number): number => {
    at += size
    return b.readUIntBE(at - size, size)
  }
  const text = (length: number): string => {
    at += length
    return b.toString("utf8", at - length, at)
  }
  const list = (length: number): ReadonlyArray<unknown> => Array.from({ length }, () => next())
  const map = (length: number): unknown => Object.fromEntries(Array.from({ length }, () => [next(), next()]))
  const next = (): unknown => {
    const code = unsigned(1)
    if (code < 0x80) return code
    if (code < 0x90) return map(code & 0x0f)
    if (code < 0xa0) return list(code & 0x0f)
    if (code < 0xc0) return text(code & 0x1f)
    if (code >= 0xe0) return code - 0x100
    switch (code) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
      case 0xc5: {
        const length = unsigned(code === 0xc4 ? 1 : 2)
        at += length
        return new Uint8Array(b.subarray(at - length, at))
      }
      case 0xcb:
        at += 8
        return b.readDoubleBE(at - 8)
      case 0xcc:
        return unsigned(1)
      case 0xcd:
        return unsigned(2)
      case 0xce:
        return unsigned(4)
      case 0xcf:
      case 0xd3:
        at += 8
        return Number(b.readBigInt64BE(at - 8))
      case 0xd0:
        at += 1
        return b.readInt8(at - 1)
      case 0xd1:
        at += 2
        return b.readInt16BE(at - 2)
      case 0xd2:
        at += 4
        return b.readInt32BE(at - 4)
      case 0xd9:
        return text(unsigned(1))
      case 0xda:
        return text(unsigned(2))
      case 0xdb:
        return text(unsigned(4))
      case 0xdc:
        return list(unsigned(2))
      case 0xde:
        return map(unsigned(2))
      default:
        throw new Error(`MessagePack with byte 0x${code.toString(16)}`)
    }
  }
  return next()
}
