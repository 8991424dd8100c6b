// @module-tag service
// @module-tag process
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { describe, it } from "@effect/vitest"
import * as App from "@mortise/core/app/App"
import { Commands } from "@mortise/core/app/Command"
import * as Plugin from "@mortise/core/app/Plugin"
import { Orm } from "@mortise/core/orm/Orm"
import * as Query from "@mortise/core/orm/Query"
import { DbCommand, postgres, sqlite } from "@mortise/orm"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { available, database } from "../postgres.ts"
import { Account, accounts, Hit, Note, notes, Statistics, statistics } from "./app.ts"
import { folder } from "./harness.ts"

const fill = Effect.fnUntraced(function* (context: Context.Context<Orm>) {
  const orm = Context.get(context, Orm)
  const [root] = yield* orm.run(Query.from(Account))
  assert.equal(root?.name, "root")
  yield* orm.run(Query.insert(Note), { account: root.id, text: "hello" })
  return yield* orm.run(Query.from(Note))
})

describe("migrate: auto", () => {
  it.live("makes the tables of all plugins before the layers of those that use them, in any order of listing", () =>
    Effect.gen(function* () {
      const file = path.join(yield* folder, "app.db")
      const app = Plugin.compose(notes(), accounts(), sqlite())
      const once = Effect.scoped(Effect.flatMap(App.build(app, { sqlite: { file } }), fill))
      assert.equal((yield* once).length, 1)
      // the second start has nothing to make, and finds what was there
      assert.equal((yield* once).length, 2)
    }).pipe(Effect.scoped)
  )

  it.live.runIf(available)("keeps two databases of two kinds apart, one of them by Plugin.as", () =>
    Effect.gen(function* () {
      const file = path.join(yield* folder, "statistics.db")
      const url = yield* database
      const app = Plugin.compose(
        postgres(),
        Plugin.as(sqlite(), "counts", Orm, Statistics),
        notes(),
        accounts(),
        statistics()
      )
      yield* Effect.scoped(
        Effect.gen(function* () {
          const context = yield* App.build(app, { postgres: { url }, counts: { file } })
          assert.equal((yield* fill(context)).length, 1)
          const counts = Context.get(context, Statistics)
          yield* counts.run(Query.insert(Hit), { path: "/" })
          assert.equal(counts.dialect, "sqlite")
          const orm = Context.get(context, Orm)
          assert.equal(orm.dialect, "postgres")
          assert.equal((yield* Effect.flip(orm.run(Query.from(Hit))))._tag, "QueryFailed")
          assert.equal((yield* Effect.flip(counts.run(Query.from(Note))))._tag, "QueryFailed")
          // a transaction of one leaves the other alone
          yield* Effect.exit(
            orm.transaction(
              Effect.gen(function* () {
                yield* counts.run(Query.insert(Hit), { path: "/kept" })
                yield* orm.run(Query.update(Account).set({ name: "gone" }).all())
                return yield* Effect.fail("no")
              })
            )
          )
          assert.equal((yield* counts.run(Query.from(Hit))).length, 2)
          assert.equal((yield* orm.run(Query.from(Account)))[0]!.name, "root")
        })
      )
    }).pipe(Effect.scoped)
  )

  it.live("keeps two files of SQLite apart", () =>
    Effect.gen(function* () {
      const place = yield* folder
      const app = Plugin.compose(
        sqlite(),
        Plugin.as(sqlite(), "counts", Orm, Statistics),
        notes(),
        accounts(),
        statistics()
      )
      const files = { sqlite: { file: path.join(place, "a.db") }, counts: { file: path.join(place, "b.db") } }
      const context = yield* App.build(app, files)
      assert.equal((yield* fill(context)).length, 1)
      assert.deepEqual(yield* Context.get(context, Statistics).run(Query.from(Hit)), [])
      assert.equal((yield* Effect.flip(Context.get(context, Orm).run(Query.from(Hit))))._tag, "QueryFailed")
    }).pipe(Effect.scoped)
  )

  it.live("check refuses to start, and names what is missing", () =>
    Effect.gen(function* () {
      const file = path.join(yield* folder, "app.db")
      const app = Plugin.compose(notes(), accounts(), sqlite())
      const error = yield* Effect.flip(App.build(app, { sqlite: { file, migrate: "check" } }))
      assert.ok((error as { readonly _tag: string })._tag === "MigrationsPending")
      assert.match((error as Error).message, /accounts\/auto_0001 \(pending\), app\/auto_0001 \(pending\)/)
      yield* Effect.scoped(App.build(app, { sqlite: { file } }))
      yield* App.build(app, { sqlite: { file, migrate: "check" } })
    }).pipe(Effect.scoped)
  )
})

