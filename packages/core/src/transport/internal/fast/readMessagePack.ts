import { copyBytes } from "../copyBytes.ts"
import { readUtf8 } from "../text.ts"
import { packedKey } from "./packedKey.ts"
import { FAIL, isNumberOf, MISSING, type RecordShape, type Shape } from "./shape.ts"

// One place in one range of bytes: values are read one at a time, never at once.
let bytes: Uint8Array = new Uint8Array(0)
let view: DataView = new DataView(bytes.buffer)
let at = 0
let end = 0

const look = (source: Uint8Array): void => {
  if (source === bytes) return
  bytes = source
  view = new DataView(source.buffer, source.byteOffset, source.byteLength)
}

type Read = () => unknown

const text = (n: number): string | typeof FAIL => {
  const start = at
  at += n
  if (at > end) return FAIL
  if (n <= 12) {
    let or = 0
    for (let i = start; i < at; i++) or |= bytes[i] as number
    if (or < 0x80) return ascii(start, n)
  }
  return readUtf8(bytes, start, at) ?? FAIL
}

/** Up to twelve letters. For a short word this is quicker than the way into the native coder and back. */
const ascii = (i: number, n: number): string => {
  const b = bytes as Uint8Array & { readonly [index: number]: number }
  const of = String.fromCharCode
  if (n > 8)
    return of(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!, b[i + 7]!) + ascii(i + 8, n - 8)
  switch (n) {
    case 0:
      return ""
    case 1:
      return of(b[i]!)
    case 2:
      return of(b[i]!, b[i + 1]!)
    case 3:
      return of(b[i]!, b[i + 1]!, b[i + 2]!)
    case 4:
      return of(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!)
    case 5:
      return of(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!)
    case 6:
      return of(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!)
    case 7:
      return of(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!)
    default:
      return of(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!, b[i + 7]!)
  }
}

const readString: Read = () => {
  const t = bytes[at++] as number
  if (t >= 0xa0 && t < 0xc0) return text(t & 0x1f)
  if (t === 0xd9 && at < end) return text(bytes[at++] as number)
  if (t === 0xda && at + 2 <= end) {
    at += 2
    return text(view.getUint16(at - 2))
  }
  return FAIL
}

const readNumber: Read = () => {
  const t = bytes[at++] as number
  if (t < 0x80) return t
  if (t >= 0xe0) return t - 0x100
  if (at + 8 > bytes.length && at + width(t) > end) return FAIL
  switch (t) {
    case 0xcc:
      return bytes[at++]
    case 0xcd:
      at += 2
      return view.getUint16(at - 2)
    case 0xce:
      at += 4
      return view.getUint32(at - 4)
    case 0xd0:
      return view.getInt8(at++)
    case 0xd1:
      at += 2
      return view.getInt16(at - 2)
    case 0xd2:
      at += 4
      return view.getInt32(at - 4)
    case 0xcb:
      at += 8
      return view.getFloat64(at - 8)
    default:
      return FAIL
  }
}
const width = (t: number): number => (t === 0xcb ? 8 : t === 0xce || t === 0xd2 ? 4 : t === 0xcd || t === 0xd1 ? 2 : 1)

const readBoolean: Read = () => {
  const t = bytes[at++]
  return t === 0xc3 ? true : t === 0xc2 ? false : FAIL
}

const readBytes: Read = () => {
  const t = bytes[at++] as number
  let n: number
  if (t === 0xc4 && at < end) n = bytes[at++] as number
  else if (t === 0xc5 && at + 2 <= end) {
    n = view.getUint16(at)
    at += 2
  } else return FAIL
  const start = at
  at += n
  return at > end ? FAIL : copyBytes(bytes, start, at)
}

const readerOf = (shape: Shape): Read => {
  switch (shape.type) {
    case "string":
      return readString
    case "boolean":
      return readBoolean
    case "bytes":
      return readBytes
    case "number":
      return () => {
        const value = readNumber()
        return isNumberOf(shape, value) ? value : FAIL
      }
    case "literal": {
      const known = new Set<unknown>(shape.values)
      return () => {
        const value = readString()
        return known.has(value) ? value : FAIL
      }
    }
    case "array": {
      const item = readerOf(shape.item)
      return () => {
        const t = bytes[at++] as number
        if (t < 0x90 || t > 0x9f) return FAIL
        const made: Array<unknown> = []
        for (let left = t & 0x0f; left > 0; left--) {
          if (at >= end) return FAIL
          const one = item()
          if (one === FAIL) return FAIL
          made.push(one)
        }
        return made
      }
    }
    case "record":
      return recordReader(shape)
  }
}

const recordReader = ({ fields, make, values }: RecordShape): Read => {
  const keys = fields.map(({ name }) => packedKey(name))
  const readers = fields.map(({ shape }) => readerOf(shape))
  const optional = fields.map((field) => field.optional)
  const count = fields.length
  return () => {
    let left = (bytes[at++] as number) - 0x80
    if (left < 0 || left > 0x0f) return FAIL
    // Fields come in the order of the schema, as our own writer has them; any other order is for the general way.
    for (let i = 0; i < count; i++) {
      const key = keys[i] as Uint8Array
      const n = key.length
      let k = left > 0 && at + n < end ? 0 : n + 1
      while (k < n && bytes[at + k] === key[k]) k++
      if (k !== n) {
        if (optional[i] === false) return FAIL
        values[i] = MISSING
        continue
      }
      at += n
      left--
      const value = (readers[i] as Read)()
      if (value === FAIL) return FAIL
      values[i] = value
    }
    return left === 0 ? make(values) : FAIL
  }
}

/** Reads one value that fills the range exactly. */
export const reader = (shape: Shape): ((source: Uint8Array, start: number, stop: number) => unknown) => {
  const read = readerOf(shape)
  return (source, start, stop) => {
    look(source)
    at = start
    end = stop
    const value = start < stop ? read() : FAIL
    return at === stop ? value : FAIL
  }
}
