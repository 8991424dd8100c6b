/** What is stored comes back, exactly; what cannot be is refused before it reaches the database. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Insert } from "../../orm/Model.ts"
import type { OrmCase } from "./Harness.ts"
import { Odds, type Value, Values } from "./Models.ts"
import { date, fails, holds, noDate, same } from "./Stage.ts"

type ValueInsert = Insert<typeof Value.columns>
type Property = keyof ValueInsert

/** Stores values in one column and reads them back: by key, from the insert, through a filter and in a list. */
const roundTrip = (
  property: Property,
  values: ReadonlyArray<unknown>,
  expected = values,
  findable = true
): OrmCase => ({
  name: `keeps ${property}: ${values.length} values, among them hostile ones`,
  run: Effect.fnUntraced(function* () {
    for (const [i, value] of values.entries()) {
      const inserted = yield* Values.insert({ [property]: value } as ValueInsert)
      same(inserted[property], expected[i])
      const read = Option.getOrThrow(yield* Values.byId(inserted.id))
      same(read[property], expected[i])
      if (findable) {
        const found = yield* Values.find({ where: { id: inserted.id, [property]: { eq: value } } as never })
        same(found.length, 1)
        const listed = yield* Values.count({ id: inserted.id, [property]: { in: [value, value] } } as never)
        same(listed, 1)
      }
      yield* Values.updateAll({ [property]: value } as never)
      same(yield* Values.count({ [property]: { isNull: true } } as never), 0)
    }
    const many = yield* Values.insertMany(values.map((value) => ({ [property]: value }) as ValueInsert))
    same(many, values.length)
    const all = yield* Values.find({ orderBy: ["id"] })
    same(
      all.slice(values.length).map((row) => row[property]),
      expected
    )
  })
})

const refuses = (property: Property, values: ReadonlyArray<unknown>): OrmCase => ({
  name: `refuses what is no ${property}: ${values.length} values`,
  run: Effect.fnUntraced(function* () {
    for (const value of values) {
      const error = yield* fails(Values.insert({ [property]: value } as ValueInsert), "ValueInvalid")
      same([error.table, error.column], ["kit_values", property])
      holds(!JSON.stringify(error).includes("secret"))
      yield* fails(Values.find({ where: { [property]: { eq: value } } as never }), "ValueInvalid")
      yield* fails(Values.find({ where: { [property]: { in: [value] } } as never }), "ValueInvalid")
      yield* fails(Values.updateAll({ [property]: value } as never), "ValueInvalid")
    }
    same(yield* Values.count(), 0)
  })
})

const max = Number.MAX_SAFE_INTEGER

