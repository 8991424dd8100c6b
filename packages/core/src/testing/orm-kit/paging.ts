/** Pages by cursor, and streams. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Orm from "../../orm/Orm.ts"
import * as Query from "../../orm/Query.ts"
import type { OrderBy } from "../../orm/Relation.ts"
import type { OrmCase } from "./Harness.ts"
import { Post, Posts, postsOfUser, Tag, Tags, type User, Users } from "./Models.ts"
import { author, fails, holds, same } from "./Stage.ts"

/** Every page, one after the other. */
const pages = (first: number, orderBy: OrderBy<typeof User.columns>) =>
  Effect.gen(function* () {
    const names: Array<ReadonlyArray<string>> = []
    let after: string | null = null
    do {
      const page: { readonly items: ReadonlyArray<{ readonly name: string }>; readonly next: string | null } =
        yield* Users.page({ orderBy, first, after })
      names.push(page.items.map(({ name }) => name))
      after = page.next
    } while (after !== null)
    return names
  })

const people = Effect.forEach(
  Array.from({ length: 11 }, (_, i) => i),
  (i) =>
    Users.insert({
      email: `${i}@x.io`,
      name: `n${i}`,
      nickname: i % 3 === 0 ? null : `nick ${i % 2}`,
      role: i % 2 === 0 ? "admin" : "member",
      logins: i % 4
    })
)

export const paging: ReadonlyArray<OrmCase> = [
  {
    name: "pages by key, to the last page and no further",
    run: Effect.fnUntraced(function* () {
      same(yield* pages(4, []), [[]])
      yield* people
      same(yield* pages(4, []), [
        ["n0", "n1", "n2", "n3"],
        ["n4", "n5", "n6", "n7"],
        ["n8", "n9", "n10"]
      ])
      same((yield* pages(11, [])).length, 1)
      same((yield* pages(1, [])).length, 11)
    })
  },
  {
    name: "pages in every order without losing or repeating a row, nulls among them",
    run: Effect.fnUntraced(function* () {
      yield* people
      const orders: ReadonlyArray<OrderBy<typeof User.columns>> = [
        ["nickname"],
        [{ desc: "nickname" }],
        ["role", { desc: "logins" }],
        [{ desc: "role" }, "nickname", { desc: "logins" }],
        [{ desc: "nickname" }, { desc: "id" }],
        ["createdAt", { desc: "name" }]
      ]
      for (const orderBy of orders) {
        const whole = yield* Users.find({
          orderBy: orderBy.some((item) => typeof item === "object" && item.desc === "id") ? orderBy : [...orderBy, "id"]
        })
        const expected = whole.map(({ name }) => name)
        for (const first of [1, 3, 5]) same((yield* pages(first, orderBy)).flat(), expected)
      }
    })
  },
  {
    name: "pages with a filter and relations",
    run: Effect.fnUntraced(function* () {
      yield* people
      const one = yield* Users.page({ where: { role: "admin" }, first: 2, with: { posts: postsOfUser } })
      same(
        one.items.map(({ name, posts }) => [name, posts]),
        [
          ["n0", []],
          ["n2", []]
        ]
      )
      const two = yield* Users.page({ where: { role: "admin" }, first: 9, after: one.next })
      same([two.items.length, two.next], [4, null])
    })
  },
  {
    name: "stays right while rows come and go",
    run: Effect.fnUntraced(function* () {
      yield* people
      const one = yield* Users.page({ first: 3 })
      yield* Users.deleteWhere({ name: { in: ["n0", "n2"] } })
      const two = yield* Users.page({ first: 2, after: one.next })
      same(
        two.items.map(({ name }) => name),
        ["n3", "n4"]
      )
    })
  },
  {
    name: "refuses cursors that it did not give, and pages of no rows",
    run: Effect.fnUntraced(function* () {
      yield* people
      const { next } = yield* Users.page({ first: 2, orderBy: ["name"] })
      const text = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")
      for (const after of [
        "",
        "x",
        "!!!",
        text([]),
        text({}),
        text(["id", "1"]),
        text(["id", 1.5]),
        text(["id", null]),
        text(["nope", 1]),
        next ?? "",
        `${next}A`,
        "A".repeat(200_000)
      ]) {
        yield* fails(Users.page({ first: 2, after }), "CursorInvalid")
      }
      for (const first of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        yield* fails(Users.page({ first }), "QueryInvalid")
      }
    })
  },
  {
    name: "streams 100 000 rows in bounded memory, in order",
    run: Effect.fnUntraced(function* () {
      const count = 100_000
      yield* Tags.insertMany(Array.from({ length: count }, (_, i) => ({ id: i + 1, label: `label ${i}` })))
      let seen = 0
      let longest = 0
      yield* Tags.stream({ orderBy: ["id"] }).pipe(
        Stream.chunks,
        Stream.runForEach((chunk) =>
          Effect.sync(() => {
            longest = Math.max(longest, chunk.length)
            for (const { id } of chunk) same(id, ++seen)
          })
        )
      )
      same(seen, count)
      holds(longest <= 5000, `a chunk of ${longest} rows`)
    })
  },
  {
    name: "lets a consumer of a stream stop early, and write meanwhile",
    run: Effect.fnUntraced(function* () {
      yield* Tags.insertMany(Array.from({ length: 3000 }, (_, i) => ({ id: i + 1, label: `label ${i}` })))
      const first = yield* Stream.runCollect(Stream.take(Tags.stream({ orderBy: ["id"] }), 3))
      same(
        first.map(({ id }) => id),
        [1, 2, 3]
      )
      const labels = yield* Tags.stream({ orderBy: ["id"] }).pipe(
        Stream.tap(({ id }) => (id === 1 ? Tags.updateAll({ label: "gone" }).pipe(Effect.ignore) : Effect.void)),
        Stream.tap(({ id }) => (id === 2 ? Tags.deleteWhere({ id: { gt: 10 } }) : Effect.void)),
        Stream.runCollect
      )
      same(labels.length, 3000)
      same(yield* Tags.count(), 10)
    })
  },
  {
    name: "streams with a filter, through a query with parameters, and within a transaction",
    run: Effect.fnUntraced(function* () {
      yield* author("a", "one", "two", "three")
      const drafts = Posts.stream({ where: { title: { ne: "two" } }, orderBy: ["title"] })
      same(
        (yield* Stream.runCollect(drafts)).map(({ title }) => title),
        ["one", "three"]
      )
      const query = Query.prepare<{ title: string }>()((p) =>
        Query.from(Post)
          .where((t) => t.title.gt(p.title))
          .orderBy((t) => [t.title.asc()])
          .select((t) => ({ title: t.title }))
      )
      same(yield* Stream.runCollect(Orm.stream(query, { title: "one" })), [{ title: "three" }, { title: "two" }])
      yield* Orm.transaction(
        Effect.gen(function* () {
          yield* Posts.deleteWhere({ title: "one" })
          same((yield* Stream.runCollect(drafts)).length, 1)
        })
      )
    })
  },
  {
    name: "fails a stream that makes no sense",
    run: Effect.fnUntraced(function* () {
      yield* fails(Stream.runDrain(Tags.stream({ where: { nope: 1 } as never })), "QueryInvalid")
      const insert = Query.insert(Tag) as never
      yield* fails(Stream.runDrain(Orm.stream(insert)), "QueryInvalid")
    })
  }
]
