import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import fc from "fast-check"
import { BinaryWire } from "../../src/transport/BinaryWire.ts"
import { plainCoder } from "../../src/transport/internal/coder.ts"
import { checker } from "../../src/transport/internal/fast/checkJson.ts"
import { reader } from "../../src/transport/internal/fast/readMessagePack.ts"
import { FAIL, type Shape, shapeOf } from "../../src/transport/internal/fast/shape.ts"
import { jsonWriter } from "../../src/transport/internal/fast/writeJson.ts"
import { writer } from "../../src/transport/internal/fast/writeMessagePack.ts"
import { JsonBytes } from "../../src/transport/internal/JsonBytes.ts"
import { Packed, packData, problem, unpack } from "../../src/transport/internal/messagePack.ts"
import { JsonWire } from "../../src/transport/JsonWire.ts"
import { InvalidPayload } from "../../src/transport/Wire.ts"

/** A schema and values of it, some of which do not quite match. */
interface Case {
  readonly schema: Schema.Codec<unknown, unknown>
  readonly value: fc.Arbitrary<unknown>
}
const any = Schema as unknown as { readonly [name: string]: Case["schema"] }
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 50 }),
  fc.string({ maxLength: 300 }),
  fc.constantFrom("", "é", "☃", "\ud800", "\u0000", "x".repeat(31), "é".repeat(31), "x".repeat(255), "x".repeat(256))
)
const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(
    0,
    -0,
    127,
    128,
    255,
    256,
    65535,
    65536,
    2 ** 32 - 1,
    2 ** 32,
    -32,
    -33,
    -128,
    -129,
    -32768,
    -32769,
    -(2 ** 31),
    -(2 ** 31) - 1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53
  )
)
const leaves: ReadonlyArray<Case> = [
  { schema: any.String as Case["schema"], value: text },
  { schema: any.Number as Case["schema"], value: number },
  { schema: any.Int as Case["schema"], value: number },
  { schema: any.Finite as Case["schema"], value: number },
  { schema: any.Boolean as Case["schema"], value: fc.boolean() },
  { schema: any.Uint8Array as Case["schema"], value: fc.uint8Array({ maxLength: 300 }) },
  {
    schema: Schema.Literals(["a", "b", "longer than twelve letters"]) as unknown as Case["schema"],
    value: fc.constantFrom("a", "b", "c", "longer than twelve letters")
  }
]
const name = fc.oneof(
  fc.constantFrom("id", "text", "toString", "constructor", "é", "x".repeat(40)),
  fc.string({ minLength: 1, maxLength: 12 }).filter((n) => n !== "__proto__")
)
const node: fc.Arbitrary<Case> = fc.letrec<{ node: Case }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(...leaves),
    tie("node").map(({ schema, value }) => ({
      schema: Schema.Array(schema) as unknown as Case["schema"],
      value: fc.array(value, { maxLength: 17 })
    })),
    fc
      .dictionary(name, fc.tuple(tie("node"), fc.boolean()), { minKeys: 1, maxKeys: 6, noNullPrototype: true })
      .map((fields) => {
        const entries = Object.entries(fields)
        const schema = Schema.Struct(
          Object.fromEntries(
            entries.map(([key, [{ schema }, optional]]) => [key, optional ? Schema.optionalKey(schema) : schema])
          )
        ) as unknown as Case["schema"]
        const required = entries.filter(([, [, isOptional]]) => !isOptional).map(([key]) => key)
        const record = fc.record(Object.fromEntries(entries.map(([key, [{ value }]]) => [key, value])), {
          requiredKeys: required as never,
          noNullPrototype: true
        })
        return {
          schema,
          value: fc.oneof(
            { weight: 5, arbitrary: record as fc.Arbitrary<unknown> },
            { weight: 1, arbitrary: fc.anything() }
          )
        }
      })
  )
})).node
const cases = node.chain(({ schema, value }) => fc.tuple(fc.constant(schema), value))
const runs = { numRuns: 2000 }

const same = (fast: unknown, general: unknown): void => {
  if (general instanceof InvalidPayload) assert.deepStrictEqual(fast, general)
  else assert.deepStrictEqual(fast, general)
}

