import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { isDeeperThan, isUnbounded, json, withBytes } from "../../src/transport/internal/codec.ts"

const bytes = Uint8Array.of(0, 127, 255)
const base64 = "AH//"

interface Node {
  readonly data: Uint8Array
  readonly next?: Node
}
const Node = Schema.Struct({
  data: Schema.Uint8Array,
  next: Schema.optionalKey(Schema.suspend((): Schema.Codec<Node> => Node))
})
class Blob extends Schema.Class<Blob>("Blob")({ name: Schema.String, data: Schema.Uint8Array }) {}
class Tagged extends Schema.TaggedClass<Tagged>()("Tagged", { data: Schema.Uint8Array, at: Schema.Date }) {}
class Failed extends Schema.TaggedError<Failed>()("Failed", { data: Schema.Uint8Array }) {}
/** A list of numbers that is carried as bytes. */
const Numbers = Schema.Uint8Array.pipe(
  Schema.decodeTo(Schema.Array(Schema.Int), {
    decode: SchemaGetter.transform((data) => [...data]),
    encode: SchemaGetter.transform((list: ReadonlyArray<number>) => Uint8Array.from(list))
  })
)
const Brand = Schema.Uint8Array.check(Schema.makeFilter((data) => data.length <= 3)).pipe(Schema.brand("Short"))
const date = new Date("2026-11-21T00:00:00.000Z")
const iso = "2026-11-21T00:00:00.000Z"

/** The schema, a value, and the value's form with bytes as they are and in JSON. */
const cases: ReadonlyArray<readonly [name: string, schema: unknown, value: unknown, kept: unknown, plain: unknown]> = [
  ["bytes alone", Schema.Uint8Array, bytes, bytes, base64],
  [
    "a struct",
    Schema.Struct({ id: Schema.Int, data: Schema.Uint8Array }),
    { id: 1, data: bytes },
    { id: 1, data: bytes },
    { id: 1, data: base64 }
  ],
  ["an array", Schema.Array(Schema.Uint8Array), [bytes, bytes], [bytes, bytes], [base64, base64]],
  ["a tuple", Schema.Tuple([Schema.Int, Schema.Uint8Array]), [1, bytes], [1, bytes], [1, base64]],
  [
    "a tuple with a rest",
    Schema.TupleWithRest(Schema.Tuple([Schema.Int]), [Schema.Uint8Array]),
    [1, bytes, bytes],
    [1, bytes, bytes],
    [1, base64, base64]
  ],
  ["a union, as bytes", Schema.Union([Schema.Int, Schema.Uint8Array]), bytes, bytes, base64],
  ["a union, as the other", Schema.Union([Schema.Int, Schema.Uint8Array]), 7, 7, 7],
  ["null or bytes", Schema.NullOr(Schema.Uint8Array), bytes, bytes, base64],
  ["null or bytes, null", Schema.NullOr(Schema.Uint8Array), null, null, null],
  [
    "an optional field",
    Schema.Struct({ data: Schema.optionalKey(Schema.Uint8Array) }),
    { data: bytes },
    { data: bytes },
    { data: base64 }
  ],
  ["an optional field, absent", Schema.Struct({ data: Schema.optionalKey(Schema.Uint8Array) }), {}, {}, {}],
  [
    "a field that may be undefined",
    Schema.Struct({ data: Schema.optional(Schema.Uint8Array) }),
    { data: bytes },
    { data: bytes },
    { data: base64 }
  ],
  [
    "a record",
    Schema.Record(Schema.String, Schema.Uint8Array),
    { a: bytes, b: bytes },
    { a: bytes, b: bytes },
    { a: base64, b: base64 }
  ],
  ["a class", Blob, new Blob({ name: "x", data: bytes }), { name: "x", data: bytes }, { name: "x", data: base64 }],
  [
    "a tagged class with a date",
    Tagged,
    new Tagged({ data: bytes, at: date }),
    { _tag: "Tagged", data: bytes, at: iso },
    { _tag: "Tagged", data: base64, at: iso }
  ],
  ["an error", Failed, new Failed({ data: bytes }), { _tag: "Failed", data: bytes }, { _tag: "Failed", data: base64 }],
  [
    "classes in an array in a struct",
    Schema.Struct({ list: Schema.Array(Blob) }),
    { list: [new Blob({ name: "x", data: bytes })] },
    { list: [{ name: "x", data: bytes }] },
    { list: [{ name: "x", data: base64 }] }
  ],
  [
    "a schema that contains itself",
    Node,
    { data: bytes, next: { data: bytes, next: { data: bytes } } },
    { data: bytes, next: { data: bytes, next: { data: bytes } } },
    { data: base64, next: { data: base64, next: { data: base64 } } }
  ],
  ["a transformation", Numbers, [0, 127, 255], bytes, base64],
  ["a transformation in a struct", Schema.Struct({ n: Numbers }), { n: [0, 127, 255] }, { n: bytes }, { n: base64 }],
  ["a check and a brand", Brand, bytes, bytes, base64],
  ["an Option", Schema.Option(Schema.Uint8Array), Option.some(bytes), { _tag: "Some", value: bytes }, undefined],
  [
    "a map",
    Schema.ReadonlyMap(Schema.String, Schema.Uint8Array),
    new Map([["a", bytes]]),
    [["a", bytes]],
    [["a", base64]]
  ]
]

