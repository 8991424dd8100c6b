/** What is asked beyond one model: joins, groups, selects in selects, parameters, raw text. */
import { isDate } from "node:util/types"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Column from "../../orm/Column.ts"
import * as Orm from "../../orm/Orm.ts"
import * as Query from "../../orm/Query.ts"
import type { OrmCase } from "./Harness.ts"
import { Post, Posts, Tag, Tags, User, Users, Value, Values } from "./Models.ts"
import { author, fails, same } from "./Stage.ts"

const world = Effect.gen(function* () {
  const ada = yield* author("ada", "one", "two", "three")
  const bob = yield* author("bob", "four")
  yield* author("cyd")
  yield* Users.update(bob.user.id, { managerId: ada.user.id })
  yield* Posts.updateWhere({ title: "one" }, { views: 10n, score: 1.5, price: "1.10" })
  yield* Posts.updateWhere({ title: "two" }, { views: 2n ** 60n, score: 2.5, price: "2.20" })
  yield* Posts.updateWhere({ title: "four" }, { views: 5n, price: "0.05", draft: false })
  return { ada, bob }
})

export const queries: ReadonlyArray<OrmCase> = [
  {
    name: "joins, and decodes joined columns as any others",
    run: Effect.fnUntraced(function* () {
      yield* world
      const query = Query.from({ post: Post })
        .join({ author: User }, ({ author, post }) => author.id.eq(post.authorId))
        .leftJoin({ boss: User }, ({ author, boss }) => boss.id.eq(author.managerId))
        .where(({ author, post }) => Query.or(post.draft.eq(false), author.name.eq("ada")))
        .where({ title: { ne: "three" } })
        .orderBy(({ post }) => [post.views.desc()])
        .select(({ author, boss, post }) => ({
          title: post.title,
          views: post.views,
          draft: post.draft,
          author: author.name,
          since: author.createdAt,
          boss: boss.name,
          bossSince: boss.createdAt
        }))
      const rows = yield* Orm.run(query)
      same(
        rows.map(({ author, boss, draft, title, views }) => [title, views, draft, author, boss]),
        [
          ["two", 2n ** 60n, true, "ada", null],
          ["one", 10n, true, "ada", null],
          ["four", 5n, false, "bob", "ada"]
        ]
      )
      same(
        rows.map(({ bossSince, since }) => [isDate(since), isDate(bossSince)]),
        [
          [true, false],
          [true, false],
          [true, true]
        ]
      )
    })
  },
  {
    name: "counts, sums, averages and finds the smallest and the largest, exactly",
    run: Effect.fnUntraced(function* () {
      yield* world
      const all = Query.from(Post).select((t) => ({
        rows: Query.count(),
        scores: Query.count(t.score),
        authors: Query.count(t.authorId, { distinct: true }),
        views: Query.sum(t.views),
        price: Query.sum(t.price),
        score: Query.avg(t.score),
        mean: Query.avg(t.price),
        first: Query.min(t.title),
        most: Query.max(t.views),
        cheapest: Query.min(t.price)
      }))
      same(yield* Orm.run(all), [
        {
          rows: 4,
          scores: 2,
          authors: 2,
          views: 2n ** 60n + 15n,
          price: "3.35",
          score: 2,
          mean: 0.8375,
          first: "four",
          most: 2n ** 60n,
          cheapest: "0.00"
        }
      ])
    })
  },
  {
    name: "gives null for the sum of nothing, and zero for its count",
    run: Effect.fnUntraced(function* () {
      const none = Query.from(Post)
        .select((t) => ({
          n: Query.count(),
          views: Query.sum(t.views),
          price: Query.max(t.price),
          a: Query.avg(t.score)
        }))
        .first()
      same(Option.getOrThrow(yield* Orm.run(none)), { n: 0, views: null, price: null, a: null })
    })
  },
  {
    name: "groups, and filters groups",
    run: Effect.fnUntraced(function* () {
      const { ada, bob } = yield* world
      const grouped = Query.from(Post)
        .groupBy((t) => [t.authorId])
        .orderBy((t) => [Query.count().desc(), t.authorId.asc()])
        .select((t) => ({ author: t.authorId, n: Query.count() }))
      same(yield* Orm.run(grouped), [
        { author: ada.user.id, n: 3 },
        { author: bob.user.id, n: 1 }
      ])
      same(yield* Orm.run(grouped.having(() => Query.count().gt(1))), [{ author: ada.user.id, n: 3 }])
    })
  },
  {
    name: "selects distinct rows, a first one, and within another select",
    run: Effect.fnUntraced(function* () {
      const { ada } = yield* world
      const authors = Query.from(Post)
        .distinct()
        .orderBy((t) => [t.authorId.asc()])
        .select((t) => ({ id: t.authorId }))
      same((yield* Orm.run(authors)).length, 2)
      same(yield* Orm.run(authors.first()), Option.some({ id: ada.user.id }))
      same(yield* Orm.run(Query.from(Tag).first()), Option.none())
      const busy = Query.from(User)
        .where((t) =>
          t.id.in(
            Query.from(Post)
              .where({ draft: false })
              .select((t) => ({ id: t.authorId }))
          )
        )
        .select((t) => ({ name: t.name }))
      same(yield* Orm.run(busy), [{ name: "bob" }])
    })
  },
  {
    name: "limits rows for each group",
    run: Effect.fnUntraced(function* () {
      yield* world
      const top = Query.from(Post)
        .orderBy((t) => [t.views.desc()])
        .limitPerGroup((t) => t.authorId, 1)
        .select((t) => ({ title: t.title }))
      same((yield* Orm.run(top)).map(({ title }) => title).toSorted(), ["four", "two"])
    })
  },
  {
    name: "fills parameters of every kind, again and again, in any order",
    run: Effect.fnUntraced(function* () {
      yield* world
      const find = Query.prepare<{ min: bigint; titles: ReadonlyArray<string>; n: number; draft: boolean }>()((p) =>
        Query.from(Post)
          .where((t) => Query.and(t.title.in(p.titles), t.views.gte(p.min), t.draft.eq(p.draft)))
          .orderBy((t) => [t.title.asc()])
          .limit(p.n)
          .select((t) => ({ title: t.title }))
      )
      const run = (titles: ReadonlyArray<string>, min: bigint, n: number) =>
        Effect.map(Orm.run(find, { n, min, titles, draft: true }), (rows) => rows.map(({ title }) => title))
      for (let i = 0; i < 5; i++) {
        same(yield* run(["one", "two", "four"], 0n, 10), ["one", "two"])
        same(yield* run(["one", "two", "three"], 1n, 10), ["one", "two"])
        same(yield* run(["one", "two", "three"], 0n, 1), ["one"])
        same(yield* run([], 0n, 10), [])
      }
      yield* fails(Orm.run(find, { n: 1, titles: [], draft: true } as never), "ValueInvalid")
      yield* fails(Orm.run(find, { n: 1, min: "1", titles: [], draft: true } as never), "ValueInvalid")
      yield* fails(Orm.run(find, { n: 1, min: null, titles: [], draft: true } as never), "ValueInvalid")
      yield* fails(Orm.run(find, { n: 1, min: 1n, titles: "one", draft: true } as never), "ValueInvalid")
      yield* fails(Orm.run(find as never), "ValueInvalid")
    })
  },
  {
    name: "sets and calculates through parameters",
    run: Effect.fnUntraced(function* () {
      const { id } = yield* Values.insert({ integer: 10, decimal: "1.5", bigInteger: 2n ** 60n })
      const change = Query.prepare<{ by: number; to: string | null; price: string; id: number }>()((p) =>
        Query.update(Value)
          .set((t) => ({
            integer: t.integer.plus(p.by),
            text: p.to,
            decimal: t.decimal.minus(p.price),
            bigInteger: t.bigInteger.plus(1n)
          }))
          .where((t) => t.id.eq(p.id))
      )
      same(yield* Orm.run(change, { by: 5, to: "x", price: "0.0001", id }), 1)
      same(yield* Orm.run(change, { by: -20, to: null, price: "2", id }), 1)
      const row = Option.getOrThrow(yield* Values.byId(id))
      same([row.integer, row.text, row.decimal, row.bigInteger], [-5, null, "-0.5001", 2n ** 60n + 2n])
    })
  },
  {
    name: "refuses what would have to be rounded, and what cannot be compared",
    run: Effect.fnUntraced(function* () {
      const times = Query.from(Value).select((t) => ({ x: t.decimal.times("2") }))
      yield* fails(Orm.run(times), "QueryInvalid")
      const sum = Query.from(Value).select((t) => ({ x: Query.sum(t.text as never) }))
      yield* fails(Orm.run(sum), "QueryInvalid")
      const free = Query.prepare<{ x: number }>()((p) => Query.from(Value).select(() => ({ x: p.x })))
      yield* fails(Orm.run(free, { x: 1 }), "QueryInvalid")
    })
  },
  {
    name: "runs raw text with typed slots and a typed result",
    needs: ["sql"],
    run: Effect.fnUntraced(function* () {
      yield* Tags.insertMany([{ label: "it's" }, { label: ":id" }, { label: "b" }])
      const text = `select label as "one", count(*) as "two" from kit_tags where label = :label or label = ':id' -- :no
        group by label order by label`
      const query = Query.raw({
        text: { sqlite: text, postgres: text },
        slots: { label: Column.Text() },
        columns: { one: Column.Text(), two: Column.Integer() }
      })
      same(yield* Orm.run(query, { label: "it's" }), [
        { one: ":id", two: 1 },
        { one: "it's", two: 1 }
      ])
      const remove = "delete from kit_tags where label <> :label"
      const counting = Query.raw({ text: { sqlite: remove, postgres: remove }, slots: { label: Column.Text() } })
      same(yield* Orm.run(counting, { label: "b" }), 2)
      yield* fails(Orm.run(query, { label: 1 as never }), "ValueInvalid")
    })
  },
  {
    name: "locks the rows that it reads to change them",
    run: Effect.fnUntraced(function* () {
      yield* Tags.insert({ label: "a" })
      const lock = Query.from(Tag).where({ label: "a" }).forUpdate()
      yield* Orm.transaction(
        Effect.gen(function* () {
          const [row] = yield* Orm.run(lock)
          yield* Tags.update(row?.id ?? 0, { label: "b" })
        })
      )
      same(yield* Tags.exists({ label: "b" }), true)
    })
  },
  {
    name: "answers a ping",
    run: Effect.fnUntraced(function* ({ orm }) {
      yield* orm.ping
    })
  }
]
