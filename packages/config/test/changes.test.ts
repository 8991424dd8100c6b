import { renameSync } from "node:fs"
import path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Log from "@mortise/core/app/Log"
import { log } from "@mortise/core/app/LogPlugin"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { ConfigChanges, liveConfig } from "../src/ConfigChanges.ts"
import * as ConfigSources from "../src/ConfigSources.ts"
import * as Features from "../src/Features.ts"
import { place, put } from "./place.ts"

const Greeting = Schema.Struct({
  text: Schema.optionalKey(Schema.NonEmptyString),
  times: Schema.optionalKey(Schema.Int)
})
const features = Features.define("test", {
  search: { about: "full-text search", initial: false },
  reactions: { about: "reactions", initial: true }
})
const app = Plugin.compose(
  liveConfig(),
  features.plugin(),
  Plugin.define({ name: "greeter", config: Greeting })(),
  Plugin.define({ name: "other", config: Schema.Struct({ port: Schema.optionalKey(Schema.Int) }) })()
)

/** An app that runs, whose files are written while it does, with what it logged. */
const running = Effect.fnUntraced(function* (files: Readonly<Record<string, string>>) {
  const folder = yield* place({ "config/default.yaml": "live-config: { everyMillis: 20 }\n", ...files })
  const logged: Array<string> = []
  const logger = Logger.layer([Logger.make(({ message }) => void logged.push(String(message)))])
  const config = yield* ConfigSources.read(app, {
    name: "my-chat",
    folder,
    args: [],
    env: { XDG_CONFIG_HOME: path.join(folder, "home") }
  })
  const { context } = yield* app.build(config as never).pipe(Effect.provide(logger))
  return { folder, logged, context, changes: Context.get(context, ConfigChanges) }
})

/** Waits for what comes in its own time. */
const untilEffect = (what: Effect.Effect<boolean>): Effect.Effect<void> =>
  Effect.flatMap(what, (holds) => (holds ? Effect.void : Effect.delay(untilEffect(what), 10)))
const until = (what: () => boolean): Effect.Effect<void> => untilEffect(Effect.sync(what))

const yaml = (text: string) => `live-config: { everyMillis: 20 }\n${text}`

