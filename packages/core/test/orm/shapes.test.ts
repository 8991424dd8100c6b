import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { Expression } from "../../src/orm/Expression.ts"
import { orderKey, Shapes, slots, whereKey } from "../../src/orm/internal/repository/shapes.ts"
import { whereOf } from "../../src/orm/internal/where.ts"
import { User } from "./models.ts"

const text = fc.string()
const operators = fc.oneof(
  fc.record({ eq: text }),
  fc.record({ ne: fc.option(text) }),
  fc.record({ gt: text, lte: text }),
  fc.record({ in: fc.array(text) }),
  fc.record({ notIn: fc.array(text), isNull: fc.boolean() }),
  fc.record({ contains: text, like: text }),
  fc.record({ startsWith: text, endsWith: text })
)
const plain = fc.record(
  {
    nickname: fc.oneof(fc.constant(null), text, operators),
    password: fc.oneof(text, operators),
    id: fc.oneof(fc.integer(), fc.record({ in: fc.array(fc.integer()) }))
  },
  { requiredKeys: [] }
)
/** Filters of filters, two levels deep. */
const nested = (of: fc.Arbitrary<unknown>) =>
  fc
    .tuple(
      plain,
      fc.record(
        { or: fc.array(of, { maxLength: 2 }), and: fc.array(of, { maxLength: 2 }), not: of },
        { requiredKeys: [] }
      )
    )
    .map(([own, others]) => ({ ...own, ...others }))
const filter = nested(nested(plain))

/** What an expression is but for its values, and the names of its slots in order. */
const outline = (of: Expression): { readonly shape: string; readonly slots: ReadonlyArray<string> } => {
  const names: Array<string> = []
  const shape = JSON.stringify(of, (key, value: { readonly _tag?: unknown; readonly name?: string }) => {
    if (key === "typed" || key === "field") return undefined
    if (value?._tag === "slot") names.push(String(value.name))
    return value
  })
  return { shape, slots: names }
}

const bounds = { numRuns: 300 }

describe("the shape of a filter", () => {
  it("has a slot for each of its values, in their order", () => {
    void fc.assert(
      fc.property(filter, (where) => {
        const values: Array<unknown> = []
        const key = whereKey(User, where, values)
        assert.isString(key)
        const { slots: names } = outline(whereOf(User, "users", where, slots()))
        assert.deepStrictEqual(
          names,
          values.map((_, i) => String(i))
        )
      }),
      bounds
    )
  })

  it("is the same for filters that make the same expression, and only for these", () => {
    void fc.assert(
      fc.property(filter, filter, (a, b) => {
        const same = whereKey(User, a, []) === whereKey(User, b, [])
        const expression = (where: unknown) => outline(whereOf(User, "users", where, slots())).shape
        // "is null" has two spellings; nothing else has
        if (same) assert.strictEqual(expression(a), expression(b))
      }),
      bounds
    )
  })

  it("is unknown for what makes no sense, so that it is never remembered", () => {
    for (const where of [{ nope: 1 }, { id: undefined }, { id: {} }, { or: 1 }, { id: { nope: 1 } }, null, "x"]) {
      assert.isUndefined(whereKey(User, where, []))
    }
    for (const order of [["nope"], ["id,-email"], "id", [null], [{}]]) assert.isUndefined(orderKey(User, order))
  })

  it("is remembered for the last ones only", () => {
    const shapes = new Shapes()
    let made = 0
    const make = () => {
      made++
      return { _tag: "raw" } as never
    }
    for (let i = 0; i < 501; i++) shapes.get(`${i}`, make)
    shapes.get("500", make)
    assert.strictEqual(made, 501)
    shapes.get("0", make)
    assert.strictEqual(made, 502)
  })
})
