import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Task from "../../src/tasks/Task.ts"
import { Tasks } from "../../src/tasks/Tasks.ts"
import { layerTest, TestTasks } from "../../src/tasks/TestTasks.ts"

class Refused extends Schema.TaggedError<Refused>()("Refused", { why: Schema.String }) {}
const Remind = Task.make("remind", {
  payload: { at: Schema.DateTimeUtc, who: Schema.String },
  success: Schema.String,
  error: Refused,
  idempotencyKey: ({ who }) => who
})
const Other = Task.make("other")
const at = DateTime.makeUnsafe(1_700_000_000_000)

describe("TestTasks", () => {
  it.effect("records what is enqueued, and runs nothing", () =>
    Effect.gen(function* () {
      const tasks = yield* Tasks
      const { all, recorded } = yield* TestTasks
      yield* tasks.work(Task.handler(Remind, () => Effect.die("it ran")))
      const ref = yield* tasks.enqueue(Remind, { at, who: "ada" }, { in: "1 minute", priority: 3 })
      yield* tasks.enqueue(Remind, { at, who: "ada" })
      yield* tasks.enqueue(Other)
      const [reminder, ...more] = yield* recorded(Remind)
      assert.deepStrictEqual(more, [])
      assert.deepStrictEqual([reminder?.id, reminder?.priority, reminder?.payload.who], [ref.id, 3, "ada"])
      assert.ok(reminder !== undefined && DateTime.Equivalence(reminder.payload.at, at))
      assert.strictEqual(Option.getOrThrow(reminder.dueAt).epochMilliseconds, 60_000)
      assert.deepStrictEqual(
        (yield* all).map(({ name }) => name),
        ["remind", "other"]
      )
      assert.strictEqual((yield* tasks.status(ref)).state, "scheduled")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("runs a handler now, on what its schema makes of the payload", () =>
    Effect.gen(function* () {
      const tasks = yield* Tasks
      const { simulate } = yield* TestTasks
      yield* tasks.work(
        Task.handler(Remind, ({ at, who }, run) =>
          who === ""
            ? Effect.fail(new Refused({ why: "nobody" }))
            : Effect.succeed(`${who} ${at.epochMilliseconds} ${run.attempt}`)
        ),
        Task.handler(Other, () => Effect.die("a bug"))
      )
      assert.deepStrictEqual(yield* simulate(Remind, { at, who: "ada" }), Exit.succeed("ada 1700000000000 1"))
      const refused = yield* Effect.flip(Effect.flatten(simulate(Remind, { at, who: "" })))
      assert.ok(refused instanceof Refused)
      assert.isTrue(Exit.hasDies(yield* simulate(Other)))
      assert.strictEqual((yield* Effect.flip(simulate(Remind, { who: 5 } as never)))._tag, "TaskInvalid")
    }).pipe(Effect.provide(layerTest))
  )

  it.effect("says that there is no handler, or that there are two", () =>
    Effect.gen(function* () {
      const tasks = yield* Tasks
      const { simulate } = yield* TestTasks
      assert.strictEqual((yield* Effect.flip(simulate(Other)))._tag, "TaskUnknown")
      const handler = Task.handler(Other, () => Effect.void)
      assert.strictEqual((yield* Effect.flip(tasks.work(handler, handler)))._tag, "TaskHandlerConflict")
    }).pipe(Effect.provide(layerTest))
  )
})
