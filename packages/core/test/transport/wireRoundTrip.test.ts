import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import fc from "fast-check"
import { BinaryWire } from "../../src/transport/BinaryWire.ts"
import { JsonWire } from "../../src/transport/JsonWire.ts"
import * as Memory from "../../src/transport/Memory.ts"
import type { Connection } from "../../src/transport/Transport.ts"
import {
  type Envelope,
  InvalidPayload,
  Kind,
  Malformed,
  type Meta,
  Outcome,
  type Wire
} from "../../src/transport/Wire.ts"

const text = fc.string({ unit: "grapheme", maxLength: 40 })
/** Data that both wires carry as it is: no bytes (JSON has none), no -0, no `__proto__` (MessagePack's decoder renames it). */
const data: fc.Arbitrary<unknown> = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
    text,
    fc.array(tie("node"), { maxLength: 20 }),
    fc.dictionary(
      text.filter((key) => key !== "__proto__"),
      tie("node"),
      { maxKeys: 20, noNullPrototype: true }
    )
  )
})).node
const meta: fc.Arbitrary<Meta | undefined> = fc.option(
  fc.array(
    fc.oneof(
      fc.tuple(
        text.filter((key) => !key.endsWith("-bin")),
        text
      ),
      fc.tuple(
        text.map((key) => `${key}-bin`),
        fc.uint8Array({ maxLength: 300 })
      )
    ),
    { minLength: 0, maxLength: 10 }
  ),
  { nil: undefined }
)
const id = fc.oneof(fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff), fc.nat(0xffffffff))
const messageOf = (wire: Wire) =>
  wire.numbered
    ? fc.integer({ min: 0, max: 0xffff })
    : fc.oneof(
        fc.constant(0),
        text.filter((name) => name !== "")
      )
const kinds = Object.values(Kind).filter((kind) => kind !== Kind.relay)

const envelope = (wire: Wire): fc.Arbitrary<Envelope> =>
  fc.oneof(
    fc.record({
      kind: fc.constantFrom(...kinds),
      id,
      message: messageOf(wire),
      outcome: fc.constant(Outcome.success),
      payload: fc.option(data, { nil: undefined }),
      meta,
      peer: fc.constant("")
    }),
    fc.record({
      kind: fc.constant(Kind.response),
      id,
      message: fc.constant(0),
      outcome: fc.constantFrom(Outcome.error, Outcome.fault),
      payload: data,
      meta,
      peer: fc.constant("")
    }),
    fc.record({
      kind: fc.constant(Kind.relay),
      id,
      message: messageOf(wire),
      outcome: fc.constant(Outcome.success),
      payload: fc.uint8Array({ maxLength: 1000 }),
      meta,
      peer: text
    })
  )

const any = (wire: Wire) => wire.coder?.(Schema.Json) ?? assert.fail("no coder")
const decode = (wire: Wire, bytes: Uint8Array, role: "server" | "client" = "server"): Envelope | Malformed => {
  // not at the start of its memory, as on a socket
  const memory = new Uint8Array(bytes.length + 20).fill(0xdb)
  memory.set(bytes, 10)
  const made = wire.make(role).decode(memory, 10, 10 + bytes.length, wire.frameKind)
  if (made instanceof Malformed || made.payload === undefined || made.kind === Kind.relay) return made
  return { ...made, payload: any(wire).read(made.payload) }
}
/** JSON says an absent payload and a null one apart; a declared error or fault that is null it cannot say. */
const sayable = (wire: Wire, { outcome, payload }: Envelope): boolean =>
  wire.numbered || outcome === Outcome.success || payload !== null

