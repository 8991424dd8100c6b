import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import fc from "fast-check"
import { brokenMessagePack, hostileFrames } from "../../src/testing/gateway-kit/hostileFrames.ts"
import { BinaryWire } from "../../src/transport/BinaryWire.ts"
import { pack, problem, unpack } from "../../src/transport/internal/messagePack.ts"
import { JsonWire } from "../../src/transport/JsonWire.ts"
import { type Envelope, InvalidPayload, Malformed, type Wire } from "../../src/transport/Wire.ts"

const coderOf = (wire: Wire, schema: Schema.Constraint) => wire.coder?.(schema) ?? assert.fail("no coder")
const decode = (wire: Wire, bytes: Uint8Array) => wire.make("server").decode(bytes, 0, bytes.length, wire.frameKind)
const whole = (value: unknown): Uint8Array => {
  const { bytes, end, start } = pack(value, 0)
  return Uint8Array.from(bytes.subarray(start, end))
}
interface Nest {
  readonly n?: Nest
}
const Nest = Schema.Struct({ n: Schema.optionalKey(Schema.suspend((): Schema.Codec<Nest> => Nest)) })
const schemas: ReadonlyArray<Schema.Constraint> = [
  Schema.Json,
  Schema.Struct({ text: Schema.String, n: Schema.optionalKey(Schema.Int), list: Schema.Array(Schema.Boolean) }),
  Schema.Record(Schema.String, Schema.Struct({ polluted: Schema.optionalKey(Schema.Boolean) })),
  Schema.Union([Schema.Uint8Array, Schema.Date, Schema.BigInt]),
  Nest
]
/** Milliseconds in which the worst of all that follows must be done, many times over. */
const SOON = 2000

describe("MessagePack that is broken or too much", () => {
  it.each(brokenMessagePack)("refuses %s, quickly, and decodes the next value right", (_, bytes) => {
    const before = performance.now()
    assert.strictEqual(typeof problem(bytes, 0, bytes.length), "string")
    for (const schema of schemas) {
      const frame = Uint8Array.from([2, 0, 0, 1, 0, 0, 0, 9, ...bytes])
      const envelope = decode(BinaryWire, frame)
      assert.notInstanceOf(envelope, Malformed)
      const value = coderOf(BinaryWire, schema).read((envelope as Envelope).payload)
      assert.instanceOf(value, InvalidPayload)
      assert.strictEqual((value as InvalidPayload).malformed, true)
    }
    assert.ok(performance.now() - before < SOON)
    const good = { a: [1, "two", { three: null }], b: Uint8Array.of(1, 2) }
    const packed = whole(good)
    assert.deepStrictEqual(unpack(packed, 0, packed.length), good)
  })

  it("refuses every proper beginning of a value, and every value with a byte behind it", () => {
    const value = {
      text: "héllo",
      long: "x".repeat(300),
      list: Array.from({ length: 20 }, (_, i) => i * 1000),
      map: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, null])),
      numbers: [1.5, -1, 2 ** 40, -(2 ** 40), true],
      bytes: new Uint8Array(300)
    }
    const packed = whole(value)
    assert.strictEqual(problem(packed, 0, packed.length), undefined)
    for (let length = 0; length < packed.length; length++) assert.ok(problem(packed, 0, length), `${length} bytes`)
    for (let byte = 0; byte < 256; byte++) {
      const long = Uint8Array.from([...packed, byte])
      assert.ok(problem(long, 0, long.length), `byte ${byte} behind it`)
    }
  })

  it("takes values that nest 128 deep, and not 129", () => {
    const nest = (depth: number) => Uint8Array.from([...new Uint8Array(depth).fill(0x91), 0xc0])
    assert.strictEqual(problem(nest(128), 0, 129), undefined)
    assert.match(problem(nest(129), 0, 130) ?? "", /128/)
    // beside each other they are no depth
    const wide = Uint8Array.from([0xdc, 0x07, 0xd0, ...Array(2000).fill([0x91, 0x80]).flat()])
    assert.strictEqual(problem(wide, 0, wide.length), undefined)
  })

  it("never rounds an integer: beyond 2^53 it is a bigint, and no number to a schema", () => {
    const big = Uint8Array.of(0xcf, 0x80, 0, 0, 0, 0, 0, 0, 1)
    assert.strictEqual(unpack(big, 0, 9), 2n ** 63n + 1n)
    assert.strictEqual(unpack(Uint8Array.of(0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0), 0, 9), -(2n ** 63n))
    assert.strictEqual(unpack(Uint8Array.of(0xcf, 0, 0x1f, 255, 255, 255, 255, 255, 255), 0, 9), 2 ** 53 - 1)
    const frame = Uint8Array.of(2, 0, 0, 1, 0, 0, 0, 9, ...big)
    for (const schema of [Schema.Int, Schema.Number, Schema.Finite, Schema.BigInt, Schema.String]) {
      const value = coderOf(BinaryWire, schema).read((decode(BinaryWire, frame) as Envelope).payload)
      assert.instanceOf(value, InvalidPayload)
      assert.strictEqual((value as InvalidPayload).malformed, false)
    }
  })

  it("takes the last of two equal keys, as JSON does", () => {
    const twice = Uint8Array.of(0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 2)
    assert.deepStrictEqual(unpack(twice, 0, twice.length), { a: 2 })
    assert.deepStrictEqual(JSON.parse(`{"a":1,"a":2}`), { a: 2 })
  })
})

