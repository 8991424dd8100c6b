import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as App from "../../src/app/App.ts"
import * as Drain from "../../src/app/Drain.ts"
import * as Plugin from "../../src/app/Plugin.ts"
import * as Task from "../../src/tasks/Task.ts"
import * as TaskCron from "../../src/tasks/TaskCron.ts"
import { Tasks } from "../../src/tasks/Tasks.ts"
import { cron, handlers, optionsOf, tasks } from "../../src/tasks/TasksPlugin.ts"
import { until } from "../../src/testing/until.ts"

const Greet = Task.make("greet", { payload: { name: Schema.String }, success: Schema.String })
const Tick = Task.make("tick", { payload: { at: Schema.String } })

describe("tasks()", () => {
  it.live("works on what plugins contribute, and by their schedules", () =>
    Effect.gen(function* () {
      const ticks: Array<string> = []
      const greeter = Plugin.define({
        name: "greeter",
        contributes: [
          handlers(
            Task.handler(Greet, ({ name }) => Effect.succeed(`Hello, ${name}!`)),
            Task.handler(Tick, ({ at }) => Effect.sync(() => void ticks.push(at)))
          ),
          cron(TaskCron.make(Tick, { expression: "* * * * * *", payload: () => ({ at: "now" }) }))
        ]
      })
      const context = yield* App.build(Plugin.compose(greeter(), tasks()), {})
      const service = yield* Effect.provideContext(Tasks, context)
      assert.strictEqual(yield* service.wait(yield* service.enqueue(Greet, { name: "Ada" })), "Hello, Ada!")
      yield* until("the schedule ticks", () => ticks.length > 0)
    })
  )

  it.live("drains with the app: begins nothing more, and ends what runs", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const begun = yield* Deferred.make<void>()
      const slow = Plugin.define({
        name: "slow",
        contributes: [
          handlers(
            Task.handler(Greet, ({ name }) =>
              Deferred.succeed(begun, undefined).pipe(Effect.andThen(Deferred.await(gate)), Effect.as(name))
            )
          )
        ]
      })
      const context = yield* App.build(Plugin.compose(slow(), tasks()), { tasks: { concurrency: 1 } })
      const service = yield* Effect.provideContext(Tasks, context)
      const running = yield* service.enqueue(Greet, { name: "first" })
      const waiting = yield* service.enqueue(Greet, { name: "second" })
      yield* Deferred.await(begun)
      const registry = yield* Effect.provideContext(Drain.Drain, context)
      const draining = yield* Effect.forkChild(registry.run)
      yield* until("the drain waits", () => registry.pending().includes("tasks end"))
      yield* Deferred.succeed(gate, undefined)
      assert.deepStrictEqual(yield* Fiber.join(draining), [])
      assert.strictEqual((yield* service.status(running)).state, "succeeded")
      assert.strictEqual((yield* service.status(waiting)).state, "ready")
    })
  )

  it("reads every key of its configuration", () => {
    const section = {
      concurrency: 0,
      leaseMillis: 1000,
      pollMillis: 1,
      retentionMillis: 0,
      drainMillis: 0,
      maxPayloadLength: 1
    }
    const config = tasks.manifest.config as Schema.Codec<Parameters<typeof optionsOf>[0], unknown>
    const decode = Schema.decodeUnknownSync(config, { onExcessProperty: "error" })
    assert.strictEqual(Object.keys(optionsOf(decode(section))).length, Object.keys(section).length)
    assert.deepStrictEqual(optionsOf(decode({})), {})
    for (const wrong of [{ concurrency: -1 }, { leaseMillis: 999 }, { pollMillis: 0 }, { drainMillis: 0.5 }]) {
      assert.throws(() => decode(wrong))
    }
  })
})
