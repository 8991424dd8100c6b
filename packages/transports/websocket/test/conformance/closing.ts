import { clientFrame } from "../../src/internal/testing/frames.ts"
import { bytes, type Case, close, filler, gotClose, gotPong, gotText, hex, ping, text, textMore } from "./Case.ts"

const order: ReadonlyArray<Case> = [
  { name: "7.1 message, then close", frames: [text("hello"), close(1000)], expect: [gotText("hello"), gotClose(1000)] },
  { name: "7.1 two closes", frames: [close(1000), close(1001)], expect: [gotClose(1000)] },
  { name: "7.1 ping after close", frames: [close(1000), ping("late")], expect: [gotClose(1000)] },
  { name: "7.1 message after close", frames: [close(1000), text("late")], expect: [gotClose(1000)] },
  { name: "7.1 nonsense after close", frames: [close(1000), hex("ff ff ff ff")], expect: [gotClose(1000)] },
  { name: "7.1 ping, then close", frames: [ping("x"), close(1000)], expect: [gotPong("x"), gotClose(1000)] },
  {
    name: "7.1 fragment, close, continuation",
    frames: [textMore("a"), close(1000), text("b")],
    expect: [gotClose(1000)]
  },
  {
    name: "7.1 a large message is answered before the close",
    frames: [text(filler(100_000)), close(1000)],
    expect: [gotText(filler(100_000)), gotClose(1000)]
  }
]

const payloads: ReadonlyArray<Case> = [
  { name: "7.3 close without payload", frames: [close()], expect: [gotClose(1005)] },
  { name: "7.3 close of one byte", frames: [clientFrame(0x88, bytes(3))], expect: [gotClose(1002)] },
  { name: "7.3 close with a code", frames: [close(1000)], expect: [gotClose(1000, "")] },
  { name: "7.3 close with code and reason", frames: [close(1000, "Good bye")], expect: [gotClose(1000, "Good bye")] },
  {
    name: "7.3 close with a reason beyond ASCII",
    frames: [close(1000, "tschüß 👋")],
    expect: [gotClose(1000, "tschüß 👋")]
  },
  {
    name: "7.3 close with the longest reason",
    frames: [close(1000, "x".repeat(123))],
    expect: [gotClose(1000, "x".repeat(123))]
  },
  { name: "7.3 close with a reason too long", frames: [close(1000, "x".repeat(124))], expect: [gotClose(1002)] },
  {
    name: "7.5 close with a reason that is not UTF-8",
    frames: [clientFrame(0x88, hex("03 e8 ce ba ed a0 80"))],
    expect: [gotClose(1007)]
  },
  {
    name: "7.5 close with a reason that breaks off",
    frames: [clientFrame(0x88, hex("03 e8 ce"))],
    expect: [gotClose(1007)]
  }
]

const VALID = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
const INVALID = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]

const codes: ReadonlyArray<Case> = [
  ...VALID.map((code) => ({ name: `7.7 close with ${code}`, frames: [close(code)], expect: [gotClose(code)] })),
  ...INVALID.map((code) => ({ name: `7.9 close with ${code}`, frames: [close(code)], expect: [gotClose(1002)] })),
  ...INVALID.map((code) => ({
    name: `7.9 close with ${code} and a reason`,
    frames: [close(code, "why")],
    expect: [gotClose(1002)]
  }))
]

/** Family 7: the closing handshake. */
export const closing: ReadonlyArray<Case> = [...order, ...payloads, ...codes]
