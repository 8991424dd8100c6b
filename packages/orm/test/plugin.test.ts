import { mkdtemp, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as App from "@mortise/core/app/App"
import * as Contribution from "@mortise/core/app/Contribution"
import * as Health from "@mortise/core/app/Health"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Column from "@mortise/core/orm/Column"
import * as Model from "@mortise/core/orm/Model"
import { type Interpreter, Orm } from "@mortise/core/orm/Orm"
import * as Query from "@mortise/core/orm/Query"
import * as Repository from "@mortise/core/orm/Repository"
import { postgres, SqliteTables, sqlite } from "@mortise/orm"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import manifest from "../manifest.json" with { type: "json" }

const Note = Model.make("notes", { id: Column.Integer().primaryKey(), text: Column.Text() })
class Statistics extends Context.Service<Statistics, Interpreter>()("test/Statistics") {}

const Notes = Repository.make(Note)
const Counted = Repository.make(Note, { orm: Statistics })

const createNotes = (orm: Interpreter) =>
  Effect.forEach(SqliteTables.createTable(Note.table), (sql) => orm.run(Query.raw({ text: { sqlite: sql } })))

const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "mortise-orm-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

/** A plugin that runs the checks when the app has started, as a health route would. */
const checked: Array<string> = []
const watcher = Plugin.define({
  name: "watcher",
  hosts: [
    Contribution.host(Health.Checks, (checks, plugins) =>
      Effect.forEach(checks, ({ check }, i) => Effect.map(check, () => void checked.push(plugins[i] ?? "")), {
        discard: true
      })
    )
  ]
})

describe("sqlite()", () => {
  it.live("keeps what was written over a restart, in a folder that it makes", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "deep", "app.db")
      const app = Plugin.compose(sqlite())
      const start = <A, E>(use: Effect.Effect<A, E, Orm>) =>
        Effect.scoped(
          Effect.flatMap(App.build(app, { sqlite: { file } }), (context) => Effect.provideContext(use, context))
        )
      yield* start(Effect.andThen(Effect.flatMap(Orm, createNotes), Notes.insert({ text: "first" })))
      assert.deepStrictEqual(yield* start(Notes.find()), [{ id: 1, text: "first" }])
      assert.isTrue((yield* Effect.promise(() => stat(file))).isFile())
    })
  )

  it.live("stands twice in an app, each with its own file, transactions and health", () =>
    Effect.gen(function* () {
      const place = yield* folder
      const app = Plugin.compose(sqlite(), Plugin.as(sqlite(), "statistics", Orm, Statistics), watcher())
      const config = { sqlite: { file: join(place, "a.db") }, statistics: { file: join(place, "b.db") } }
      checked.length = 0
      const context = yield* App.build(app, config)
      assert.deepStrictEqual(checked, ["sqlite", "statistics"])
      yield* Effect.gen(function* () {
        const orm = yield* Orm
        const statistics = yield* Statistics
        yield* createNotes(orm)
        yield* createNotes(statistics)
        // undone in one, kept in the other: their transactions have nothing to do with each other
        yield* Effect.exit(
          orm.transaction(
            Effect.gen(function* () {
              yield* Notes.insert({ text: "here" })
              yield* Counted.insert({ text: "there" })
              return yield* Effect.fail("no")
            })
          )
        )
        assert.strictEqual(yield* Notes.count(), 0)
        assert.deepStrictEqual(yield* Counted.find(), [{ id: 1, text: "there" }])
      }).pipe(Effect.provideContext(context))
    })
  )

  it.live("says what is wrong with its configuration, and with a file that cannot be opened", () =>
    Effect.gen(function* () {
      const app = Plugin.compose(sqlite())
      const wrong = yield* Effect.flip(App.build(app, { sqlite: { busyTimeoutMillis: -1 } }))
      assert.strictEqual(wrong._tag, "ConfigInvalid")
      const place = yield* folder
      const lost = yield* Effect.flip(App.build(app, { sqlite: { file: place } }))
      assert.strictEqual(lost._tag, "ConnectionLost")
    })
  )
})

describe("manifest.json", () => {
  for (const [at, { manifest: plugin }] of [sqlite, postgres].entries()) {
    const described = manifest.plugins[at]
    it(`is what the plugin ${plugin.name} is`, () => {
      const keysOf = (keys: typeof plugin.provides) => keys.map(({ key }) => key)
      assert.strictEqual(described?.name, plugin.name)
      assert.deepStrictEqual(described?.provides, keysOf(plugin.provides))
      assert.deepStrictEqual(described?.requires, keysOf(plugin.requires))
    })

    it(`names keys that the configuration of ${plugin.name} has`, () => {
      const { ast } = plugin.config as unknown as Schema.Struct<Schema.Struct.Fields>
      const keys = ast.propertySignatures.map(({ name }) => `${plugin.name}.${String(name)}`)
      const named = described?.config.map(({ path }) => path) ?? []
      assert.isAbove(named.length, 0)
      for (const path of named) assert.include(keys, path)
    })
  }
})
