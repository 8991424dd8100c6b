import { clientFrame } from "../../src/internal/testing/frames.ts"
import {
  binary,
  binaryMore,
  bytes,
  type Case,
  close,
  filler,
  fragments,
  gotBinary,
  gotClose,
  gotPong,
  gotText,
  last,
  MAX_MESSAGE,
  ping,
  pong,
  rest,
  text,
  textMore,
  utf8
} from "./Case.ts"

const control: ReadonlyArray<Case> = [
  { name: "5.1 ping in fragments", frames: [clientFrame(0x09, utf8("a")), last("b")], expect: [gotClose(1002)] },
  { name: "5.2 pong in fragments", frames: [clientFrame(0x0a, utf8("a")), last("b")], expect: [gotClose(1002)] },
  { name: "5.2 close in fragments", frames: [clientFrame(0x08, bytes(3, 232)), last("")], expect: [gotClose(1002)] },
  {
    name: "5.6 ping between two fragments is answered first",
    frames: [textMore("fragment1"), ping("between"), last("fragment2")],
    expect: [gotPong("between"), gotText("fragment1fragment2")]
  },
  {
    name: "5.7 pong between two fragments",
    frames: [textMore("fragment1"), pong("between"), last("fragment2")],
    expect: [gotText("fragment1fragment2")]
  },
  {
    name: "5.8 pings around every fragment",
    frames: [ping("1"), binaryMore("a"), ping("2"), rest("b"), ping("3"), ping("4"), last("c"), ping("5")],
    expect: [gotPong("1"), gotPong("2"), gotPong("3"), gotPong("4"), gotBinary("abc"), gotPong("5")]
  },
  {
    name: "5.19 close within a fragmented message",
    frames: [textMore("never ends"), close(1000, "enough")],
    expect: [gotClose(1000, "enough")]
  }
]

const order: ReadonlyArray<Case> = [
  { name: "5.3 text in two fragments", frames: [textMore("ab"), last("cd")], expect: [gotText("abcd")] },
  { name: "5.4 binary in three", frames: [binaryMore("ab"), rest("cd"), last("ef")], expect: [gotBinary("abcdef")] },
  { name: "5.5 fragments of nothing", frames: [textMore(""), rest(""), rest(""), last("")], expect: [gotText("")] },
  { name: "5.5 only the middle has bytes", frames: [textMore(""), rest("x"), last("")], expect: [gotText("x")] },
  { name: "5.9 continuation of nothing, final", frames: [last("x"), ping("")], expect: [gotClose(1002)] },
  { name: "5.10 empty continuation of nothing", frames: [last("")], expect: [gotClose(1002)] },
  { name: "5.11 continuation of nothing, not final", frames: [rest("x"), last("y")], expect: [gotClose(1002)] },
  {
    name: "5.12 continuation after a whole message",
    frames: [text("whole"), last("x")],
    expect: [gotText("whole"), gotClose(1002)]
  },
  {
    name: "5.13 continuation after a fragmented message has ended",
    frames: [textMore("a"), last("b"), last("c")],
    expect: [gotText("ab"), gotClose(1002)]
  },
  { name: "5.18 new text inside a fragmented message", frames: [textMore("a"), text("b")], expect: [gotClose(1002)] },
  {
    name: "5.18 new binary inside a fragmented message",
    frames: [textMore("a"), binary("b")],
    expect: [gotClose(1002)]
  },
  { name: "5.18 a second first fragment", frames: [textMore("a"), textMore("b"), last("c")], expect: [gotClose(1002)] },
  {
    name: "5.19 two fragmented messages, one after the other",
    frames: [textMore("a"), rest("b"), last("c"), binaryMore("d"), last("e")],
    expect: [gotText("abc"), gotBinary("de")]
  },
  {
    name: "5.20 a hundred fragments of one byte",
    frames: fragments(1, filler(100), 1),
    expect: [gotText(filler(100))]
  }
]

const limits: ReadonlyArray<Case> = [
  ...[64, 256, 1024, 4096, 16_384, 65_536].flatMap((size) => [
    {
      name: `9.3 text of the limit in fragments of ${size}`,
      frames: fragments(1, filler(MAX_MESSAGE), size),
      expect: [gotText(filler(MAX_MESSAGE))]
    },
    {
      name: `9.4 binary of the limit in fragments of ${size}`,
      frames: fragments(2, filler(MAX_MESSAGE), size),
      expect: [gotBinary(filler(MAX_MESSAGE))]
    }
  ]),
  {
    name: "10.1 65536 bytes in fragments of 1300",
    frames: fragments(1, filler(65_536), 1300),
    expect: [gotText(filler(65_536))]
  },
  {
    name: "9.5 fragments that together go over the limit",
    frames: [binaryMore(filler(MAX_MESSAGE - 10)), rest(filler(10)), clientFrame(0x00, bytes(), { length: 1 })],
    expect: [gotClose(1009)]
  },
  {
    name: "9.6 the limit counts per message",
    frames: [...fragments(2, filler(MAX_MESSAGE), 50_000), ...fragments(2, filler(MAX_MESSAGE), 50_000)],
    expect: [gotBinary(filler(MAX_MESSAGE)), gotBinary(filler(MAX_MESSAGE))]
  }
]

/** Families 5, 9 and 10: messages in fragments. */
export const fragmentation: ReadonlyArray<Case> = [...control, ...order, ...limits]
