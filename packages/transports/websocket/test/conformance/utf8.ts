import {
  binary,
  type Case,
  utf8 as encode,
  fragments,
  gotBinary,
  gotClose,
  gotText,
  hex,
  last,
  ping,
  text,
  textMore
} from "./Case.ts"

/** Valid sequences: RFC 3629, and the boundaries of each length (Kuhn, UTF-8 decoder stress test, section 2). */
const VALID: ReadonlyArray<readonly [string, Uint8Array]> = [
  ["ASCII", encode("Hello, world!")],
  ["two to four bytes", encode("Hello-µ@ßöäüàá-UTF-8!! κόσμε 日本語 🎉")],
  ["U+0000", hex("00")],
  ["U+0080", hex("c2 80")],
  ["U+0800", hex("e0 a0 80")],
  ["U+10000", hex("f0 90 80 80")],
  ["U+007F", hex("7f")],
  ["U+07FF", hex("df bf")],
  ["U+FFFF", hex("ef bf bf")],
  ["U+10FFFF", hex("f4 8f bf bf")],
  ["U+D7FF", hex("ed 9f bf")],
  ["U+E000", hex("ee 80 80")],
  ["U+FFFD", hex("ef bf bd")],
  ["a byte order mark", hex("ef bb bf 41")],
  ["a noncharacter", hex("f0 9f bf be")]
]

/** Invalid sequences: sections 2, 3, 4 and 5 of the same test. */
const INVALID: ReadonlyArray<readonly [string, Uint8Array]> = [
  ["a lone continuation byte", hex("80")],
  ["seven continuation bytes", hex("80 bf 80 bf 80 bf 80")],
  ["a lone first byte of two", hex("c2")],
  ["a lone first byte of three", hex("e0 a0")],
  ["a lone first byte of four", hex("f0 90 80")],
  ["first byte of two, then a space", hex("c2 20")],
  ["first byte of three, then a space", hex("e0 20")],
  ["FE", hex("fe")],
  ["FF", hex("ff")],
  ["FE FE FF FF", hex("fe fe ff ff")],
  ["overlong / of two", hex("c0 af")],
  ["overlong / of three", hex("e0 80 af")],
  ["overlong / of four", hex("f0 80 80 af")],
  ["overlong NUL", hex("c0 80")],
  ["overlong U+007F", hex("c1 bf")],
  ["overlong U+07FF", hex("e0 9f bf")],
  ["overlong U+FFFF", hex("f0 8f bf bf")],
  ["surrogate D800", hex("ed a0 80")],
  ["surrogate DFFF", hex("ed bf bf")],
  ["surrogate pair", hex("ed a0 80 ed b0 80")],
  ["U+110000", hex("f4 90 80 80")],
  ["five bytes", hex("f8 88 80 80 80")],
  ["six bytes", hex("fc 84 80 80 80 80")],
  ["good bytes around a bad one", hex("ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64")]
]

const join = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => Uint8Array.from(Buffer.concat(parts))
const padding = encode("x".repeat(700))

const valid: ReadonlyArray<Case> = VALID.flatMap(([what, payload]) => [
  { name: `6.2 ${what}, whole`, frames: [text(payload)], expect: [gotText(payload)] },
  { name: `6.2 ${what}, each byte a fragment`, frames: fragments(1, payload, 1), expect: [gotText(payload)] }
])

const invalid: ReadonlyArray<Case> = INVALID.flatMap(([what, payload]) => [
  { name: `6.3 ${what}, whole`, frames: [text(payload), ping("")], expect: [gotClose(1007)] },
  { name: `6.3 ${what}, each byte a fragment`, frames: fragments(1, payload, 1), expect: [gotClose(1007)] },
  {
    name: `6.4 ${what}, at the end of 700 good bytes`,
    frames: [text("before"), text(join(padding, payload))],
    expect: [gotText("before"), gotClose(1007)]
  },
  { name: `6.5 ${what}, in a binary message`, frames: [binary(payload)], expect: [gotBinary(payload)] }
])

const greek = encode("κόσμε")
const splits: ReadonlyArray<Case> = Array.from({ length: greek.length - 1 }, (_, i) => i + 1).flatMap((at) => [
  {
    name: `6.6 valid text split in two after byte ${at}`,
    frames: [textMore(greek.subarray(0, at)), last(greek.subarray(at))],
    expect: [gotText(greek)]
  },
  {
    name: `6.6 text that breaks off, split after byte ${at}`,
    frames: [textMore(greek.subarray(0, at)), last(join(greek.subarray(at), hex("ce")))],
    expect: [gotClose(1007)]
  }
])

/** Family 6: text must be UTF-8. */
export const utf8: ReadonlyArray<Case> = [...valid, ...invalid, ...splits]
