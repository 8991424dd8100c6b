import path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as App from "@mortise/core/app/App"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Column from "@mortise/core/orm/Column"
import * as Migration from "@mortise/core/orm/Migration"
import * as Model from "@mortise/core/orm/Model"
import * as Orm from "@mortise/core/orm/Orm"
import * as Repository from "@mortise/core/orm/Repository"
import * as Task from "@mortise/core/tasks/Task"
import * as TaskCron from "@mortise/core/tasks/TaskCron"
import * as Tasks from "@mortise/core/tasks/Tasks"
import { cron, handlers } from "@mortise/core/tasks/TasksPlugin"
import { until } from "@mortise/core/testing/until"
import { sqlite } from "@mortise/orm"
import * as Migrations from "@mortise/orm/migrations/Migrations"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import manifest from "../manifest.json" with { type: "json" }
import { namespace, tasks } from "../src/TasksPlugin.ts"
import { folder } from "./databases.ts"

class Mailer extends Context.Service<Mailer, { readonly sent: Array<string> }>()("test/Mailer") {}

const Mail = Task.make("mail", { payload: { to: Schema.String }, success: Schema.String })
const Tick = Task.make("tick")

const Account = Model.make("accounts", { name: Column.Text().primaryKey() })
const Accounts = Repository.make(Account)

const mailer = Plugin.define({
  name: "mailer",
  provides: [Mailer],
  layer: () => Layer.sync(Mailer, () => ({ sent: [] }))
})

const mail = Plugin.define({
  name: "mail",
  requires: [Mailer],
  contributes: [
    handlers(
      Task.handler(Mail, ({ to }) => Mailer.use(({ sent }) => Effect.sync(() => (sent.push(to), `sent to ${to}`)))),
      Task.handler(Tick, () => Mailer.use(({ sent }) => Effect.sync(() => void sent.push("tick"))))
    ),
    cron(TaskCron.make(Tick, { expression: "* * * * * *" })),
    Migration.contribute({ namespace: "app", models: [Account] })
  ]
})

const app = Plugin.compose(mail(), tasks(), mailer(), sqlite())

const start = <A, E>(
  file: string,
  use: Effect.Effect<A, E, Tasks.Tasks | Mailer | Orm.Orm>,
  concurrency = 10
): Effect.Effect<A, unknown> =>
  Effect.scoped(
    Effect.flatMap(App.build(app, { sqlite: { file }, tasks: { concurrency } }), (context) =>
      Effect.provideContext(use, context)
    )
  )

describe("tasks()", () => {
  it.live("runs what other plugins contribute, in the app's database", () =>
    Effect.gen(function* () {
      const file = path.join(yield* folder, "app.db")
      yield* start(
        file,
        Effect.gen(function* () {
          const service = yield* Tasks.Tasks
          const { sent } = yield* Mailer
          assert.strictEqual(yield* service.wait(yield* service.enqueue(Mail, { to: "ada" })), "sent to ada")
          yield* until("the schedule ticks", () => sent.includes("tick"))
        })
      )
    })
  )

  it.live("keeps tasks over a restart", () =>
    Effect.gen(function* () {
      const file = path.join(yield* folder, "app.db")
      const ref = yield* start(
        file,
        Tasks.Tasks.use((service) => service.enqueue(Mail, { to: "ada" })),
        0
      )
      yield* start(
        file,
        Effect.gen(function* () {
          const service = yield* Tasks.Tasks
          assert.strictEqual(yield* service.wait(ref), "sent to ada")
          assert.deepStrictEqual(
            (yield* Mailer).sent.filter((to) => to === "ada"),
            ["ada"]
          )
        })
      )
    })
  )

  it.live("enqueues together with what else a transaction writes, or not at all", () =>
    Effect.gen(function* () {
      const file = path.join(yield* folder, "app.db")
      const register = (name: string) =>
        Orm.transaction(
          Effect.gen(function* () {
            const service = yield* Tasks.Tasks
            yield* service.enqueue(Mail, { to: name })
            yield* Accounts.insert({ name })
          })
        )
      yield* start(
        file,
        Effect.gen(function* () {
          const { sent } = yield* Mailer
          yield* register("ada")
          yield* until("ada has mail", () => sent.includes("ada"))
          const error = yield* Effect.flip(register("ada"))
          assert.strictEqual(error._tag, "UniqueViolation")
          yield* register("grace")
          yield* until("grace has mail", () => sent.includes("grace"))
          assert.strictEqual(sent.filter((to) => to === "ada").length, 1)
        })
      )
    })
  )

  it.effect("has migrations that say what its model says", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* Migrations.generate([namespace], "tasks"), undefined)
    })
  )

  it("has the manifest that its manifest.json says", () => {
    const [said] = manifest.plugins
    const { config, name, provides, requires } = tasks.manifest
    assert.deepStrictEqual([said?.name, said?.from], [name, "@mortise/plugin-tasks/TasksPlugin"])
    assert.deepStrictEqual(
      said?.provides,
      provides.map(({ key }) => key)
    )
    assert.deepStrictEqual(
      said?.requires,
      requires.map(({ key }) => key)
    )
    const section = Object.fromEntries(
      (said?.config ?? []).map(({ default: value, path }) => [path.replace(/^tasks\./, ""), value])
    )
    const decode = Schema.decodeUnknownSync(config as Schema.Codec<object, unknown>, { onExcessProperty: "error" })
    assert.deepStrictEqual(decode(section), section)
  })
})