describe("db", () => {
  it.live("runs on an app of which nothing else is started", () =>
    Effect.gen(function* () {
      const place = yield* folder
      const app = Plugin.compose(notes(), accounts(), sqlite())
      const config = { sqlite: { file: path.join(place, "app.db") } }
      const command = app.statics(Commands).map(({ value }) => value.name)
      assert.deepEqual(command, ["db"])
      const lines: Array<string> = []
      const db = (...args: ReadonlyArray<string>) => {
        lines.length = 0
        const print = (line: string) => Effect.sync(() => void lines.push(line))
        return DbCommand.db.run({ args, app, config, folder: place, print })
      }
      assert.equal(yield* db("status"), 0)
      assert.match(lines.join("\n"), /accounts in sqlite\n {2}pending {6}auto_0001\napp in sqlite/)
      assert.equal(yield* db("sql"), 0)
      assert.match(lines.join("\n"), /-- app\/auto_0001\ncreate table "notes"/)
      assert.equal(yield* db("up"), 0)
      assert.deepEqual(lines, ["Applied accounts/auto_0001", "Applied app/auto_0001"])
      assert.equal(yield* db("up"), 0)
      assert.deepEqual(lines, ["Nothing to do."])

      assert.equal(yield* db("generate", "the", "first"), 0)
      assert.deepEqual(lines, ["Wrote migrations/0001_the_first.ts"])
      assert.deepEqual(readdirSync(path.join(place, "migrations")).sort(), ["0001_the_first.ts", "index.ts"])
      const text = readFileSync(path.join(place, "migrations", "0001_the_first.ts"), "utf8")
      assert.match(text, /op: "createTable"/)
      // the accounts are their plugin's business
      assert.doesNotMatch(text, /name: "accounts"/)

      assert.equal(yield* db("down"), 0)
      assert.deepEqual(lines, ["Undid app/auto_0001"])
      assert.equal(yield* db("frobnicate"), 2)
      assert.equal(yield* db("up", "--no-such-option"), 2)
      assert.equal(yield* db("down", "many"), 2)
      assert.match(lines.join("\n"), /expected a number/)
    }).pipe(Effect.scoped)
  )

  it.live("is a process of its own by main, which ends with 1 when something is wrong", () =>
    Effect.gen(function* () {
      const place = yield* folder
      const run = (...args: ReadonlyArray<string>) =>
        Effect.promise(
          () =>
            new Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>((resolve) => {
              const script = path.join(import.meta.dirname, "..", "processes", "db.ts")
              const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, DB_FOLDER: place } })
              let [out, err] = ["", ""]
              child.stdout.on("data", (chunk) => (out += chunk))
              child.stderr.on("data", (chunk) => (err += chunk))
              child.on("close", (code) => resolve({ code, out, err }))
            })
        )
      const first = yield* run("up")
      assert.deepEqual([first.code, first.out], [0, "Applied accounts/auto_0001\nApplied app/auto_0001\n"])
      const wrong = yield* run("down", "--namespace", "nobody")
      assert.equal(wrong.code, 1)
      assert.match(wrong.err, /Namespace "nobody": no plugin of this app contributes it/)
    }).pipe(Effect.scoped)
  )
})