describe.each([JsonWire, BinaryWire])("hostile frames on the $name wire", (wire) => {
  it("are decoded without a throw, quickly, and no state stays behind", () => {
    const session = wire.make("server")
    const good = wire.make("client").frame({
      kind: 2,
      id: 1,
      message: wire.numbered ? 1 : "kit.echo",
      outcome: 0,
      payload: { text: "x", list: [true] },
      meta: undefined,
      peer: ""
    })
    for (const { bytes, name } of hostileFrames(wire, 1)) {
      const before = performance.now()
      const envelope = session.decode(bytes, 0, bytes.length, wire.frameKind)
      if (!(envelope instanceof Malformed))
        for (const schema of schemas) assert.doesNotThrow(() => coderOf(wire, schema).read(envelope.payload), name)
      assert.ok(performance.now() - before < SOON, name)
      const next = session.decode(good, 0, good.length, wire.frameKind)
      assert.notInstanceOf(next, Malformed, name)
      const value = coderOf(wire, schemas[1] as Schema.Constraint).read((next as Envelope).payload)
      assert.deepStrictEqual(value, { text: "x", list: [true] }, name)
    }
  })

  it("pollute no prototype, also through records whose keys the peer chooses", () => {
    const keys = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"]
    const text = `{${keys.map((key) => `${JSON.stringify(key)}:{"polluted":true}`).join(",")}}`
    const frame = wire.numbered
      ? Uint8Array.of(
          2,
          0,
          0,
          1,
          0,
          0,
          0,
          9,
          0x80 + keys.length,
          ...keys.flatMap((key) => [...whole(key), ...whole({ polluted: true })])
        )
      : new TextEncoder().encode(
          `{"kind":"request","id":9,"name":"a.b","payload":${text},"__proto__":{"polluted":true}}`
        )
    const envelope = decode(wire, frame) as Envelope
    assert.strictEqual("polluted" in envelope, false)
    for (const schema of [schemas[0], schemas[2]]) {
      const value = coderOf(wire, schema as Schema.Constraint).read(envelope.payload) as object
      assert.notInstanceOf(value, InvalidPayload)
      assert.strictEqual(Object.keys(value).length, keys.length)
      assert.strictEqual("polluted" in value, false, "what is under __proto__ is a field, not a prototype")
    }
    assert.strictEqual("polluted" in {}, false)
    assert.strictEqual("polluted" in Object, false)
    const struct = coderOf(wire, schemas[1] as Schema.Constraint).read(envelope.payload)
    assert.instanceOf(struct, InvalidPayload, "inherited fields are no fields")
  })

  it("of noise are decoded without a throw", () => {
    const session = wire.make("server")
    const coders = schemas.map((schema) => coderOf(wire, schema))
    const read = (bytes: Uint8Array): void => {
      const envelope = session.decode(bytes, 0, bytes.length, wire.frameKind)
      if (envelope instanceof Malformed) return
      const kept = session.keep?.(envelope) ?? envelope
      for (const coder of coders) {
        const value = coder.read(envelope.payload)
        const again = coder.read(kept.payload)
        assert.deepStrictEqual(again, value, "a kept payload says the same")
        if (!(value instanceof InvalidPayload)) coder.prepare(value)
      }
    }
    const known = hostileFrames(wire, 1).filter(({ bytes }) => bytes.length < 500)
    const head = wire.numbered
      ? [2, 0, 0, 1, 0, 0, 0, 9]
      : [...new TextEncoder().encode(`{"kind":"request","payload":`)]
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.uint8Array({ maxLength: 200 }).map((bytes) => Uint8Array.from([...head, ...bytes])),
          fc
            .tuple(fc.constantFrom(...known), fc.array(fc.tuple(fc.nat(500), fc.nat(255)), { maxLength: 4 }))
            .map(([{ bytes }, edits]) => {
              const edited = Uint8Array.from(bytes)
              for (const [at, byte] of edits) if (at < edited.length) edited[at] = byte
              return edited
            })
        ),
        read
      ),
      { numRuns: 5000, seed: 20_261_121 }
    )
  })
})

describe("JSON that is broken or too much", () => {
  it("says what is wrong without repeating much of it", () => {
    for (const text of [
      `{"kind":"${"x".repeat(100_000)}"}`,
      `{"kind":"request","x":${"9".repeat(100_000)}x}`,
      "[".repeat(100_000)
    ]) {
      const bytes = new TextEncoder().encode(text)
      const envelope = decode(JsonWire, bytes)
      assert.instanceOf(envelope, Malformed)
      assert.ok((envelope as Malformed).fault.message.length < 250)
    }
  })

  it("keeps numbers as JSON has them: integers beyond 2^53 are no Int", () => {
    const read = (text: string) => {
      const bytes = new TextEncoder().encode(`{"kind":"request","id":1,"name":"a.b","payload":${text}}`)
      return coderOf(JsonWire, Schema.Int).read((decode(JsonWire, bytes) as Envelope).payload)
    }
    assert.strictEqual(read("9007199254740991"), 2 ** 53 - 1)
    for (const text of ["9007199254740993", "9223372036854775808", "1e400", "1.5", `"1"`, "null"])
      assert.instanceOf(read(text), InvalidPayload, text)
  })

  it("refuses what nests deeper than 128, before it decodes it", () => {
    const coder = coderOf(JsonWire, Nest)
    const nest = (depth: number): unknown => JSON.parse(`${`{"n":`.repeat(depth - 1)}{}${"}".repeat(depth - 1)}`)
    assert.notInstanceOf(coder.read(nest(128)), InvalidPayload)
    assert.match((coder.read(nest(129)) as InvalidPayload).message, /128/)
    assert.match((coder.read(nest(100_000)) as InvalidPayload).message, /128/)
  })
})