describe("coding straight from and to bytes", () => {
  it("JSON: passes the same values as the schema's parser, to the same text", () => {
    fc.assert(
      fc.property(cases, ([schema, value]) => {
        const check = shapeOf(schema) === undefined ? undefined : checker(shapeOf(schema) as Shape)
        if (check === undefined) return
        const general = plainCoder(JsonWire.codec(schema))
        const data = check(value)
        if (data !== FAIL) assert.strictEqual(JSON.stringify(data), JSON.stringify(general.prepare(value)))
        const plain: unknown = JSON.parse(JSON.stringify(value) ?? "null")
        const read = check(plain)
        if (read !== FAIL) same(read, general.read(plain))
      }),
      runs
    )
  })

  it("JSON: writes the text that JSON.stringify gives for what the schema's parser passes", () => {
    let fast = 0
    const into = new JsonBytes()
    fc.assert(
      fc.property(cases, ([schema, value]) => {
        const shape = shapeOf(schema)
        const write = shape && jsonWriter(shape)
        if (write === undefined) return
        into.clear()
        if (!write(value, into)) return
        fast++
        const text = Buffer.from(into.bytes.subarray(0, into.end)).toString()
        assert.strictEqual(text, JSON.stringify(plainCoder(JsonWire.codec(schema)).prepare(value)))
      }),
      runs
    )
    assert.isAbove(fast, runs.numRuns / 4)
  })

  it("JSON: writes strings of any length and numbers of any size as JSON.stringify does", () => {
    const into = new JsonBytes()
    const same = (value: string | number): void => {
      into.clear()
      if (typeof value === "string") into.string(value)
      else into.number(value)
      assert.strictEqual(Buffer.from(into.bytes.subarray(0, into.end)).toString(), JSON.stringify(value))
    }
    for (let i = 0; i < 12; i++) for (const near of [-1, 0, 1]) same(10 ** i + near)
    for (const length of [0, 1, 63, 64, 65, 400, 5000, 200_000]) {
      for (const end of ["", "x", '"', "\\", "\n", "\u007f", "\u0080", "é", "☃", "🦊", "\ud800", "\u2028"]) {
        same("x".repeat(length) + end)
        same(end.repeat(length))
      }
    }
    // every byte that is escaped, at every place of a word, and bytes beside it that are not
    for (let c = 0; c < 0x100; c++)
      for (let place = 0; place < 9; place++)
        same(`${"x".repeat(40 + place)}${String.fromCharCode(c)}é${"y".repeat(9)}`)
    fc.assert(fc.property(text, same), runs)
    fc.assert(fc.property(number.filter(Number.isFinite), same), runs)
  })

  it("JSON: does not keep the memory of a large value", () => {
    const into = new JsonBytes()
    into.string("x".repeat(1_000_000))
    into.clear()
    assert.isBelow(into.bytes.length, 100_000)
  })

  it("MessagePack: writes the bytes that msgpackr writes, and reads them back", () => {
    let fast = 0
    fc.assert(
      fc.property(cases, ([schema, value]) => {
        const shape = shapeOf(schema)
        if (shape === undefined) return
        const general = plainCoder(BinaryWire.codec(schema))
        const into = new Packed()
        const prepared = general.prepare(value)
        if (!writer(shape)(value, 0, into)) return
        fast++
        const bytes = into.bytes.slice(into.start, into.end)
        const { bytes: all, end, start } = packData(prepared, 0)
        assert.strictEqual(Buffer.from(bytes).toString("hex"), Buffer.from(all.slice(start, end)).toString("hex"))
        assert.strictEqual(problem(bytes, 0, bytes.length), undefined)
        const read = reader(shape)(bytes, 0, bytes.length)
        if (read !== FAIL) same(read, general.read(unpack(bytes, 0, bytes.length)))
      }),
      runs
    )
    assert.isAbove(fast, runs.numRuns / 4)
  })

  it("MessagePack: takes no bytes that the general way would refuse, wherever they lie", () => {
    fc.assert(
      fc.property(cases, fc.nat(), fc.nat(255), fc.nat(20), ([schema, value], place, byte, cut) => {
        const shape = shapeOf(schema)
        if (shape === undefined) return
        const general = plainCoder(BinaryWire.codec(schema))
        const prepared = general.prepare(value)
        if (prepared instanceof InvalidPayload) return
        const packed = packData(prepared, 0)
        const bytes = new Uint8Array(packed.end - packed.start + 12).fill(0xa1)
        bytes.set(packed.bytes.subarray(packed.start, packed.end), 6)
        const stop = Math.max(6, bytes.length - 6 - cut)
        if (stop > 6) bytes[6 + (place % (stop - 6))] = byte
        const read = reader(shape)(bytes, 6, stop)
        if (read === FAIL) return
        assert.strictEqual(problem(bytes, 6, stop), undefined)
        same(read, general.read(unpack(bytes, 6, stop)))
      }),
      runs
    )
  })

  it("keeps to the general way where a schema transforms or checks", () => {
    for (const schema of [
      Schema.Date,
      Schema.NumberFromString,
      Schema.NonEmptyString,
      Schema.Struct({ at: Schema.Date }),
      Schema.NullOr(Schema.String),
      Schema.Record(Schema.String, Schema.Int)
    ]) {
      assert.isUndefined(shapeOf(schema))
    }
  })

  it("does without generated code where that is forbidden", () => {
    const Function = globalThis.Function
    globalThis.Function = class {
      constructor() {
        throw new EvalError("Code generation from strings disallowed for this context")
      }
    } as unknown as FunctionConstructor
    try {
      const shape = shapeOf(Schema.Struct({ id: Schema.Int, note: Schema.optionalKey(Schema.String) })) as Shape
      assert.isUndefined(checker(shape))
      assert.isUndefined(jsonWriter(shape))
      const into = new Packed()
      assert.isTrue(writer(shape)({ id: 7 }, 0, into))
      const bytes = into.bytes.slice(into.start, into.end)
      assert.deepStrictEqual(reader(shape)(bytes, 0, bytes.length), { id: 7 })
    } finally {
      globalThis.Function = Function
    }
  })
})