describe("a configuration that changes", () => {
  it.live("changes the levels of the log; what somebody set by hand stays until then", () => {
    const lines: Array<string> = []
    const sink = { name: "lines", write: ({ message }: { readonly message: string }) => void lines.push(message) }
    return Effect.gen(function* () {
      const logged = Plugin.compose(log(), liveConfig())
      const folder = yield* place({ "config/default.yaml": yaml("log: { level: warn }\n") })
      const given = { name: "my-chat", folder, args: [], env: { XDG_CONFIG_HOME: path.join(folder, "home") } }
      const config = yield* ConfigSources.read(logged, given)
      yield* logged.build(config as never)
      assert.strictEqual((yield* Log.levels).integration, "Warn")
      yield* Log.setLevel("integration", "Error")
      put(folder, "config/default.yaml", yaml("log: { level: loud }\n"))
      yield* until(() => lines.some((line) => line.includes("log.level")))
      assert.strictEqual((yield* Log.levels).integration, "Error")
      put(folder, "config/default.yaml", yaml("log: { level: info, levels: { request: debug } }\n"))
      yield* untilEffect(Effect.map(Log.levels, ({ request }) => request === "Debug"))
      const { integration, operation } = yield* Log.levels
      assert.deepStrictEqual({ integration, operation }, { integration: "Info", operation: "Info" })
    }).pipe(Effect.provide(Log.layer({ console: false, sinks: [sink] })))
  })

  it.live("gives each section that has changed and fits, and keeps what was there where one does not", () =>
    Effect.gen(function* () {
      const { changes, folder, logged } = yield* running({
        "config/default.yaml": yaml("greeter: { text: hello, times: 1 }\n")
      })
      const seen = yield* Queue.unbounded<typeof Greeting.Type>()
      yield* changes.section("greeter", Greeting).pipe(
        Stream.runForEach((greeting) => Queue.offer(seen, greeting)),
        Effect.forkScoped
      )
      assert.deepStrictEqual(yield* Queue.take(seen), { text: "hello", times: 1 })

      put(folder, "config/default.yaml", yaml("greeter: { text: good morning }\n"))
      assert.deepStrictEqual(yield* Queue.take(seen), { text: "good morning" })

      // wrong: told, and nothing changes; another section alone: not this one's business
      put(folder, "config/default.yaml", yaml("greeter: { text: '', tims: 2 }\nother: { port: x }\n"))
      yield* until(() => logged.length > 0)
      assert.match(
        logged[0]!,
        /is wrong; what was read before stays.*has 3 problems.*default\.yaml:2 \(greeter\.tims\)/s
      )
      put(folder, "config/default.yaml", yaml("greeter: { text: good morning }\nother: { port: 7 }\n"))
      const ports = yield* Queue.unbounded<unknown>()
      yield* changes.section("other", Schema.Unknown).pipe(
        Stream.runForEach((port) => Queue.offer(ports, port)),
        Effect.forkScoped
      )
      while (JSON.stringify(yield* Queue.take(ports)) !== `{"port":7}`);
      assert.strictEqual(yield* Queue.size(seen), 0)

      // a file that appears, as editors and mounts do it: by another name, moved into place
      put(folder, "config/new.tmp", "MY_CHAT_GREETER__TEXT=from the file\n")
      renameSync(path.join(folder, "config/new.tmp"), path.join(folder, ".env"))
      assert.deepStrictEqual(yield* Queue.take(seen), { text: "from the file" })
      assert.strictEqual(logged.length, 1)
    })
  )

  it.live("is read anew when somebody says so, who is told what is wrong", () =>
    Effect.gen(function* () {
      const { changes, folder } = yield* running({
        "config/default.yaml": "live-config: { everyMillis: 3600000 }\ngreeter: { text: a }\n"
      })
      const now = Stream.runHead(changes.section("greeter", Greeting))
      put(folder, "config/default.yaml", "greeter: { text: b }\n")
      yield* changes.reload
      assert.deepStrictEqual(yield* now, Option.some({ text: "b" }))
      put(folder, "config/default.yaml", "greeter: { text: 1 }\n")
      const error = yield* Effect.flip(changes.reload)
      assert.include(error.message, "config/default.yaml:1 (greeter.text): expected string, got 1")
      assert.include(JSON.stringify(yield* now), `"b"`)
    })
  )

  it.live("of an app whose configuration is in code alone stays as it is", () =>
    Effect.gen(function* () {
      const context = yield* Effect.map(app.build({ greeter: { text: "code" } }), (started) => started.context)
      const changes = Context.get(context, ConfigChanges)
      yield* changes.reload
      assert.include(JSON.stringify(yield* Stream.runHead(changes.section("greeter", Greeting))), `"code"`)
    })
  )
})

describe("feature flags", () => {
  it.live("follow the configuration, and refuse what nobody declared", () =>
    Effect.gen(function* () {
      const { changes, context, folder } = yield* running({})
      const enabled = (flag: "search" | "reactions", subject?: string) =>
        Effect.provideContext(features.enabled(flag, subject), context)
      assert.deepStrictEqual([yield* enabled("search"), yield* enabled("reactions")], [false, true])

      put(folder, "config/default.yaml", "features: { search: true, reactions: { percent: 30 } }\n")
      yield* changes.reload
      let search = false
      while (!search) search = yield* Effect.delay(enabled("search"), 5)
      const inside = yield* Effect.filter(
        Array.from({ length: 1000 }, (_, index) => `user ${index}`),
        (subject) => enabled("reactions", subject)
      )
      // 30 of 100, give or take four standard deviations
      assert.isAbove(inside.length, 240)
      assert.isBelow(inside.length, 360)
      assert.isFalse(yield* enabled("reactions"))

      // whoever was in stays in
      put(folder, "config/default.yaml", "features: { search: true, reactions: { percent: 60 } }\n")
      yield* changes.reload
      let more = inside.length
      while (more === inside.length) {
        more = (yield* Effect.filter(
          Array.from({ length: 1000 }, (_, index) => `user ${index}`),
          (subject) => enabled("reactions", subject)
        )).length
      }
      for (const subject of inside) assert.isTrue(yield* enabled("reactions", subject))

      put(folder, "config/default.yaml", "features: { serch: true, reactions: { percent: 101 } }\n")
      const error = yield* Effect.flip(changes.reload)
      assert.include(error.message, `config/default.yaml:1 (features.serch): expected "search", got "serch"`)
      assert.include(error.message, "features.reactions")
    })
  )
})
