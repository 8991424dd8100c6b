/** Text that means something in SQL means nothing here. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Orm from "../../orm/Orm.ts"
import * as Query from "../../orm/Query.ts"
import type { OrmCase } from "./Harness.ts"
import { Post, Posts, Tags, User, Users } from "./Models.ts"
import { author, fails, same } from "./Stage.ts"

const corpus: ReadonlyArray<string> = [
  "'",
  "''",
  '"',
  "`",
  "\\",
  "\\'",
  "\\'; drop table kit_users; --",
  "'; drop table kit_users; --",
  "' or '1'='1",
  "' or 1=1 --",
  '" or ""="',
  "') or ('a'='a",
  "1; delete from kit_users",
  "1) union select password from kit_users --",
  "' union select null, null, null --",
  "admin'/*",
  "*/ or 1=1 /*",
  "?",
  "$1",
  ":name",
  "$" + "{1}",
  "%27%20or%201=1",
  "\u02bc or 1=1",
  "' || pg_sleep(1) --",
  "'; attach database 'x' as x; --",
  "\u2019; drop table kit_users; --",
  "$$; drop table kit_users; $$",
  "E'\\x27'"
]

const intact = Effect.gen(function* () {
  same(yield* Users.count(), 1)
  same(yield* Posts.count(), 1)
})

export const injection: ReadonlyArray<OrmCase> = [
  {
    name: `takes ${corpus.length} injections for plain text, in every operator`,
    run: Effect.fnUntraced(function* () {
      yield* author("a", "one")
      for (const text of corpus) {
        for (const operator of ["eq", "lt", "gt", "lte", "gte", "like", "contains", "startsWith", "endsWith"]) {
          const found = yield* Users.find({ where: { name: { [operator]: text } } as never })
          same(found.length, found.filter(({ name }) => name === "a").length)
        }
        same(yield* Users.count({ name: text }), 0)
        same(yield* Users.count({ name: { in: [text, text] } }), 0)
        same(yield* Users.count({ name: { notIn: [text] } }), 1)
        same(yield* Users.count({ name: { contains: text } }), 0)
        same(yield* Users.count({ not: { or: [{ name: text }, { email: text }] } }), 1)
      }
      yield* intact
    })
  },
  {
    name: "takes them for plain text where values are written, and gives them back as they were",
    run: Effect.fnUntraced(function* () {
      yield* author("a", "one")
      for (const text of corpus) {
        const { id } = yield* Tags.insert({ label: text })
        same(Option.getOrThrow(yield* Tags.byId(id)).label, text)
        same((yield* Tags.upsert({ label: text }, { on: ["label"] })).id, id)
        same(yield* Tags.updateWhere({ label: text }, { label: `${text}!` }), 1)
        same(yield* Tags.deleteWhere({ label: { endsWith: `${text}!` } }), 1)
      }
      yield* intact
    })
  },
  {
    name: "takes none of them for the name of a column, an order or an option",
    run: Effect.fnUntraced(function* () {
      yield* author("a", "one")
      for (const text of corpus) {
        yield* fails(Users.find({ where: { [text]: "x" } as never }), "QueryInvalid")
        yield* fails(Users.find({ where: { name: { [text]: "x" } } as never }), "QueryInvalid")
        yield* fails(Users.find({ orderBy: [text as never] }), "QueryInvalid")
        yield* fails(Users.find({ orderBy: [{ desc: text as never }] }), "QueryInvalid")
        yield* fails(Users.updateWhere({ name: "a" }, { [text]: "x" }), "QueryInvalid")
        yield* fails(Users.insert({ email: "e", name: "n", [text]: "x" }), "ValueInvalid")
        yield* fails(Users.page({ first: 1, after: text }), "CursorInvalid")
      }
      yield* intact
    })
  },
  {
    name: "writes names of results and sources so that they stay names",
    run: Effect.fnUntraced(function* () {
      yield* author("a", "one")
      for (const text of [...corpus, "__proto__", "constructor", "a b", "漢"]) {
        const query = Query.from({ [text]: Post })
          .join({ [`${text} 2`]: User }, (t) => t[`${text} 2`]?.["id"]?.eq(t[text]?.["authorId"] as never) as never)
          .select((t) => ({ [text]: t[text]?.["title"] as never }))
        const rows = yield* Orm.run(query)
        same(
          rows.map((row) => Object.entries(row)),
          [[[text, "one"]]]
        )
      }
      yield* intact
    })
  }
]
