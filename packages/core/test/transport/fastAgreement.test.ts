import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { BinaryWire } from "../../src/transport/BinaryWire.ts"
import { json } from "../../src/transport/internal/codec.ts"
import { plainCoder } from "../../src/transport/internal/coder.ts"
import { packData, problem, unpack } from "../../src/transport/internal/messagePack.ts"
import { JsonWire } from "../../src/transport/JsonWire.ts"
import { type Envelope, InvalidPayload, Kind, Outcome, type Wire } from "../../src/transport/Wire.ts"

const none = { id: 1, meta: undefined, outcome: Outcome.success, peer: "" } as const

/** A payload as it comes out of a frame of the wire, whatever the schema says of it. */
const received = (wire: Wire, payload: unknown): unknown => {
  const frame = wire.make("client").frame({ ...none, kind: Kind.request, message: wire.numbered ? 1 : "a.b", payload })
  return (wire.make("server").decode(frame, 0, frame.length, wire.frameKind) as Envelope).payload
}
const read = (wire: Wire, schema: Schema.Constraint, payload: unknown): unknown =>
  wire.coder?.(schema).read(received(wire, payload))

/** What a value looks like in a frame, as plain data. */
const sent = (schema: Schema.Constraint, value: unknown): unknown => {
  const prepared = BinaryWire.coder?.(schema).prepare(value)
  const message = { ...none, kind: Kind.request, message: 1, payload: prepared }
  const frame = BinaryWire.make("client").frame(message)
  assert.strictEqual(problem(frame, 8, frame.length), undefined)
  return unpack(frame, 8, frame.length)
}

describe("fast coders agree with the schema's parser", () => {
  it("on NaN and the infinities, which have a form of their own", () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const { bytes, end, start } = packData(value, 0)
      const plain = unpack(bytes, start, end)
      assert.instanceOf(plainCoder(json(Schema.Number)).read(plain), InvalidPayload)
      assert.instanceOf(read(BinaryWire, Schema.Number, value), InvalidPayload)
      assert.deepStrictEqual(read(BinaryWire, Schema.Number, String(value)), value)
    }
  })

  it("on fields with names of more than 255 bytes", () => {
    for (const name of ["k".repeat(86), "k".repeat(300), "☃".repeat(85), "☃".repeat(86)]) {
      const schema = Schema.Struct({ [name]: Schema.String })
      assert.deepStrictEqual(sent(schema, { [name]: "v" }), { [name]: "v" })
      for (const wire of [JsonWire, BinaryWire])
        assert.deepStrictEqual(read(wire, schema, { [name]: "v" }), { [name]: "v" })
    }
  })

  it("on unions of which exactly one member may match", () => {
    const schema = Schema.Union([Schema.Literal("a"), Schema.Literal("a")], { mode: "oneOf" })
    for (const wire of [JsonWire, BinaryWire]) assert.instanceOf(read(wire, schema, "a"), InvalidPayload)
  })

  it("on names and literals that would be code", () => {
    const odd = "\u2028\u2029'\"`\u0024{process.exit(1)}\\\n*/"
    const schema = Schema.Struct({
      [odd]: Schema.Literals([odd]),
      constructor: Schema.String,
      hasOwnProperty: Schema.optionalKey(Schema.Boolean)
    })
    const value = { [odd]: odd, constructor: "c", hasOwnProperty: true }
    for (const wire of [JsonWire, BinaryWire]) assert.deepStrictEqual(read(wire, schema, value), value)
    assert.deepStrictEqual(sent(schema, value), value)
  })
})

describe("errors of a payload", () => {
  it("repeat no more of a peer's keys than a fault has room for", () => {
    const schema = Schema.Record(Schema.String, Schema.Int)
    for (const wire of [JsonWire, BinaryWire]) {
      const invalid = read(wire, schema, { ["k".repeat(600_000)]: "x" })
      assert.instanceOf(invalid, InvalidPayload)
      assert.deepStrictEqual((invalid as InvalidPayload).path, ["k".repeat(64)])
    }
  })
})
