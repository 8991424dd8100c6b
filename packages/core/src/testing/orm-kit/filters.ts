/** Which rows a filter finds, and that nothing which makes no sense is taken for "no filter". */
import * as Effect from "effect/Effect"
import * as Orm from "../../orm/Orm.ts"
import * as Query from "../../orm/Query.ts"
import type { Where } from "../../orm/Where.ts"
import type { OrmCase } from "./Harness.ts"
import { Post, Posts, type Tag, Tags, User, Users } from "./Models.ts"
import { author, fails, same } from "./Stage.ts"

const people = Effect.gen(function* () {
  yield* Users.insertMany([
    { email: "ada@x.io", name: "Ada", nickname: "countess", role: "admin", logins: 3 },
    { email: "bob@x.io", name: "Bob", logins: 1 },
    { email: "cyd@y.io", name: "cyd", nickname: "100%", logins: 2 },
    { email: "dot@y.io", name: "Dot_t", nickname: "back\\slash", role: "admin", logins: 0 }
  ])
})

const finds = (what: string, where: Where<typeof User.columns>, names: ReadonlyArray<string>): OrmCase => ({
  name: `finds by ${what}`,
  run: Effect.fnUntraced(function* () {
    yield* people
    const found = yield* Users.find({ where, orderBy: ["id"] })
    same(
      found.map(({ name }) => name),
      names
    )
    same(yield* Users.count(where), names.length)
    same(yield* Users.exists(where), names.length > 0)
    const query = Query.from(User)
      .where(where)
      .orderBy((t) => [t.id.asc()])
      .select((t) => ({ name: t.name }))
    same(
      (yield* Orm.run(query)).map(({ name }) => name),
      names
    )
  })
})

const everyone = ["Ada", "Bob", "cyd", "Dot_t"]

/** What a stranger, or a bug, may put into a filter. */
const nonsense: ReadonlyArray<readonly [string, unknown]> = [
  ["a name that is no column", { nope: 1 }],
  ["a name of Object's prototype", JSON.parse('{ "__proto__": 1 }')],
  ["constructor", { constructor: 1 }],
  ["undefined for a value", { name: undefined }],
  ["undefined for an operator", { logins: { gt: undefined } }],
  ["undefined itself", undefined],
  ["null", null],
  ["text", "name = 'Ada'"],
  ["a list", [{ name: "Ada" }]],
  ["an operator that does not exist", { logins: { $gt: 0 } }],
  ["an operator of Object's prototype", { logins: { toString: 0 } }],
  ["no operator", { logins: {} }],
  ["or that is no list", { or: { name: "Ada" } }],
  ["in that is no list", { logins: { in: 1 } }],
  ["a null compared by size", { logins: { gt: null } }],
  ["a pattern for a number", { logins: { like: "1%" } }],
  ["a pattern that is no text", { name: { contains: 1 } }],
  ["isNull that is no boolean", { name: { isNull: 1 } }],
  ["nonsense inside not", { not: { nope: 1 } }],
  ["nonsense inside or", { or: [{ name: "Ada" }, { nope: 1 }] }]
]

