import { assert, beforeEach, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import * as Contribution from "../../src/app/Contribution.ts"
import * as Plugin from "../../src/app/Plugin.ts"
import {
  Accounts,
  accounts,
  Commands,
  Database,
  database,
  lines,
  Routes,
  Server,
  Statistics,
  server,
  spell
} from "./services.ts"

const config = { accounts: { issuer: "acme" }, server: { port: 1 } }

beforeEach(() => {
  lines.length = 0
})

describe("compose", () => {
  it.effect("builds by need whatever the order, opens doors last and closes them first", () =>
    Effect.gen(function* () {
      const app = Plugin.compose(accounts(), server(), database({ file: "a.db" }))
      const found = yield* Effect.map(Accounts, (accounts) => accounts.find("ada")).pipe(
        Effect.provide(app.layer(config))
      )
      assert.strictEqual(found, "acme/ada@a.db")
      assert.deepStrictEqual(lines, [
        "open database",
        "open accounts",
        "open server",
        "route /acme/ada@a.db of accounts",
        "open door 1",
        "close door 1",
        "close server",
        "close accounts",
        "close database"
      ])
    })
  )

  it.effect("keeps the declared order but for needs, and says who gives what to whom", () =>
    Effect.gen(function* () {
      const app = Plugin.compose(server(), accounts(), database())
      assert.deepStrictEqual(yield* app.order, ["server", "database", "accounts"])
      assert.deepStrictEqual(app.edges, [{ from: "database", to: "accounts", service: "test/Database" }])
    })
  )

  it.effect("activates the hosts of a plugin after those of the plugins that need it", () =>
    Effect.gen(function* () {
      const Jobs = Plugin.point<string>()("test.jobs")
      const jobs = Plugin.define({
        name: "jobs",
        requires: [Server],
        hosts: [Plugin.host(Jobs, (names) => spell(`jobs ${names.join("+")}`))],
        contributes: [
          Plugin.contribute(Jobs, Effect.succeed("first")),
          Contribution.static(Jobs, "second"),
          Plugin.contribute(
            Jobs,
            Effect.map(Server, ({ port }) => `third on ${port}`)
          )
        ]
      })
      const app = Plugin.compose(jobs(), server())
      yield* Effect.scoped(app.build({ server: { port: 7 } }))
      assert.deepStrictEqual(lines.slice(0, 3), ["open server", "open jobs first+second+third on 7", "open door 7"])
    })
  )

  it.effect("gives a layer that plain Layer.provide accepts", () =>
    Effect.gen(function* () {
      class Greeting extends Context.Service<Greeting, string>()("test/Greeting") {}
      const greeting = Layer.effect(
        Greeting,
        Effect.map(Accounts, (accounts) => `hello ${accounts.find("bob")}`)
      ).pipe(Layer.provide(Plugin.compose(accounts(), server(), database()).layer(config)))
      assert.strictEqual(yield* Effect.provide(Effect.service(Greeting), greeting), "hello acme/bob@memory")
    })
  )

  it.effect("hides what a layer gives beside what is declared", () =>
    Effect.gen(function* () {
      const plugin = Plugin.define({
        name: "two",
        provides: [Database],
        layer: () => Layer.merge(Layer.succeed(Database, { file: "x" }), Layer.succeed(Statistics, { file: "hidden" }))
      })
      const { context } = yield* Effect.scoped(Plugin.compose(plugin()).build({}))
      assert.strictEqual(Context.get(context, Database).file, "x")
      assert.isTrue(Context.getOption(context as Context.Context<unknown>, Statistics)._tag === "None")
    })
  )

  it.effect("builds a layer once that two plugins use inside", () =>
    Effect.gen(function* () {
      const shared = Layer.effect(Statistics, Effect.as(spell("shared"), { file: "s" }))
      const one = Plugin.define({
        name: "one",
        provides: [Database],
        layer: () => Layer.effect(Database, Effect.service(Statistics)).pipe(Layer.provide(shared))
      })
      const two = Plugin.define({
        name: "two",
        provides: [Server],
        layer: () => Layer.effect(Server, Effect.as(Statistics, { port: 1 })).pipe(Layer.provide(shared))
      })
      yield* Effect.scoped(Plugin.compose(one(), two()).build({}))
      assert.deepStrictEqual(lines, ["open shared", "close shared"])
    })
  )

  it.effect("composes nothing, and plugins that only contribute", () =>
    Effect.gen(function* () {
      yield* Effect.scoped(Plugin.compose().build({}))
      const docs = Plugin.define({ name: "docs", contributes: [Contribution.static(Commands, { command: "docs" })] })
      const seed = Plugin.define({
        name: "seed",
        provides: [],
        contributes: [Contribution.optional(Plugin.contribute(Routes, Effect.succeed({ path: "/seed" })))]
      })
      const app = Plugin.compose(docs(), seed())
      assert.deepStrictEqual(app.statics(Commands), [{ plugin: "docs", value: { command: "docs" } }])
      yield* Effect.scoped(app.build({}))
    })
  )

  it.effect("reads static contributions without starting anything", () =>
    Effect.gen(function* () {
      const plugin = Plugin.define({
        name: "never",
        provides: [Database],
        layer: () => Layer.effect(Database, Effect.die("must not start")),
        contributes: [
          Contribution.static(Commands, { command: "migrate" }),
          Contribution.static(Commands, { command: "seed" })
        ]
      })
      assert.deepStrictEqual(
        Plugin.compose(plugin())
          .statics(Commands)
          .map(({ value }) => value.command),
        ["migrate", "seed"]
      )
      assert.strictEqual(plugin.manifest.name, "never")
      assert.strictEqual(plugin.manifest.contributes.length, 2)
    })
  )

  it.effect("fails with the path of a circle before any layer starts", () =>
    Effect.gen(function* () {
      const a = Plugin.define({
        name: "a",
        provides: [Database],
        requires: [Statistics],
        layer: () => Layer.effect(Database, Effect.as(spell("a"), { file: "" }))
      })
      const b = Plugin.define({
        name: "b",
        provides: [Statistics],
        requires: [Database],
        layer: () => Layer.effect(Statistics, Effect.as(spell("b"), { file: "" }))
      })
      const app = Plugin.compose(server(), a(), b())
      const error = yield* Effect.flip(app.order)
      assert.strictEqual(error._tag, "PluginCycle")
      assert.strictEqual(
        error.message,
        "Plugins need each other in a circle: a needs b (test/Statistics), b needs a (test/Database). " +
          "Move what they share into a plugin of its own."
      )
      const started = yield* Effect.exit(Effect.scoped(app.build({ server: { port: 1 } })))
      assert.isTrue(Exit.isFailure(started))
      assert.deepStrictEqual(lines, [])
    })
  )

  it.effect("finds at run time, too, what a cast hid from the compiler", () =>
    Effect.gen(function* () {
      const list = [server(), server(), accounts()]
      const compose: unknown = Plugin.compose
      const app = (compose as (...plugins: Array<unknown>) => Plugin.Composition<never, unknown, unknown>)(...list)
      const error = yield* Effect.flip(app.order)
      assert.strictEqual(
        error.message,
        [
          "The plugins do not fit together:",
          `  two plugins are named "server": give one another name with Plugin.as`,
          `  plugin "server" provides "test/Server", which plugin "server" provides already`,
          `  plugin "accounts" requires "test/Database", which no plugin provides`
        ].join("\n")
      )
    })
  )
})

describe("a plugin that fails", () => {
  class Refused extends Schema.TaggedError<Refused>()("Refused", { host: Schema.String }) {}
  const failing = Plugin.define({
    name: "failing",
    provides: [Database],
    layer: () => Layer.effect(Database, Effect.fail(new Refused({ host: "db" })))
  })

  it.effect("keeps its own error, and the cause names it", () =>
    Effect.gen(function* () {
      const app = Plugin.compose(failing(), accounts(), server())
      const build = Effect.scoped(app.build(config))
      const host = yield* build.pipe(
        Effect.map(() => "started"),
        Effect.catchTag("Refused", (error) => Effect.succeed(error.host))
      )
      assert.strictEqual(host, "db")
      const exit = yield* Effect.exit(build)
      assert.isTrue(Exit.isFailure(exit))
      assert.deepStrictEqual(Exit.isFailure(exit) && Plugin.culprit(exit.cause), { plugin: "failing", phase: "layer" })
    })
  )

  it.effect("closes what was built before it", () =>
    Effect.gen(function* () {
      const late = Plugin.define({
        name: "late",
        requires: [Database],
        contributes: [Contribution.optional(Plugin.contribute(Routes, Effect.fail(new Refused({ host: "late" }))))]
      })
      const exit = yield* Effect.exit(Effect.scoped(Plugin.compose(database(), late()).build({})))
      assert.deepStrictEqual(lines, ["open database", "close database"])
      assert.deepStrictEqual(Exit.isFailure(exit) && Plugin.culprit(exit.cause), {
        plugin: "late",
        phase: "contribution"
      })
    })
  )

  it.effect("is named by a defect of its host", () =>
    Effect.gen(function* () {
      const broken = Plugin.define({ name: "broken", hosts: [Plugin.host(Routes, () => Effect.die("bug"))] })
      const exit = yield* Effect.exit(Effect.scoped(Plugin.compose(broken()).build({})))
      assert.deepStrictEqual(Exit.isFailure(exit) && Plugin.culprit(exit.cause), { plugin: "broken", phase: "host" })
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
    })
  )

  it.effect("is named when its functions throw", () =>
    Effect.gen(function* () {
      const thrown = (): never => {
        throw new Error("bug")
      }
      const layer = Plugin.define({ name: "layer", provides: [Database], layer: thrown })
      const host = Plugin.define({ name: "host", hosts: [Plugin.host(Routes, (): Effect.Effect<void> => thrown())] })
      const builds = [Effect.asVoid(Plugin.compose(layer()).build({})), Effect.asVoid(Plugin.compose(host()).build({}))]
      const culprits = yield* Effect.forEach(builds, (build) =>
        Effect.map(Effect.exit(Effect.scoped(build)), (exit) => Exit.isFailure(exit) && Plugin.culprit(exit.cause))
      )
      assert.deepStrictEqual(culprits, [
        { plugin: "layer", phase: "layer" },
        { plugin: "host", phase: "host" }
      ])
    })
  )

  it.effect("has a start budget of 30 seconds unless it says otherwise", () =>
    Effect.gen(function* () {
      for (const [startBudget, expected] of [
        [undefined, 30_000],
        ["2 seconds", 2000]
      ] as const) {
        const begun = yield* Deferred.make<void>()
        const stuck = Plugin.define({
          name: "stuck",
          provides: [Database],
          layer: () => Layer.effect(Database, Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)),
          ...(startBudget === undefined ? {} : { startBudget })
        })
        const fiber = yield* Effect.forkChild(Effect.flip(Effect.scoped(Plugin.compose(stuck()).build({}))))
        yield* Deferred.await(begun)
        yield* TestClock.adjust(expected - 1)
        assert.isUndefined(fiber.pollUnsafe())
        yield* TestClock.adjust(1)
        const error = yield* Fiber.join(fiber)
        assert.strictEqual(
          error.message,
          `Plugin "stuck" did not finish its layer within ${expected} ms. ` +
            "See what it waits for, or give it a longer startBudget."
        )
      }
    })
  )

  it.effect("records how long each layer and each activation took", () =>
    Effect.gen(function* () {
      const slow = Plugin.define({
        name: "slow",
        provides: [Database],
        layer: () => Layer.effect(Database, Effect.delay(Effect.succeed({ file: "" }), 40)),
        hosts: [Plugin.host(Routes, () => Effect.sleep(3))]
      })
      const fiber = yield* Effect.forkChild(Effect.scoped(Plugin.compose(slow()).build({})))
      yield* TestClock.adjust(100)
      const { timings } = yield* Fiber.join(fiber)
      assert.deepStrictEqual(timings, [{ plugin: "slow", layerMillis: 40, activationMillis: 3 }])
    })
  )
})

