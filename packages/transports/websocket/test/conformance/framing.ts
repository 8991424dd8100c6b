import { clientFrame } from "../../src/internal/testing/frames.ts"
import {
  binary,
  bytes,
  type Case,
  filler,
  gotBinary,
  gotClose,
  gotPong,
  gotText,
  hex,
  MAX_MESSAGE,
  ping,
  pong,
  text,
  utf8
} from "./Case.ts"

const SIZES = [0, 1, 2, 3, 4, 5, 7, 124, 125, 126, 127, 128, 255, 256, 257, 1023, 65535, 65536, 65537]

const sizes: ReadonlyArray<Case> = SIZES.flatMap((size) => [
  { name: `1.1 text of ${size} bytes`, frames: [text(filler(size))], expect: [gotText(filler(size))] },
  { name: `1.2 binary of ${size} bytes`, frames: [binary(filler(size))], expect: [gotBinary(filler(size))] }
])

const masks: ReadonlyArray<Case> = [
  [0, 0, 0, 0],
  [255, 255, 255, 255],
  [0, 0, 0, 1],
  [128, 1, 64, 2]
].map((mask) => ({
  name: `1.3 masked with ${mask.join(".")}, small and large`,
  frames: [1, 2, 3, 11, 300, 301, 302, 303, 70_001].map((size) => clientFrame(0x82, filler(size), { mask })),
  expect: [1, 2, 3, 11, 300, 301, 302, 303, 70_001].map((size) => gotBinary(filler(size)))
}))

const PINGS: ReadonlyArray<readonly [string, Uint8Array]> = [
  ["nothing", bytes()],
  ["text", utf8("Hello, world!")],
  ["bytes", hex("00 ff fe fd fc fb 00 ff")],
  ["125 bytes", filler(125)]
]

const pings: ReadonlyArray<Case> = [
  ...PINGS.map(([what, payload]) => ({
    name: `2.1 ping of ${what}`,
    frames: [ping(payload)],
    expect: [gotPong(payload)]
  })),
  { name: "2.5 ping of 126 bytes", frames: [ping(filler(126))], expect: [gotClose(1002)] },
  { name: "2.5 pong of 126 bytes", frames: [pong(filler(126))], expect: [gotClose(1002)] },
  {
    name: "2.5 ping that says 65536 bytes",
    frames: [clientFrame(0x89, bytes(1), { length: 65536 })],
    expect: [gotClose(1002)]
  },
  { name: "2.7 pong that nobody asked for", frames: [pong("")], expect: [] },
  { name: "2.8 pong with payload that nobody asked for", frames: [pong("unasked")], expect: [] },
  { name: "2.9 pong, then ping", frames: [pong("unasked"), ping("asked")], expect: [gotPong("asked")] },
  {
    name: "2.10 ten pings",
    frames: Array.from({ length: 10 }, (_, i) => ping(`ping ${i}`)),
    expect: Array.from({ length: 10 }, (_, i) => gotPong(`ping ${i}`))
  },
  {
    name: "2.11 pings between messages keep their place",
    frames: [text("a"), ping("1"), binary("b"), ping("2"), text("c")],
    expect: [gotText("a"), gotPong("1"), gotBinary("b"), gotPong("2"), gotText("c")]
  }
]

const OPCODES: ReadonlyArray<readonly [string, number]> = [
  ["text", 0x81],
  ["binary", 0x82],
  ["ping", 0x89],
  ["pong", 0x8a],
  ["close", 0x88]
]

const reserved: ReadonlyArray<Case> = [1, 2, 3, 4, 5, 6, 7].flatMap((rsv) =>
  OPCODES.map(([what, first]) => ({
    name: `3.${rsv} reserved bits ${rsv.toString(2).padStart(3, "0")} on ${what}`,
    frames: [text("before"), clientFrame(first | (rsv << 4), bytes()), ping("after")],
    expect: [gotText("before"), gotClose(1002)]
  }))
)

const opcodes: ReadonlyArray<Case> = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) => [
  {
    name: `4 opcode ${opcode} without payload`,
    frames: [clientFrame(0x80 | opcode, bytes()), ping("after")],
    expect: [gotClose(1002)]
  },
  {
    name: `4 opcode ${opcode} with payload, after a message`,
    frames: [text("before"), clientFrame(0x80 | opcode, utf8("payload")), text("after")],
    expect: [gotText("before"), gotClose(1002)]
  },
  { name: `4 opcode ${opcode} as a first fragment`, frames: [clientFrame(opcode, utf8("x"))], expect: [gotClose(1002)] }
])

const mask = bytes(1, 2, 3, 4)
const lengths: ReadonlyArray<Case> = [
  { name: "unmasked text", frames: [hex("81 02 41 42"), ping("")], expect: [gotClose(1002)] },
  { name: "unmasked binary of nothing", frames: [hex("82 00")], expect: [gotClose(1002)] },
  { name: "unmasked ping", frames: [hex("89 00")], expect: [gotClose(1002)] },
  {
    name: "unmasked frame of 65536 bytes",
    frames: [hex("82 7f 00 00 00 00 00 01 00 00 00 00 00 00")],
    expect: [gotClose(1002)]
  },
  ...[0, 5, 125].map((size) => ({
    name: `length ${size} in 16 bits`,
    frames: [Buffer.concat([bytes(0x82, 0xfe, 0, size), mask, filler(size)])],
    expect: [gotClose(1002)],
    lenientOracle: "takes lengths that are not in their shortest form"
  })),
  ...[5, 126, 65535].map((size) => ({
    name: `length ${size} in 64 bits`,
    frames: [Buffer.concat([bytes(0x82, 0xff, 0, 0, 0, 0, 0, 0, size >> 8, size & 255), mask, filler(size)])],
    expect: [gotClose(1002)],
    lenientOracle: "takes lengths that are not in their shortest form"
  })),
  {
    name: "length 2^63",
    frames: [Buffer.concat([hex("82 ff 80 00 00 00 00 00 00 00"), mask])],
    expect: [gotClose(1002)],
    lenientOracle: "calls it too big, not malformed"
  },
  {
    name: "length of all ones",
    frames: [Buffer.concat([hex("82 ff ff ff ff ff ff ff ff ff"), mask])],
    expect: [gotClose(1002)],
    lenientOracle: "calls it too big, not malformed"
  },
  {
    name: "9.0 length 2^62",
    frames: [Buffer.concat([hex("82 ff 40 00 00 00 00 00 00 00"), mask])],
    expect: [gotClose(1009)]
  },
  {
    name: "9.0 length 2^32",
    frames: [Buffer.concat([hex("82 ff 00 00 00 01 00 00 00 00"), mask])],
    expect: [gotClose(1009)]
  }
]

const limits: ReadonlyArray<Case> = [
  { name: "9.1 text of the limit", frames: [text(filler(MAX_MESSAGE))], expect: [gotText(filler(MAX_MESSAGE))] },
  { name: "9.2 binary of the limit", frames: [binary(filler(MAX_MESSAGE))], expect: [gotBinary(filler(MAX_MESSAGE))] },
  {
    name: "9.3 one byte over the limit is refused by its header, before its bytes come",
    frames: [text("before"), clientFrame(0x82, bytes(), { length: MAX_MESSAGE + 1 })],
    expect: [gotText("before"), gotClose(1009)]
  }
]

/** Families 1 to 4 and 9: frames one by one. */
export const framing: ReadonlyArray<Case> = [
  ...sizes,
  ...masks,
  ...pings,
  ...reserved,
  ...opcodes,
  ...lengths,
  ...limits
]