const text = Schema.Struct({
  date: Schema.Date,
  big: Schema.BigInt,
  numbers: Schema.Array(Schema.Number),
  url: Schema.URL,
  symbol: Schema.NullOr(Schema.String)
})
const textValue = {
  date,
  big: 2n ** 80n,
  numbers: [1, Number.NaN, Number.NEGATIVE_INFINITY],
  url: new URL("https://example.com/a"),
  symbol: null
}

const codecOf = (make: typeof json, schema: unknown) => {
  const codec = make(schema as Schema.Constraint)
  return { encode: Schema.encodeUnknownSync(codec), decode: Schema.decodeUnknownSync(codec) }
}

describe("what values look like on a wire", () => {
  it.each(cases)("%s: bytes stay bytes, or are base64 in JSON", (_, schema, value, kept, plain) => {
    const binary = codecOf(withBytes, schema)
    assert.deepStrictEqual(binary.encode(value), kept)
    assert.deepStrictEqual(binary.decode(kept), value)
    const inJson = codecOf(json, schema)
    if (plain !== undefined) assert.deepStrictEqual(inJson.encode(value), plain)
    assert.deepStrictEqual(inJson.decode(inJson.encode(value)), value)
    assert.throws(() => binary.decode(7n))
  })

  it("keeps the very bytes, without a copy", () => {
    const { encode } = codecOf(withBytes, Schema.Struct({ data: Schema.Uint8Array }))
    assert.strictEqual((encode({ data: bytes }) as { readonly data: unknown }).data, bytes)
  })

  it("has checks and brands as before", () => {
    const { decode, encode } = codecOf(withBytes, Brand)
    assert.throws(() => decode(new Uint8Array(4)))
    assert.throws(() => encode(new Uint8Array(4)))
    assert.throws(() => decode(base64), /Uint8Array/)
  })

  it("has the form of JSON for everything else", () => {
    const expected = {
      date: iso,
      big: "1208925819614629174706176",
      numbers: [1, "NaN", "-Infinity"],
      url: "https://example.com/a",
      symbol: null
    }
    for (const make of [json, withBytes]) {
      const { decode, encode } = codecOf(make, text)
      assert.deepStrictEqual(encode(textValue), expected)
      assert.deepStrictEqual(decode(expected), textValue)
    }
  })

  it("leaves schemas without bytes as they are", () => {
    const schema = Schema.Struct({ a: Schema.Array(Schema.Struct({ b: Schema.optionalKey(Schema.Date) })) })
    assert.strictEqual(withBytes(schema).ast, json(schema).ast)
  })

  it("names the place of a problem inside bytes' neighbours", () => {
    const { decode } = codecOf(withBytes, Schema.Struct({ list: Schema.Array(Blob) }))
    assert.throws(() => decode({ list: [{ name: "x", data: "AH//" }] }), /\["list"\]\[0\]\["data"\]/)
  })
})

describe("depth", () => {
  it("knows which schemas can nest without bound", () => {
    const bounded = [
      Schema.String,
      Schema.Struct({ a: Schema.Array(Schema.Int), d: Schema.Date, u: Schema.URL, b: Schema.Uint8Array }),
      Blob,
      Schema.Option(Schema.Uint8Array),
      Schema.fromJsonString(Schema.Unknown)
    ]
    const unbounded = [
      Node,
      Schema.Array(Node),
      Schema.Unknown,
      Schema.Json,
      Schema.Record(Schema.String, Schema.Json),
      Schema.Option(Node)
    ]
    for (const make of [json, withBytes]) {
      for (const schema of bounded) assert.strictEqual(isUnbounded(make(schema)), false)
      for (const schema of unbounded) assert.strictEqual(isUnbounded(make(schema)), true)
    }
  })

  it("measures without recursion, and does not look into bytes", () => {
    let value: unknown = 1
    for (let i = 0; i < 100_000; i++) value = i % 2 === 0 ? [value] : { a: value }
    assert.strictEqual(isDeeperThan(value, 99_999), true)
    assert.strictEqual(isDeeperThan(value, 100_000), false)
    assert.strictEqual(isDeeperThan(new Uint8Array(1 << 24), 1), false)
    assert.strictEqual(isDeeperThan(1, 0), false)
    assert.strictEqual(isDeeperThan([], 0), true)
  })
})
