import type { Packed } from "../messagePack.ts"
import { writeUtf8 } from "../text.ts"
import { packedKey } from "./packedKey.ts"
import { isNumberOf, MISSING, type RecordShape, type Shape } from "./shape.ts"

// One place in one piece of memory that is used again: values are written one at a time, never at once.
let at = 0
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
        if (!isNumberOf(shape, value)) return false
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
