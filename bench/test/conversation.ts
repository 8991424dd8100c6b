import type { Wire } from "../transports/cases.ts"
import { encodeAs } from "../transports/client/Dialogue.ts"
import type { Payload } from "../transports/Payload.ts"

const plain: Payload = { id: 123456, t: "chat", u: "alice", r: "lobby", s: 7, b: "" }

/** Lengths of answers at which a header, or a string's own length, grows. */
const boundaries = [125, 126, 127, 255, 256, 65535, 65536, 65537]

const answerLength = (wire: Wire, id: number, payload: Payload): number =>
  wire === "json" ? encodeAs(wire, { kind: "response", id, payload }).length : 8 + encodeAs(wire, payload).length

/** A payload whose answer has exactly `length` bytes, filled behind `start`. */
const filled = (wire: Wire, id: number, length: number, start: string): Payload => {
  for (let fill = length; fill >= 0; fill--) {
    const payload = { ...plain, u: "a", b: start + "x".repeat(fill) }
    const over = answerLength(wire, id, payload) - length
    if (over === 0) return payload
    if (over > 1) fill -= Math.max(0, over - 6)
  }
  throw new Error(`no payload gives an answer of ${length} bytes`)
}

const texts = [
  "",
  "é",
  "Zoë Ångström",
  "日本語のテキスト",
  "🦊🦊🦊",
  "mixed é 日本 🦊 ascii",
  'quotes " and \\ and / and \n\r\t',
  "\u2028\u2029\u0000\u001f\u007f\u0080",
  "é".repeat(41),
  "é".repeat(62),
  "日".repeat(42),
  "🦊".repeat(31),
  "é".repeat(32_000),
  "日".repeat(21_845)
]
const numbers = [0, 1, -1, 31, -32, -33, 127, 128, 255, 256, 65535, 65536, -32769, 2 ** 31, 2 ** 32, -(2 ** 31) - 1]

/** Fifty payloads in which everything that can differ in length or in script does. */
export const payloads = (wire: Wire): ReadonlyArray<Payload> => {
  const exact = boundaries.flatMap((length, i) => [
    filled(wire, 2 * i + 1, length, ""),
    filled(wire, 2 * i + 2, length, length < 128 ? "é" : "é日🦊")
  ])
  const all = [
    ...exact,
    ...texts.map((text, i) => ({ ...plain, s: i, u: text.slice(0, 8), b: text })),
    ...numbers.map((number, i) => ({ ...plain, id: number, s: i })),
    ...[1, 15, 16, 31].map((length) => ({ ...plain, t: "t".repeat(length), b: "é".repeat(length) }))
  ]
  return all.slice(0, 50)
}
