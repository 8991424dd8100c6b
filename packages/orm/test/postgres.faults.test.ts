// @module-tag service
import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Column from "@mortise/core/orm/Column"
import * as Model from "@mortise/core/orm/Model"
import type { Interpreter } from "@mortise/core/orm/Orm"
import { Orm } from "@mortise/core/orm/Orm"
import * as Query from "@mortise/core/orm/Query"
import { until } from "@mortise/core/testing/until"
import { Migrations, Postgres } from "@mortise/orm"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { available, connect, database } from "./postgres.ts"

const Item = Model.make("items", { id: Column.Integer().primaryKey(), name: Column.Text() })
const insert = Query.insert(Item)
const backend = Query.raw({
  text: { postgres: "select pg_backend_pid()::bigint, now()" },
  columns: { pid: Column.Integer(), at: Column.DateTime() }
})
const sleep = Query.raw({
  text: { postgres: "select 1::bigint from (select pg_sleep(30)) as t" },
  columns: { n: Column.Integer() }
})

interface Given {
  readonly url: string
  readonly orm: Interpreter
  /** Runs SQL on another session. */
  readonly aside: (sql: string) => Effect.Effect<ReadonlyArray<ReadonlyArray<unknown>>>
}

const given = (options: Partial<Postgres.Options> = {}): Effect.Effect<Given, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const url = yield* database
    const orm = yield* Postgres.make({ url: Redacted.make(url), ...options })
    yield* Effect.provideService(Migrations.up([{ namespace: "app", models: [Item] }]), Orm, orm)
    const session = yield* connect(url)
    return { url, orm, aside: (sql) => Effect.orDie(session.queryValues(sql)) }
  })

const kill = ({ aside }: Given, pid: number) => aside(`select pg_terminate_backend(${pid})`)

const rows = ({ aside }: Given) => Effect.map(aside("select count(*) from items"), ([row]) => Number(row![0]))

const active = (given: Given, what: string) =>
  Effect.map(
    given.aside(
      `select count(*) from pg_stat_activity where state = 'active' and query like '%${what}%' and pid <> pg_backend_pid()`
    ),
    ([row]) => Number(row![0])
  )

/** Polls what a query of another session says. */
const eventually = (what: string, ask: Effect.Effect<boolean>) =>
  Effect.gen(function* () {
    let holds = false
    const asking = yield* Effect.forkChild(
      Effect.gen(function* () {
        while (!holds) {
          holds = yield* ask
          yield* Effect.yieldNow
        }
      })
    )
    yield* until(what, () => holds)
    yield* Fiber.join(asking)
  })