export const filters: ReadonlyArray<OrmCase> = [
  finds("nothing: all rows", {}, everyone),
  finds("a value", { role: "admin" }, ["Ada", "Dot_t"]),
  finds("two values at once", { role: "admin", logins: 0 }, ["Dot_t"]),
  finds("null", { nickname: null }, ["Bob"]),
  finds("ne, which no null is", { nickname: { ne: "countess" } }, ["cyd", "Dot_t"]),
  finds("ne null", { nickname: { ne: null as never } }, ["Ada", "cyd", "Dot_t"]),
  finds("lt and lte", { logins: { lt: 2, lte: 1 } }, ["Bob", "Dot_t"]),
  finds("gt and gte", { logins: { gt: 0, gte: 2 } }, ["Ada", "cyd"]),
  finds("in", { logins: { in: [0, 3, 77] } }, ["Ada", "Dot_t"]),
  finds("in of nothing: no row", { logins: { in: [] } }, []),
  finds("notIn", { logins: { notIn: [0, 3] } }, ["Bob", "cyd"]),
  finds("notIn of nothing: all rows", { logins: { notIn: [] } }, everyone),
  finds("like, upper and lower case being different", { name: { like: "C%" } }, []),
  finds("like with %", { email: { like: "%@y.io" } }, ["cyd", "Dot_t"]),
  finds("like with _", { name: { like: "B_b" } }, ["Bob"]),
  finds("like with an escape", { name: { like: "Dot\\_t" } }, ["Dot_t"]),
  finds("contains, % being itself", { nickname: { contains: "0%" } }, ["cyd"]),
  finds("contains, _ being itself", { name: { contains: "_" } }, ["Dot_t"]),
  finds("contains a backslash", { nickname: { contains: "\\" } }, ["Dot_t"]),
  finds("startsWith", { name: { startsWith: "D" } }, ["Dot_t"]),
  finds("endsWith", { email: { endsWith: "x.io" } }, ["Ada", "Bob"]),
  finds("or", { or: [{ name: "Ada" }, { name: "Bob" }] }, ["Ada", "Bob"]),
  finds("or of nothing: no row", { or: [] }, []),
  finds("and of nothing: all rows", { and: [] }, everyone),
  finds("not", { not: { role: "admin" } }, ["Bob", "cyd"]),
  finds(
    "and, or and not in one another",
    { and: [{ or: [{ logins: { gt: 1 } }, { nickname: null }] }, { not: { name: "cyd" } }] },
    ["Ada", "Bob"]
  ),
  {
    name: `refuses filters that make no sense: ${nonsense.length} of them, wherever a filter goes`,
    run: Effect.fnUntraced(function* () {
      yield* people
      for (const [what, where] of nonsense) {
        const filter = where as never
        yield* fails(Users.find({ where: filter }), "QueryInvalid", what)
        yield* fails(Users.first({ where: filter }), "QueryInvalid")
        yield* fails(Users.count(filter), "QueryInvalid")
        yield* fails(Users.exists(filter), "QueryInvalid")
        yield* fails(Users.page({ where: filter, first: 1 }), "QueryInvalid")
        yield* fails(Users.updateWhere(filter, { name: "changed" }), "QueryInvalid")
        yield* fails(Users.deleteWhere(filter), "QueryInvalid")
      }
      same(
        (yield* Users.find({ orderBy: ["id"] })).map(({ name }) => name),
        everyone
      )
    })
  },
  {
    name: "updates and deletes all rows only when asked by name",
    run: Effect.fnUntraced(function* () {
      yield* people
      yield* fails(Users.updateWhere({}, { name: "changed" }), "QueryInvalid")
      yield* fails(Users.deleteWhere({}), "QueryInvalid")
      same(yield* Users.updateAll({ role: "member" }), 4)
      same(yield* Users.deleteAll(), 4)
    })
  },
  {
    name: "orders by several columns, null first, or last when descending",
    run: Effect.fnUntraced(function* () {
      yield* people
      const names = (rows: ReadonlyArray<{ readonly name: string }>) => rows.map(({ name }) => name)
      same(names(yield* Users.find({ orderBy: ["nickname"] })), ["Bob", "cyd", "Dot_t", "Ada"])
      same(names(yield* Users.find({ orderBy: [{ desc: "nickname" }] })), ["Ada", "Dot_t", "cyd", "Bob"])
      same(names(yield* Users.find({ orderBy: ["role", { desc: "logins" }] })), ["Ada", "Dot_t", "cyd", "Bob"])
      same(names(yield* Users.find({ orderBy: ["name"] })), ["Ada", "Bob", "Dot_t", "cyd"])
      same(names(yield* Users.find({ orderBy: ["id"], limit: 2, offset: 1 })), ["Bob", "cyd"])
      same(names(yield* Users.find({ orderBy: ["id"], offset: 3 })), ["Dot_t"])
      same(names(yield* Users.find({ orderBy: ["id"], limit: 0 })), [])
    })
  },
  {
    name: "refuses orders, limits and options that make no sense",
    run: Effect.fnUntraced(function* () {
      for (const orderBy of [["nope"], ["id; drop table kit_users"], [{ desc: "nope" }], [undefined], "id", [{}]]) {
        yield* fails(Users.find({ orderBy: orderBy as never }), "QueryInvalid")
        yield* fails(Users.page({ orderBy: orderBy as never, first: 1 }), "QueryInvalid")
      }
      yield* fails(Users.find({ limit: undefined as never }), "QueryInvalid")
      yield* fails(Users.find({ limit: 1.5 }), "ValueInvalid")
      yield* fails(Users.find({ limit: "1" as never }), "ValueInvalid")
      yield* fails(Users.find({ filter: {} } as never), "QueryInvalid")
    })
  },
  {
    name: "refuses the first filter as it does the thousandth: shapes are remembered, sense is not",
    run: Effect.fnUntraced(function* () {
      yield* Tags.insert({ label: "a" })
      for (let i = 0; i < 1200; i++) {
        const or = Array.from({ length: 1 + (i % 40) }, (_, j) => ({ label: { [i % 2 ? "eq" : "ne"]: `${i} ${j}` } }))
        same((yield* Tags.find({ where: { or } as never })).length, i % 2 ? 0 : 1)
      }
      yield* fails(Tags.find({ where: { or: [{ label: "a" }, { labell: "a" }] } as never }), "QueryInvalid")
    })
  },
  {
    name: "refuses an expression that is too deep rather than running out of stack",
    run: Effect.fnUntraced(function* () {
      let where: Where<typeof Tag.columns> = { label: "a" }
      for (let i = 0; i < 2000; i++) where = { not: where }
      yield* fails(Tags.find({ where }), "QueryInvalid")
    })
  },
  {
    name: "compares columns with columns and with calculations",
    run: Effect.fnUntraced(function* () {
      yield* author("a", "one", "two")
      yield* Posts.updateWhere({ title: "one" }, { views: 5n, score: 5 })
      const same5 = Query.from(Post).where((t) =>
        Query.and(t.views.gt(4n), t.views.plus(1n).lte(6n), t.title.eq(t.title))
      )
      same((yield* Orm.run(same5)).length, 1)
      const none = Query.from(Post).where((t) => Query.not(Query.or(t.draft.eq(true), t.draft.eq(false))))
      same(yield* Orm.run(none), [])
    })
  }
]