export const columns: ReadonlyArray<OrmCase> = [
  roundTrip("integer", [0, 1, -1, 2 ** 31, -(2 ** 31) - 1, max, -max]),
  refuses("integer", [1.5, max + 1, -max - 1, Number.NaN, Number.POSITIVE_INFINITY, "1", 1n, true, {}]),
  roundTrip("bigInteger", [0n, -1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]),
  refuses("bigInteger", [2n ** 63n, -(2n ** 63n) - 1n, 1, "1"]),
  roundTrip("text", [
    "",
    " ",
    "plain",
    "O'Brien",
    '"quoted"',
    "back\\slash",
    "line\nbreak\r\ttab",
    "ünïcödé 漢字 עברית",
    "👩‍👩‍👧‍👦 \u{10ffff}",
    "\u0001\u001f\u007f\ufffe",
    "%_%",
    "'; drop table kit_values; --",
    "x".repeat(100_000)
  ]),
  refuses("text", ["a\0b", "\ud800", "\udc00 secret", 1, date(0), ["a"]]),
  roundTrip("short", ["", "12345", "ééééé"]),
  refuses("short", ["123456", "👩👩👩"]),
  roundTrip("boolean", [true, false]),
  refuses("boolean", [1, 0, "true"]),
  roundTrip("dateTime", [
    date(0),
    date(1),
    date(-1),
    date("2024-02-29T23:59:59.999Z"),
    date("0001-01-01T00:00:00.000Z"),
    date("1899-12-31T23:59:59.999Z"),
    date("9999-12-31T23:59:59.999Z"),
    date("+020000-06-15T12:00:00.000Z")
  ]),
  refuses(
    "dateTime",
    [noDate(), 0, "2024-01-01", null as never].filter((value) => value !== null)
  ),
  roundTrip(
    "decimal",
    ["0", "1", "-1", "0.1", "-0.0001", "12345678.9999", "-12345678.9999", "007.5", "1.50", "-0"],
    [
      "0.0000",
      "1.0000",
      "-1.0000",
      "0.1000",
      "-0.0001",
      "12345678.9999",
      "-12345678.9999",
      "7.5000",
      "1.5000",
      "0.0000"
    ]
  ),
  refuses("decimal", ["0.00001", "123456789", "1e3", "", ".", "1.", "abc", "NaN", 1, "1,5", " 1"]),
  roundTrip("longDecimal", ["9999999999999999.99", "-9999999999999999.99", "9007199254740993.01"]),
  roundTrip("float", [0, 0.1, -0.1, 1e308, -1e308, 5e-324, 0.1 + 0.2, 2 ** 53, Math.PI, 3]),
  refuses("float", [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, "1", 1n]),
  roundTrip(
    "uuid",
    [
      "6f9619ff-8b86-4011-b42d-00cf4fc964ff",
      "6F9619FF-8B86-4011-B42D-00CF4FC964FE",
      "00000000-0000-0000-0000-000000000000"
    ],
    [
      "6f9619ff-8b86-4011-b42d-00cf4fc964ff",
      "6f9619ff-8b86-4011-b42d-00cf4fc964fe",
      "00000000-0000-0000-0000-000000000000"
    ]
  ),
  refuses("uuid", ["", "not-a-uuid", "6f9619ff8b864011b42d00cf4fc964ff", "{6f9619ff-8b86-4011-b42d-00cf4fc964ff}", 1]),
  roundTrip(
    "json",
    [
      { title: 'O\'Brien "x" \\ 漢', tags: [], due: null, n: 0 },
      { title: "", tags: ["a", "'", "\n"], due: date("2024-02-29T00:00:00.000Z"), n: -1.5 }
    ],
    undefined,
    false
  ),
  {
    name: "refuses JSON that its Schema refuses, and never compares JSON",
    run: Effect.fnUntraced(function* () {
      const wrong = { title: 1, tags: [], due: null, n: 0 }
      const error = yield* fails(Values.insert({ json: wrong as never }), "ValueInvalid")
      same(error.column, "json")
      const value = { title: "", tags: [], due: null, n: 0 }
      yield* fails(Values.find({ where: { json: { eq: value } } }), "QueryInvalid")
    })
  },
  roundTrip(
    "anything",
    [0, false, "", [], {}, [[[]]], { "a'b": { '"': [1, "2", null, true] } }, 1e21],
    undefined,
    false
  ),
  roundTrip("binary", [
    new Uint8Array(0),
    new Uint8Array([0]),
    new Uint8Array([0, 39, 34, 92, 255, 0]),
    Uint8Array.from({ length: 70_000 }, (_, i) => i & 255)
  ]),
  refuses("binary", ["bytes", [1, 2], new ArrayBuffer(2), new Uint8Array(1_000_001)]),
  roundTrip("mood", ["good", "bad"]),
  refuses("mood", ["GOOD", "", "neutral", "toString", 1]),
  roundTrip("trimmed", ["", "a b"]),
  refuses("trimmed", [" a", "a "]),
  {
    name: "keeps null apart from every value, in every column",
    run: Effect.fnUntraced(function* () {
      const { id } = yield* Values.insert({})
      const row = Option.getOrThrow(yield* Values.byId(id))
      const { id: _, ...rest } = row
      same([...new Set(Object.values(rest))], [null])
      for (const property of Object.keys(rest)) {
        same(yield* Values.count({ [property]: { isNull: true } } as never), 1)
        same(yield* Values.count({ [property]: null } as never), 1)
        same(yield* Values.count({ [property]: { isNull: false } } as never), 0)
      }
    })
  },
  {
    name: "gives rows that belong to nobody else: changing one changes no other",
    run: Effect.fnUntraced(function* () {
      const bytes = new Uint8Array([1, 2, 3])
      const { id } = yield* Values.insert({ binary: bytes, dateTime: date(5) })
      bytes[0] = 9
      const first = Option.getOrThrow(yield* Values.byId(id))
      first.dateTime?.setTime(77)
      if (first.binary !== null) first.binary[1] = 9
      const second = Option.getOrThrow(yield* Values.byId(id))
      same([second.dateTime, second.binary], [date(5), new Uint8Array([1, 2, 3])])
    })
  },
  {
    name: "takes names that SQL would take for something else",
    run: Effect.fnUntraced(function* () {
      const { id } = yield* Odds.insert({ group: "x", where: 1 })
      yield* Odds.update(id, { group: "y" })
      same(yield* Odds.find({ where: { group: "y", where: { gte: 1 } }, orderBy: [{ desc: "group" }] }), [
        { id, group: "y", where: 1 }
      ])
      same((yield* Odds.upsert({ id, group: "z" }, { on: ["id"] })).group, "z")
      same(yield* Odds.deleteWhere({ group: "z" }), 1)
    })
  }
]