describe.runIf(available)("PostgreSQL that goes away", () => {
  it.live("in a transaction: nothing is committed, and nothing says so", () =>
    Effect.gen(function* () {
      const all = yield* given()
      const { orm } = all
      const error = yield* Effect.flip(
        orm.transaction(
          Effect.gen(function* () {
            yield* orm.run(insert, { name: "a" })
            const pid = (yield* orm.run(backend))[0]!.pid
            yield* kill(all, pid)
            yield* orm.run(insert, { name: "b" })
          })
        )
      )
      assert.equal(error._tag, "ConnectionLost")
      assert.equal(yield* rows(all), 0)
      // the pool has another session for who comes next
      yield* orm.run(insert, { name: "c" })
      assert.equal(yield* rows(all), 1)
    }).pipe(Effect.scoped)
  )

  it.live("before the commit: its outcome is unknown, never a success", () =>
    Effect.gen(function* () {
      const all = yield* given()
      const { orm } = all
      const error = yield* Effect.flip(
        orm.transaction(
          Effect.gen(function* () {
            yield* orm.run(insert, { name: "a" })
            const pid = (yield* orm.run(backend))[0]!.pid
            yield* kill(all, pid)
          })
        )
      )
      assert.equal(error._tag, "OutcomeUnknown")
      assert.equal(yield* rows(all), 0)
    }).pipe(Effect.scoped)
  )

  it.live("in a statement that writes by itself: its outcome is unknown", () =>
    Effect.gen(function* () {
      const all = yield* given()
      yield* all.aside(
        "create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(30); return new; end $$"
      )
      yield* all.aside("create trigger slow before insert on items for each row execute function slow()")
      const writing = yield* Effect.forkChild(Effect.flip(all.orm.run(insert, { name: "a" })))
      yield* eventually(
        "the insert runs",
        Effect.map(active(all, "insert into"), (n) => n === 1)
      )
      yield* all.aside(
        "select pg_terminate_backend(pid) from pg_stat_activity where state = 'active' and query like 'insert into%'"
      )
      assert.equal((yield* Fiber.join(writing))._tag, "OutcomeUnknown")
    }).pipe(Effect.scoped)
  )

  it.live("is not there to begin with: a typed error that says so", () =>
    Effect.gen(function* () {
      const url = Redacted.make("postgres://postgres@127.0.0.1:1/nothing")
      assert.equal((yield* Effect.flip(Postgres.make({ url })))._tag, "ConnectionLost")
    }).pipe(Effect.scoped)
  )

  it.live("an interrupted query stops on the server, and its session goes on", () =>
    Effect.gen(function* () {
      const all = yield* given({ maxConnections: 1 })
      const sleeping = yield* Effect.forkChild(all.orm.run(sleep))
      yield* eventually(
        "it sleeps",
        Effect.map(active(all, "pg_sleep"), (n) => n === 1)
      )
      yield* Fiber.interrupt(sleeping)
      yield* eventually(
        "nobody sleeps",
        Effect.map(active(all, "pg_sleep"), (n) => n === 0)
      )
      yield* all.orm.run(insert, { name: "a" })
      assert.equal(yield* rows(all), 1)
    }).pipe(Effect.scoped)
  )

  it.live("an interrupted transaction is undone", () =>
    Effect.gen(function* () {
      const all = yield* given()
      const inside = yield* Deferred.make<void>()
      const working = yield* Effect.forkChild(
        all.orm.transaction(
          Effect.gen(function* () {
            yield* all.orm.run(insert, { name: "a" })
            yield* Deferred.succeed(inside, undefined)
            yield* Effect.never
          })
        )
      )
      yield* Deferred.await(inside)
      yield* Fiber.interrupt(working)
      assert.equal(yield* rows(all), 0)
    }).pipe(Effect.scoped)
  )

  it.live("a pool that is used up: a timeout that says what was waited for", () =>
    Effect.gen(function* () {
      const all = yield* given({ maxConnections: 1, acquireTimeout: 50 })
      const error = yield* all.orm.transaction(Effect.flip(outside(all)))
      assert.equal(error._tag, "Timeout")
      assert.match(error.message, /one of 1 connections, all of which are in use/)
    }).pipe(Effect.scoped)
  )

  it.live("a statement that takes too long: a timeout of the server", () =>
    Effect.gen(function* () {
      const all = yield* given({ statementTimeout: 50 })
      assert.equal((yield* Effect.flip(all.orm.run(sleep)))._tag, "Timeout")
    }).pipe(Effect.scoped)
  )

  it.live("streams in bounded memory, as of the moment it began, and frees its session when it is left", () =>
    Effect.gen(function* () {
      const all = yield* given({ maxConnections: 1 })
      yield* all.aside("insert into items (name) select 'n' || n from generate_series(1, 5000) as t(n)")
      const query = Query.from(Item).orderBy(({ id }) => [id.asc()])
      const some = yield* Stream.runCollect(Stream.take(all.orm.stream(query), 300))
      assert.deepEqual([some.length, some[299]!.name], [300, "n300"])
      assert.equal(yield* Stream.runCount(all.orm.stream(query)), 5000)
      yield* all.orm.run(insert, { name: "free" })
    }).pipe(Effect.scoped)
  )

  it.live("rows that others hold are passed over, or waited for until one of both gives way", () =>
    Effect.gen(function* () {
      const all = yield* given()
      const { orm } = all
      yield* orm.run(insert, { name: "a" })
      yield* orm.run(insert, { name: "b" })
      const next = Query.from(Item)
        .orderBy(({ id }) => [id.asc()])
        .limit(1)
        .forUpdate({ skipLocked: true })
      const other = yield* Postgres.make({ url: Redacted.make(all.url) })
      yield* orm.transaction(
        Effect.gen(function* () {
          assert.equal((yield* orm.run(next))[0]!.name, "a")
          assert.equal((yield* other.transaction(other.run(next)))[0]!.name, "b")
        })
      )
      const touch = (one: Interpreter, id: number) => one.run(Query.update(Item).set({ name: "x" }).where({ id }))
      const both = yield* Effect.all([Deferred.make<void>(), Deferred.make<void>()])
      const circle = (one: Interpreter, at: 0 | 1) =>
        Effect.result(
          one.transaction(
            Effect.gen(function* () {
              yield* touch(one, at + 1)
              yield* Deferred.succeed(both[at], undefined)
              yield* Deferred.await(both[1 - at]!)
              yield* touch(one, 2 - at)
            })
          )
        )
      const results = yield* Effect.all([circle(orm, 0), circle(other, 1)], { concurrency: 2 })
      const failures = results.flatMap((result) => (result._tag === "Failure" ? [result.failure._tag] : []))
      assert.deepEqual(failures, ["Busy"])
    }).pipe(Effect.scoped)
  )
})

/** A statement outside of the transaction of the fiber. */
const outside = ({ orm }: Given) =>
  Effect.promise(() => Effect.runPromise(Effect.flip(orm.run(insert, { name: "a" })))).pipe(Effect.flatMap(Effect.fail))
