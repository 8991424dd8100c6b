import { copyBytes } from "../copyBytes.ts"
import type { Packed } from "../messagePack.ts"
import { readUtf8, writeUtf8 } from "../text.ts"
import { FAIL, isNumberOf, MISSING, type RecordShape, type Shape } from "./shape.ts"

// Reading and writing share one place in one range of bytes: values are coded one at a time, never at once.
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

const packedKey = (name: string): Uint8Array => {
  const room = new Uint8Array(name.length * 3 + 3)
  const n = writeUtf8(room, name, 3)
  if (n < 0x20) {
    room[2] = 0xa0 | n
    return room.slice(2, 3 + n)
  }
  room[1] = 0xd9
  room[2] = n
  return room.slice(1, 3 + n)
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

// --- writing -------------------------------------------------------------------------------------------------------

let room = new Uint8Array(4096)
let roomView = new DataView(room.buffer)

/** Makes sure of `n` more bytes. */
const need = (n: number): void => {
  if (at + n <= room.length) return
  const larger = new Uint8Array(Math.max(room.length * 2, at + n))
  larger.set(room.subarray(0, at))
  room = larger
  roomView = new DataView(room.buffer)
}

type Write = (value: unknown) => boolean

const writeString: Write = (value) => {
  if (typeof value !== "string") return false
  const n = value.length
  if (n > 0x4000) return false
  need(n * 3 + 3)
  if (n < 0x20) {
    const head = at++
    for (let i = 0; i < n; i++) {
      const c = value.charCodeAt(i)
      if (c > 0x7f) {
        at = head
        return writeText(value, n)
      }
      room[at++] = c
    }
    room[head] = 0xa0 | n
    return true
  }
  return writeText(value, n)
}

/** The shortest head that fits is known once the text is written: it is written behind a guess, and moved where that was wrong. */
const writeText = (value: string, n: number): boolean => {
  const guess = n < 0x20 ? 1 : n < 0x100 ? 2 : 3
  const length = writeUtf8(room, value, at + guess)
  const head = length < 0x20 ? 1 : length < 0x100 ? 2 : 3
  if (head !== guess) room.copyWithin(at + head, at + guess, at + guess + length)
  if (head === 1) room[at] = 0xa0 | length
  else if (head === 2) {
    room[at] = 0xd9
    room[at + 1] = length
  } else {
    room[at] = 0xda
    roomView.setUint16(at + 1, length)
  }
  at += head + length
  return true
}

const writeNumber = (value: number): void => {
  need(9)
  if (value >>> 0 === value) {
    if (value < 0x80) room[at++] = value
    else if (value < 0x100) {
      room[at++] = 0xcc
      room[at++] = value
    } else if (value < 0x10000) {
      room[at++] = 0xcd
      room[at++] = value >> 8
      room[at++] = value
    } else {
      room[at] = 0xce
      roomView.setUint32(at + 1, value)
      at += 5
    }
  } else if (value >> 0 === value) {
    if (value >= -0x20) room[at++] = 0x100 + value
    else if (value >= -0x80) {
      room[at++] = 0xd0
      room[at++] = value
    } else if (value >= -0x8000) {
      room[at] = 0xd1
      roomView.setInt16(at + 1, value)
      at += 3
    } else {
      room[at] = 0xd2
      roomView.setInt32(at + 1, value)
      at += 5
    }
  } else {
    room[at] = 0xcb
    roomView.setFloat64(at + 1, value)
    at += 9
  }
}

const writeBytes: Write = (value) => {
  if (!(value instanceof Uint8Array) || value.length > 0xffff) return false
  const n = value.length
  need(n + 3)
  if (n < 0x100) {
    room[at++] = 0xc4
    room[at++] = n
  } else {
    room[at] = 0xc5
    roomView.setUint16(at + 1, n)
    at += 3
  }
  room.set(value, at)
  at += n
  return true
}

const writerOf = (shape: Shape): Write => {
  switch (shape.type) {
    case "string":
      return writeString
    case "bytes":
      return writeBytes
    case "boolean":
      return (value) => {
        if (typeof value !== "boolean") return false
        need(1)
        room[at++] = value ? 0xc3 : 0xc2
        return true
      }
    case "number":
      return (value) => {
        // the infinities and NaN have a form of their own on the wire: the general way knows it
        if (!isNumberOf(shape, value) || !Number.isFinite(value)) return false
        writeNumber(value)
        return true
      }
    case "literal": {
      const known = new Set<unknown>(shape.values)
      return (value) => known.has(value) && writeString(value)
    }
    case "array": {
      const item = writerOf(shape.item)
      return (value) => {
        if (!Array.isArray(value) || value.length > 0x0f) return false
        need(1)
        room[at++] = 0x90 | value.length
        for (let i = 0; i < value.length; i++) if (!item(value[i])) return false
        return true
      }
    }
    case "record":
      return recordWriter(shape)
  }
}

const recordWriter = ({ fields, take, values }: RecordShape): Write => {
  const keys = fields.map(({ name }) => packedKey(name))
  const writers = fields.map(({ shape }) => writerOf(shape))
  const count = fields.length
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false
    take(value, values)
    need(1)
    const head = at++
    let written = 0
    for (let i = 0; i < count; i++) {
      const field = values[i]
      if (field === MISSING) continue
      const key = keys[i] as Uint8Array
      const n = key.length
      need(n)
      for (let k = 0; k < n; k++) room[at + k] = key[k] as number
      at += n
      if (!(writers[i] as Write)(field)) return false
      written++
    }
    room[head] = 0x80 | written
    return true
  }
}

/** Writes one value behind `reserve` free bytes; false where that is left to the general way. */
export const writer = (shape: Shape): ((value: unknown, reserve: number, into: Packed) => boolean) => {
  const write = writerOf(shape)
  return (value, reserve, into) => {
    at = reserve
    if (!write(value)) return false
    into.bytes = room
    into.start = 0
    into.end = at
    return true
  }
}