describe.each([JsonWire, BinaryWire])("the $name wire", (wire) => {
  it("gives back every envelope as it was", () => {
    fc.assert(
      fc.property(envelope(wire), (sent) => {
        fc.pre(sayable(wire, sent))
        const frame = wire.make("client").frame(sent)
        assert.deepStrictEqual(decode(wire, frame), sent)
      }),
      { numRuns: 1000 }
    )
  })

  it("writes into a connection the bytes that it makes a frame of", () => {
    let written = new Uint8Array(0)
    const connection = {
      send: (frame: Uint8Array) => ((written = Uint8Array.from(frame)), "sent"),
      write: (maxBytes: number, expected: number, encode: (target: Uint8Array, at: number) => number) => {
        const target = new Uint8Array(maxBytes + 7)
        const n = encode(target, 7)
        assert.ok(n <= maxBytes, `${n} bytes where at most ${maxBytes} were announced`)
        assert.ok(expected <= maxBytes)
        written = target.slice(7, 7 + n)
        return "sent"
      }
    } as unknown as Connection
    const session = wire.make("client")
    fc.assert(
      fc.property(envelope(wire), (sent) => {
        session.write(connection, sent)
        assert.deepStrictEqual(written, wire.make("client").frame(sent))
      })
    )
  })

  it("refuses every frame that is cut off, or says something else", () => {
    fc.assert(
      fc.property(envelope(wire), (sent) => {
        const frame = wire.make("client").frame(sent)
        for (let length = 0; length < frame.length; length++) {
          const cut = decode(wire, frame.slice(0, length))
          if (cut instanceof Malformed) continue
          // without its payload a frame is whole; a relay's bytes may be any; the rest must have been found out
          const whole = cut.payload === undefined || cut.kind === Kind.relay
          assert.ok(whole || cut.payload instanceof InvalidPayload, `${length} of ${frame.length} bytes were taken`)
          assert.ok(wire.numbered, "JSON that is cut off is no JSON")
        }
      }),
      { numRuns: 100 }
    )
  })

  it("refuses every frame with something behind it", () => {
    fc.assert(
      fc.property(envelope(wire), fc.uint8Array({ minLength: 1, maxLength: 4 }), (sent, more) => {
        fc.pre(sent.kind !== Kind.relay && sent.payload !== undefined)
        // white space is part of JSON
        fc.pre(wire.numbered || !more.every((byte) => [9, 10, 13, 32].includes(byte)))
        const long = decode(wire, Uint8Array.from([...wire.make("client").frame(sent), ...more]))
        assert.ok(long instanceof Malformed || long.payload instanceof InvalidPayload)
      }),
      { numRuns: 300 }
    )
  })

  it("stays UTF-8 with half a surrogate pair, wherever it stands: JSON escapes it, MessagePack replaces it", () => {
    for (const broken of ["\ud800", "a\udc00b", "\ud800".repeat(50), "x".repeat(300) + "\udfff"]) {
      for (const payload of [broken, { text: broken }, [broken], { [broken]: 1 }]) {
        const sent = {
          kind: Kind.signal,
          id: 0,
          message: 1,
          outcome: Outcome.success,
          payload,
          meta: undefined,
          peer: ""
        }
        const frame = wire.make("client").frame({ ...sent, message: wire.numbered ? 1 : "a.b" })
        if (!wire.numbered) assert.doesNotThrow(() => new TextDecoder("utf-8", { fatal: true }).decode(frame))
        const got = decode(wire, frame)
        assert.notInstanceOf(got, Malformed)
        const expected = JSON.stringify(payload)
        assert.strictEqual(
          JSON.stringify((got as Envelope).payload),
          wire.numbered ? expected.replaceAll(/\\ud[89a-f][0-9a-f]{2}/g, "\ufffd") : expected
        )
      }
    }
  })

  it("shortens a peer's name that is too long between two characters", () => {
    for (const peer of ["x".repeat(400), "é".repeat(200), "漢".repeat(200), "👍".repeat(100), `x${"👍".repeat(100)}`]) {
      const sent = {
        kind: Kind.relay,
        id: 1,
        message: 1,
        outcome: Outcome.success,
        payload: Uint8Array.of(1),
        meta: undefined,
        peer
      }
      const got = decode(wire, wire.make("server").frame({ ...sent, message: wire.numbered ? 1 : "a.b" }), "client")
      assert.notInstanceOf(got, Malformed)
      assert.ok(peer.startsWith((got as Envelope).peer))
      assert.ok((got as Envelope).peer.length > 60)
      assert.deepStrictEqual((got as Envelope).payload, Uint8Array.of(1))
    }
  })

  it.live("is the same over a connection", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const memory = Memory.make()
        const heard: Array<unknown> = []
        const session = wire.make("server")
        yield* memory.listener.listen(() =>
          Effect.succeed({
            _tag: "Accept",
            open: () => ({
              onFrame: (bytes, start, end, kind) => {
                const got = session.decode(bytes, start, end, kind)
                assert.notInstanceOf(got, Malformed)
                heard.push(any(wire).read((got as Envelope).payload))
              },
              onDrain: () => {},
              onClose: () => {}
            })
          })
        )
        const idle = { onFrame: () => {}, onDrain: () => {}, onClose: () => {} }
        const connection = yield* memory.connector.connect(() => idle)
        const client = wire.make("client")
        const sent = fc.sample(data, { numRuns: 200, seed: 7 })
        for (const payload of sent) {
          const message = wire.numbered ? 1 : "a.b"
          client.write(connection, {
            kind: Kind.signal,
            id: 0,
            message,
            outcome: 0,
            payload,
            meta: undefined,
            peer: ""
          })
        }
        yield* Effect.callback<void>((resume) => {
          const look = (): unknown => (heard.length === sent.length ? resume(Effect.void) : setImmediate(look))
          look()
        })
        assert.deepStrictEqual(heard, sent)
      })
    )
  )
})
