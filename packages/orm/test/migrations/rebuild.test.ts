// @module-tag service
import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Column from "@mortise/core/orm/Column"
import type { Migration } from "@mortise/core/orm/Migration"
import * as Model from "@mortise/core/orm/Model"
import { Orm, run } from "@mortise/core/orm/Orm"
import * as Query from "@mortise/core/orm/Query"
import * as Effect from "effect/Effect"
import * as Migrations from "../../src/migrations/Migrations.ts"
import { sqlite } from "./harness.ts"
import { app, Post1, through, User1 } from "./stories.ts"

const one = (sql: string) =>
  Effect.map(run(Query.raw({ text: { sqlite: sql }, columns: { n: Column.Integer() } })), ([row]) => row?.n)

/** Without a null, which SQLite can only say in a table that is made anew. */
const Strict = Model.make("users", { ...User1.columns, legacy: Column.Text().default("") })

const extras: Migration = {
  id: "0002_extras",
  operations: [
    {
      op: "sql",
      up: {
        sqlite: [
          "create index shouting on users (nick) where nick = upper(nick)",
          "create view names as select nick from users",
          "create table log (line text) strict",
          "create trigger told after insert on users begin insert into log values (new.nick); end"
        ]
      },
      down: { sqlite: ["drop trigger told", "drop table log", "drop view names", "drop index shouting"] }
    }
  ]
}

describe("a table of SQLite that is made anew", () => {
  it.live("keeps its rows, those that point to it, its counter, and what SQL has put around it", () =>
    Effect.gen(function* () {
      const orm = yield* Effect.flatMap(sqlite.place, sqlite.open)
      yield* Effect.gen(function* () {
        const [first, third] = yield* through([User1, Post1], [Strict, Post1])
        const before = [app([User1, Post1], [first!, extras])]
        yield* Migrations.up(before)
        for (const nick of ["ann", "BOB", "cid"]) yield* run(Query.insert(User1), { nick, legacy: "x" })
        yield* run(Query.insert(Post1), { author: 1, title: "hello" })
        yield* run(Query.delete(User1).where({ nick: "cid" }))

        const strict = { ...third!, id: "0003_strict" }
        const now = [app([Strict, Post1], [first!, extras, strict])]
        assert.match(yield* Migrations.sql(now), /rebuilds "users"; rows are counted before and after: users, posts/)
        yield* Migrations.up(now)
        assert.equal(yield* one("select count(*) from users"), 2)
        // it is a cascade that points to users: dropping the old table would have taken the posts with it
        assert.equal(yield* one("select count(*) from posts"), 1)
        assert.equal(yield* one("select count(*) from names"), 2)
        assert.equal(yield* one("select count(*) from sqlite_master where name in ('shouting', 'told', 'names')"), 3)
        assert.equal(yield* one("select count(*) from sqlite_master where name like 'mortise_new%'"), 0)
        yield* run(Query.insert(Strict), { nick: "dan" })
        assert.equal(yield* one("select count(*) from log where line = 'dan'"), 1)
        // the number of the row that is gone is not given again
        assert.equal(yield* one("select max(id) from users"), 4)
        assert.equal(yield* one("select foreign_keys from pragma_foreign_keys"), 1)

        yield* Migrations.down(now, "app", { steps: 2 })
        assert.equal(yield* one("select count(*) from sqlite_master where name in ('shouting', 'told', 'names')"), 0)
        assert.equal(yield* one("select count(*) from users"), 3)
      }).pipe(Effect.provideService(Orm, orm))
    }).pipe(Effect.scoped)
  )

  it.live("is refused when a migration leaves rows that point to nothing", () =>
    Effect.gen(function* () {
      const orm = yield* Effect.flatMap(sqlite.place, sqlite.open)
      yield* Effect.gen(function* () {
        const [first] = yield* through([User1, Post1])
        yield* Migrations.up([app([User1, Post1], [first!])])
        yield* run(Query.insert(User1), { nick: "ann" })
        yield* run(Query.insert(Post1), { author: 1, title: "hello" })
        const cut: Migration = {
          id: "0002_cut",
          operations: [{ op: "sql", up: { sqlite: ["delete from users"] }, destroys: "all users" }],
          destroys: ["all users"]
        }
        const error = yield* Effect.flip(Migrations.up([app([User1, Post1], [first!, cut])]))
        assert.match(error.message, /leaves 1 rows of "posts" that point to "users"/)
        assert.equal(yield* one("select count(*) from users"), 1)
      }).pipe(Effect.provideService(Orm, orm))
    }).pipe(Effect.scoped)
  )
})
