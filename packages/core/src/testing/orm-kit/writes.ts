/** Inserts, updates and deletes: what they give, and what they leave. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/testing/TestClock"
import * as Orm from "../../orm/Orm.ts"
import * as Query from "../../orm/Query.ts"
import type { OrmCase } from "./Harness.ts"
import { Post, Posts, PostTags, Tag, Tags, User, Users } from "./Models.ts"
import { author, date, fails, holds, same } from "./Stage.ts"

export const writes: ReadonlyArray<OrmCase> = [
  {
    name: "inserts a row with its defaults, numbered by the database, and gives it as it is stored",
    run: Effect.fnUntraced(function* () {
      const user = yield* Users.insert({ email: "a@x.io", name: "a" })
      same(Object.keys(user), Object.keys(User.columns))
      same([user.nickname, user.role, user.logins, user.managerId], [null, "member", 0, null])
      holds(Number.isSafeInteger(user.id))
      same(Option.getOrThrow(yield* Users.byId(user.id)), user)
    })
  },
  {
    name: "takes the time of a default from Clock, not from the database",
    run: Effect.fnUntraced(function* () {
      const user = yield* Effect.gen(function* () {
        yield* TestClock.setTime(86_400_000)
        const user = yield* Users.insert({ email: "a@x.io", name: "a" })
        same(user.createdAt.getTime(), yield* Clock.currentTimeMillis)
        return user
      }).pipe(Effect.provide(TestClock.layer()))
      same(Option.getOrThrow(yield* Users.byId(user.id)).createdAt, date(86_400_000))
    })
  },
  {
    name: "calls a default that is a function for each row",
    run: Effect.fnUntraced(function* () {
      const { user } = yield* author("a")
      const rows = Array.from({ length: 20 }, (_, i) => ({ authorId: user.id, title: `${i}` }))
      same(yield* Posts.insertMany(rows), 20)
      const posts = yield* Posts.find()
      same(new Set(posts.map(({ id }) => id)).size, 20)
    })
  },
  {
    name: "takes a key that is given, and numbers on from there",
    run: Effect.fnUntraced(function* () {
      same((yield* Tags.insert({ id: 1000, label: "a" })).id, 1000)
      holds(Option.isSome(yield* Tags.byId(1000)))
      same(Option.isNone(yield* Tags.byId(1001)), true)
    })
  },
  {
    name: "never gives the number of a deleted row again",
    run: Effect.fnUntraced(function* () {
      const { id } = yield* Tags.insert({ label: "a" })
      yield* Tags.delete(id)
      const next = yield* Tags.insert({ label: "b" })
      holds(next.id > id)
    })
  },
  {
    name: "refuses an insert that lacks a value, has an undefined one, or names no column",
    run: Effect.fnUntraced(function* () {
      const rows: ReadonlyArray<readonly [unknown, string]> = [
        [{ name: "a" }, "email"],
        [{ email: "a", name: undefined }, "name"],
        [{ email: "a", name: "a", role: undefined }, "role"],
        [{ email: "a", name: "a", nope: 1 }, "nope"],
        [{ email: null, name: "a" }, "email"],
        ["a", ""],
        [null, "email"]
      ]
      for (const [row, column] of rows) {
        same((yield* fails(Users.insert(row as never), "ValueInvalid")).column, column)
        yield* fails(Users.insertMany([{ email: "b", name: "b" }, row as never]), "ValueInvalid")
      }
      same(yield* Users.count(), 0)
    })
  },
  {
    name: "inserts many rows, whatever their number, some numbered by the database and some not",
    run: Effect.fnUntraced(function* () {
      const rows = Array.from({ length: 2500 }, (_, i) =>
        i % 10 === 0 ? { id: 100_000 + i, label: `${i}` } : { label: `${i}` }
      )
      same(yield* Tags.insertMany(rows), 2500)
      same(yield* Tags.count(), 2500)
      same(
        (yield* Tags.find({ where: { label: "2490" } })).map(({ id }) => id),
        [102_490]
      )
      same(yield* Tags.insertMany([]), 0)
    })
  },
  {
    name: "gives the rows of a bulk insert in their order",
    run: Effect.fnUntraced(function* () {
      const labels = Array.from({ length: 30 }, (_, i) => ({ label: `label ${i}` }))
      const rows = yield* Orm.run(Query.insertMany(Tag).returning(), { rows: labels })
      same(
        rows.map(({ label }) => label),
        labels.map(({ label }) => label)
      )
      for (const row of rows) same(Option.getOrThrow(yield* Tags.byId(row.id)), row)
    })
  },
  {
    name: "inserts all rows of a bulk or none",
    run: Effect.fnUntraced(function* () {
      const rows = Array.from({ length: 1500 }, (_, i) => ({ label: `${i % 1499}` }))
      yield* fails(Tags.insertMany(rows), "UniqueViolation")
      same(yield* Tags.count(), 0)
    })
  },
  {
    name: "updates by key what is given, and nothing else",
    run: Effect.fnUntraced(function* () {
      const { user } = yield* author("a")
      yield* author("b")
      yield* Users.update(user.id, { nickname: "n", logins: 7 })
      const changed = { ...user, nickname: "n", logins: 7 }
      same(Option.getOrThrow(yield* Users.byId(user.id)), changed)
      same(yield* Users.update(user.id, { nickname: null }, { returning: true }), { ...changed, nickname: null })
      same(yield* Users.count({ logins: 0 }), 1)
    })
  },
  {
    name: "says that a row was not found",
    run: Effect.fnUntraced(function* () {
      same((yield* fails(Users.update(77, { name: "x" }), "NotFound")).table, "kit_users")
      yield* fails(Users.update(77, { name: "x" }, { returning: true }), "NotFound")
      yield* fails(Users.delete(77), "NotFound")
      same(Option.isNone(yield* Users.byId(77)), true)
    })
  },
  {
    name: "refuses updates of readonly columns, of unknown ones, of undefined, of nothing",
    run: Effect.fnUntraced(function* () {
      const { user } = yield* author("a")
      for (const values of [{ createdAt: date(0) }, { id: 5 }, { nope: 1 }, { name: undefined }, {}]) {
        yield* fails(Users.update(user.id, values as never), "QueryInvalid")
        yield* fails(Users.updateWhere({ id: user.id }, values as never), "QueryInvalid")
        yield* fails(Users.updateAll(values as never), "QueryInvalid")
      }
      same(Option.getOrThrow(yield* Users.byId(user.id)), user)
    })
  },
  {
    name: "increments without reading first, from many fibers at once",
    run: Effect.fnUntraced(function* () {
      const { user } = yield* author("a")
      const add = Users.updateWhere({ id: user.id }, (row) => ({ logins: row.logins.plus(1), name: "b" }))
      const counts = yield* Effect.all(
        Array.from({ length: 50 }, () => add),
        { concurrency: "unbounded" }
      )
      same(new Set(counts), new Set([1]))
      const { logins, name } = Option.getOrThrow(yield* Users.byId(user.id))
      same([logins, name], [50, "b"])
    })
  },
  {
    name: "compares and sets: of many who try, one is told that it was",
    run: Effect.fnUntraced(function* () {
      const { user } = yield* author("a")
      const take = (by: number) => Users.updateWhere({ id: user.id, nickname: null }, { nickname: `${by}` })
      const counts = yield* Effect.forEach([1, 2, 3, 4, 5], take, { concurrency: "unbounded" })
      same(
        counts.reduce((sum, count) => sum + count),
        1
      )
    })
  },
  {
    name: "inserts where nothing is, and leaves what is there",
    run: Effect.fnUntraced(function* () {
      same(yield* Users.insertIfAbsent({ email: "a@x.io", name: "first" }, { on: ["email"] }), true)
      same(yield* Users.insertIfAbsent({ email: "a@x.io", name: "second" }, { on: ["email"] }), false)
      same(
        (yield* Users.find()).map(({ name }) => name),
        ["first"]
      )
      const ignoring = Query.insertMany(Tag).orIgnore(["label"])
      same(yield* Orm.run(ignoring, { rows: [{ label: "a" }, { label: "b" }] }), 2)
      same(yield* Orm.run(ignoring, { rows: [{ label: "b" }, { label: "c" }, { label: "c" }] }), 1)
      const added = yield* Orm.run(ignoring.returning(), { rows: [{ label: "a" }, { label: "d" }] })
      same(
        added.map(({ label }) => label),
        ["d"]
      )
    })
  },
  {
    name: "upserts: inserts, or updates what it is told to",
    run: Effect.fnUntraced(function* () {
      const first = yield* Users.upsert({ email: "a@x.io", name: "one", logins: 1 }, { on: ["email"] })
      const second = yield* Users.upsert({ email: "a@x.io", name: "two" }, { on: ["email"] })
      same(second, { ...first, name: "two" })
      const third = yield* Users.upsert(
        { email: "a@x.io", name: "three", logins: 9 },
        { on: ["email"], update: ["logins"] }
      )
      same(third, { ...first, name: "two", logins: 9 })
      const fourth = yield* Users.upsert({ email: "a@x.io", name: "four" }, { on: ["email"], update: [] })
      same(fourth, third)
      same(yield* Users.count(), 1)
    })
  },
  {
    name: "upserts a row of which nothing can be updated, and refuses columns that do not exist",
    run: Effect.fnUntraced(function* () {
      const { posts } = yield* author("a", "one")
      const { id: tagId } = yield* Tags.insert({ label: "t" })
      const key = { postId: posts[0]?.id ?? "", tagId }
      same(yield* PostTags.upsert(key, { on: ["postId", "tagId"] }), key)
      same(yield* PostTags.upsert(key, { on: ["postId", "tagId"] }), key)
      same(yield* PostTags.count(), 1)
      for (const on of [["nope"], [], ["label", "nope"]]) {
        yield* fails(Tags.upsert({ label: "t" }, { on: on as never }), "QueryInvalid")
        yield* fails(Tags.insertIfAbsent({ label: "t" }, { on: on as never }), "QueryInvalid")
      }
      yield* fails(Tags.upsert({ label: "t" }, { on: ["label"], update: ["nope" as never] }), "QueryInvalid")
    })
  },
  {
    name: "upserts with what is calculated from the row that is there and the given one",
    run: Effect.fnUntraced(function* () {
      const hit = Query.insert(User)
        .orUpdate(["email"], (there, given) => ({ logins: there.logins.plus(given.logins), name: given.name }))
        .returning()
      yield* Orm.run(hit, { email: "a@x.io", name: "a", logins: 2 })
      const user = yield* Orm.run(hit, { email: "a@x.io", name: "b", logins: 3 })
      same([user.logins, user.name], [5, "b"])
    })
  },
  {
    name: "knows rows by composite keys",
    run: Effect.fnUntraced(function* () {
      const { posts } = yield* author("a", "one")
      const { id: tagId } = yield* Tags.insert({ label: "t" })
      const key = { postId: posts[0]?.id ?? "", tagId }
      yield* PostTags.insert(key)
      same(Option.getOrThrow(yield* PostTags.byId(key)), key)
      same(Option.isNone(yield* PostTags.byId({ ...key, tagId: tagId + 1 })), true)
      same((yield* fails(PostTags.insert(key), "UniqueViolation")).columns, ["postId", "tagId"])
      yield* PostTags.delete(key)
      yield* fails(PostTags.delete(key), "NotFound")
    })
  },
  {
    name: "gives what an update and a delete met, as rows or as chosen columns",
    run: Effect.fnUntraced(function* () {
      yield* author("a", "one", "two", "three")
      const publish = Query.update(Post)
        .set({ draft: false })
        .where({ title: { in: ["one", "two"] } })
        .returning((t) => ({ title: t.title, draft: t.draft }))
      const published = yield* Orm.run(publish)
      same(
        published.toSorted((a, b) => a.title.localeCompare(b.title)),
        [
          { title: "one", draft: false },
          { title: "two", draft: false }
        ]
      )
      const removed = yield* Orm.run(Query.delete(Post).where({ draft: true }).returning())
      same(
        removed.map(({ title }) => title),
        ["three"]
      )
    })
  },
  {
    name: "claims the first rows of a queue, each by one of those who ask",
    run: Effect.fnUntraced(function* () {
      yield* Tags.insertMany(Array.from({ length: 40 }, (_, i) => ({ label: `job ${String(i).padStart(2, "0")}` })))
      const claim = Query.prepare<{ by: string; limit: number }>()((p) =>
        Query.update(Tag)
          .set((t) => ({ label: p.by, id: t.id }) as never)
          .where((t) =>
            t.id.in(
              Query.from(Tag)
                .where({ label: { startsWith: "job" } })
                .orderBy((t) => [t.label.asc()])
                .limit(p.limit)
                .forUpdate({ skipLocked: true })
                .select((t) => ({ id: t.id }))
            )
          )
          .returning()
      )
      // the key is readonly: such an update is refused
      yield* fails(Orm.run(claim, { by: "x", limit: 1 }), "QueryInvalid")
      const take = Query.prepare<{ limit: number }>()((p) =>
        Query.delete(Tag)
          .where((t) =>
            t.id.in(
              Query.from(Tag)
                .where({ label: { startsWith: "job" } })
                .orderBy((t) => [t.label.asc()])
                .limit(p.limit)
                .forUpdate({ skipLocked: true })
                .select((t) => ({ id: t.id }))
            )
          )
          .returning((t) => ({ label: t.label }))
      )
      const first = yield* Orm.run(take, { limit: 2 })
      same(first.map(({ label }) => label).toSorted(), ["job 00", "job 01"])
      const rest = yield* Effect.all(
        Array.from({ length: 10 }, () => Orm.transaction(Orm.run(take, { limit: 5 }))),
        { concurrency: "unbounded" }
      )
      const labels = rest.flat().map(({ label }) => label)
      same(labels.length, 38)
      same(new Set(labels).size, 38)
    })
  }
]