describe("as", () => {
  it.effect("makes a second instance under another key, name and section", () =>
    Effect.gen(function* () {
      const store = Plugin.define({
        name: "store",
        config: Schema.Struct({ file: Schema.String }),
        provides: [Database],
        layer: ({ config }) => Layer.succeed(Database, config)
      })
      const app = Plugin.compose(store(), Plugin.as(store(), "statistics", Database, Statistics))
      const { context } = yield* Effect.scoped(app.build({ store: { file: "a" }, statistics: { file: "b" } }))
      assert.strictEqual(Context.get(context, Database).file, "a")
      assert.strictEqual(Context.get(context, Statistics).file, "b")
    })
  )

  it.effect("builds its own layer even where the first one is a constant", () =>
    Effect.gen(function* () {
      let built = 0
      const constant = Layer.effect(
        Database,
        Effect.sync(() => ({ file: String(++built) }))
      )
      const store = Plugin.define({ name: "store", provides: [Database], layer: () => constant })
      const app = Plugin.compose(store(), Plugin.as(store(), "second", Database, Statistics))
      const { context } = yield* Effect.scoped(app.build({}))
      assert.strictEqual(Context.get(context, Database).file, "1")
      assert.strictEqual(Context.get(context, Statistics).file, "2")
    })
  )

  it.effect("shows its contributions and hosts the second instance, not the first", () =>
    Effect.gen(function* () {
      const Notes = Plugin.point<string>()("test.notes")
      const store = Plugin.define({
        name: "store",
        options: Plugin.options<{ readonly file: string }>(),
        provides: [Database],
        layer: ({ options }) => Layer.succeed(Database, options),
        contributes: [
          Plugin.contribute(
            Notes,
            Effect.map(Database, ({ file }) => file)
          )
        ]
      })
      const reader = Plugin.define({
        name: "reader",
        hosts: [Plugin.host(Notes, (notes) => Effect.sync(() => void lines.push(...notes)))]
      })
      const app = Plugin.compose(
        Plugin.as(store({ file: "b" }), "second", Database, Statistics),
        store({ file: "a" }),
        reader()
      )
      yield* Effect.scoped(app.build({}))
      assert.deepStrictEqual(lines, ["b", "a"])
    })
  )
})

describe("override", () => {
  it.effect("puts another plugin where the first would stand", () =>
    Effect.gen(function* () {
      const memory = Plugin.define({
        name: "memory",
        provides: [Database],
        layer: () => Layer.succeed(Database, { file: "none" })
      })
      const plugin = Plugin.override(database, memory())
      assert.strictEqual(plugin.replaces, "database")
      const app = Plugin.compose(accounts(), server(), plugin)
      const found = yield* Effect.map(Accounts, (accounts) => accounts.find("x")).pipe(
        Effect.provide(app.layer(config))
      )
      assert.strictEqual(found, "acme/x@none")
      assert.strictEqual(Plugin.override(database({ file: "y" }), memory()).replaces, "database")
    })
  )
})
