/**
 * MessagePack by msgpackr, behind a check that makes hostile bytes cheap: one pass over the structure, before anything
 * is allocated, refuses what is cut off or over-long, nested too deeply, not UTF-8, a key that is no string, or an extension type.
 * https://github.com/msgpack/msgpack/blob/master/spec.md
 */
import { Packr, RESERVE_START_SPACE, RESET_BUFFER_MODE, REUSE_BUFFER_MODE } from "msgpackr/pack"
import { Unpackr } from "msgpackr/unpack"
import { MAX_DEPTH } from "./depth.ts"
import { isUtf8 } from "./text.ts"

const packr = new Packr({ useRecords: false, mapsAsObjects: true, encodeUndefinedAsNil: true, variableMapSize: true })
// Bytes are copied: decoded values never alias receive memory. Integers over 2^53 come as bigint, never rounded.
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, copyBuffers: true, int64AsType: "auto" })
const range = { start: 0, end: 0 }
const left = new Float64Array(MAX_DEPTH + 1)
/** 1 where a level is a map: every other item is a key, and an odd number of items is left after one */
const isMap = new Uint8Array(MAX_DEPTH + 1)

const pair = (b: Uint8Array, at: number): number => ((b[at] as number) << 8) | (b[at + 1] as number)
const quad = (b: Uint8Array, at: number): number =>
  (b[at] as number) * 0x1000000 + (((b[at + 1] as number) << 16) | pair(b, at + 2))

const CUT = "it ends in the middle of a value"
const TEXT = "a string is not valid UTF-8"
const KEY = "a map has a key that is not a string"
const DEPTH = `it nests deeper than ${MAX_DEPTH} levels`

const isTextHead = (t: number): boolean => (t >= 0xa0 && t < 0xc0) || (t >= 0xd9 && t <= 0xdb)

/** Says what is wrong with the MessagePack value in `b` from `at` up to `end`, or `undefined`. */
export const problem = (b: Uint8Array, at: number, end: number): string | undefined => {
  let depth = 0
  left[0] = 1
  for (;;) {
    while (left[depth] === 0) {
      if (depth === 0) return at === end ? undefined : `${end - at} bytes follow the value`
      depth--
    }
    ;(left[depth] as number)--
    if (at >= end) return CUT
    const t = b[at++] as number
    if (isMap[depth] === 1 && ((left[depth] as number) & 1) === 1 && !isTextHead(t)) return KEY
    if (t < 0x80 || t >= 0xe0) continue
    let items = -1
    let bytes = -1
    let text = false
    if (t < 0x90) items = (t & 0x0f) * 2
    else if (t < 0xa0) items = t & 0x0f
    else if (t < 0xc0) {
      bytes = t & 0x1f
      text = true
    } else {
      switch (t) {
        case 0xc0:
        case 0xc2:
        case 0xc3:
          continue
        case 0xcc:
        case 0xd0:
          at += 1
          break
        case 0xcd:
        case 0xd1:
          at += 2
          break
        case 0xca:
        case 0xce:
        case 0xd2:
          at += 4
          break
        case 0xcb:
        case 0xcf:
        case 0xd3:
          at += 8
          break
        case 0xd9:
        case 0xc4:
          text = t === 0xd9
          if (at + 1 > end) return CUT
          bytes = b[at] as number
          at += 1
          break
        case 0xda:
        case 0xc5:
          text = t === 0xda
          if (at + 2 > end) return CUT
          bytes = pair(b, at)
          at += 2
          break
        case 0xdb:
        case 0xc6:
          text = t === 0xdb
          if (at + 4 > end) return CUT
          bytes = quad(b, at)
          at += 4
          break
        case 0xdc:
        case 0xde:
          if (at + 2 > end) return CUT
          items = pair(b, at) * (t === 0xde ? 2 : 1)
          at += 2
          break
        case 0xdd:
        case 0xdf:
          if (at + 4 > end) return CUT
          items = quad(b, at) * (t === 0xdf ? 2 : 1)
          at += 4
          break
        default:
          return t === 0xc1 ? "byte 0xc1 is no MessagePack" : "extension types are not part of the wire"
      }
    }
    if (bytes >= 0) {
      if (bytes > end - at) return CUT
      if (text && !isUtf8(b, at, at + bytes)) return TEXT
      at += bytes
    } else if (items >= 0) {
      // every item takes a byte at least, so a count over what is left is a lie: nothing is allocated for it
      if (items > end - at) return CUT
      if (depth === MAX_DEPTH) return DEPTH
      left[++depth] = items
      isMap[depth] = t < 0x90 || t >= 0xde ? 1 : 0
    } else if (at > end) return CUT
  }
}

/** The value in a range that `problem` has passed. */
export const unpack = (b: Uint8Array, start: number, end: number): unknown => {
  if (b !== seen) {
    seen = b
    source = new Uint8Array(b.buffer, b.byteOffset, b.byteLength)
  }
  range.start = start
  range.end = end
  return unpackr.unpack(source, range)
}
// msgpackr copies binary fields into its source's own class: of a Buffer they would be Buffers
let seen: Uint8Array = new Uint8Array(0)
let source = seen

/** A packed value: `bytes` from `start` to `end`, with free bytes at `start`; valid until the next one is packed. */
export class Packed {
  bytes: Uint8Array = new Uint8Array(0)
  start = 0
  end = 0
}
const packed = new Packed()

/** Packs a value behind `reserve` free bytes (at most 255) in memory that is used again. */
export const pack = (value: unknown, reserve: number): Packed => {
  // msgpackr's types leave out the number form of the second parameter and what it returns in this mode
  const target = (packr.pack as (value: unknown, mode: number) => unknown)(
    value,
    REUSE_BUFFER_MODE | RESET_BUFFER_MODE | RESERVE_START_SPACE | reserve
  ) as Uint8Array & { readonly start: number; readonly end: number }
  packed.bytes = target
  packed.start = target.start
  packed.end = target.end
  return packed
}

/**
 * Packs plain data of any origin. msgpackr writes half of a surrogate pair as it stands, which is no UTF-8: such data is
 * packed again with U+FFFD in its place.
 */
export const packData = (value: unknown, reserve: number): Packed => {
  const { bytes, end, start } = pack(value, reserve)
  return problem(bytes, start + reserve, end) === undefined ? packed : pack(wellFormed(value), reserve)
}

const wellFormed = (value: unknown): unknown => {
  if (typeof value === "string") return value.toWellFormed()
  if (Array.isArray(value)) return value.map(wellFormed)
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toWellFormed(), wellFormed(item)]))
}
