/** From enqueue to result. */
import assert from "node:assert/strict"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Task from "../../tasks/Task.ts"
import type { TasksCase } from "./Harness.ts"
import { Buggy, Flaky, Gated, KitError, Limited, Reporting, Rich, Say, Wrong } from "./KitTasks.ts"
import { begun, inTime, quiet, reaches, same, soon, stage } from "./Stage.ts"

export const running: ReadonlyArray<TasksCase> = [
  {
    name: "runs a task and gives its result to who waits",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks, world } = yield* stage(harness)
      const ref = yield* tasks.enqueue(Say, { text: "hello" })
      assert.ok(ref.created)
      assert.equal(yield* tasks.wait(ref), "hello")
      same(world.log, ["say hello"])
      const status = yield* tasks.status(ref)
      same([status.state, status.attempts, status.priority], ["succeeded", 1, 0])
      same(status.success, Option.some("hello"))
      assert.ok(Option.isSome(status.finishedAt))
    })
  },
  {
    name: "gives a result as often as it is asked for, to whoever has the id",
    run: Effect.fnUntraced(function* (harness) {
      const { engine, tasks } = yield* stage(harness)
      const other = yield* engine({ idle: true })
      const ref = yield* tasks.enqueue(Say, { text: "again" })
      for (const { wait } of [tasks, tasks, other.tasks]) assert.equal(yield* wait(Task.ref(Say, ref.id)), "again")
    })
  },
  {
    name: "wakes who waited before the task ended, in the process that enqueued it",
    run: Effect.fnUntraced(function* (harness) {
      const first = yield* stage(harness, { idle: true })
      const ref = yield* first.tasks.enqueue(Gated, { key: "a" })
      const waiting = yield* Effect.forkChild(first.tasks.wait(ref))
      const other = yield* first.engine()
      yield* begun(other, "a")
      other.world.open("a")
      yield* inTime("who waits is told", () => waiting.pollUnsafe() !== undefined)
      assert.equal(yield* Fiber.join(waiting), "a")
    })
  },
  {
    name: "carries bytes, dates and big integers",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks } = yield* stage(harness)
      const value = { bytes: Uint8Array.of(0, 255, 7), big: 2n ** 80n, at: DateTime.makeUnsafe(1234567890123) }
      const result = yield* tasks.wait(yield* tasks.enqueue(Rich, value))
      same([...result.bytes], [0, 255, 7])
      assert.equal(result.big, 2n ** 80n)
      assert.equal(DateTime.toEpochMillis(result.at), 1234567890123)
    })
  },
  {
    name: "fails who waits with the declared error when the tries are used up",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks, world } = yield* stage(harness)
      const ref = yield* tasks.enqueue(Flaky, { key: "f", failures: 9 })
      const status = yield* reaches(tasks, ref, "dead")
      same(world.log, ["try f 1", "try f 2", "try f 3 last"])
      const error = yield* Effect.flip(tasks.wait(ref))
      assert.ok(error instanceof KitError)
      assert.equal(error.why, "no")
      const failure = Option.getOrThrow(status.failure)
      same([failure.kind, failure.message], ["error", "the kit says no"])
      assert.ok(Option.isSome(failure.error))
    })
  },
  {
    name: "takes a defect for a failed run, logs it, and tells who waits no more than its message",
    run: Effect.fnUntraced(function* (harness) {
      const { logs, tasks, world } = yield* stage(harness)
      const ref = yield* tasks.enqueue(Buggy)
      yield* reaches(tasks, ref, "dead")
      assert.equal(world.count("bug"), 2)
      const error = yield* Effect.flip(tasks.wait(ref))
      same([error._tag, error.code], ["TaskDead", "TASK_DEAD"])
      assert.ok(error._tag === "TaskDead" && error.kind === "defect" && error.attempts === 2)
      assert.match(error.message, /a bug of the kit/)
      assert.equal(logs.filter((line) => line.includes("kit.buggy")).length, 2)
    })
  },
  {
    name: "does not try again when the result does not fit its schema",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks } = yield* stage(harness)
      const ref = yield* tasks.enqueue(Wrong)
      const status = yield* reaches(tasks, ref, "dead")
      same([status.attempts, Option.getOrThrow(status.failure).kind], [1, "unencodable"])
    })
  },
  {
    name: "sends a stored payload that does not fit the task to the dead letters at once",
    run: Effect.fnUntraced(function* (harness) {
      const { open, tasks } = yield* stage(harness, { idle: true })
      const ref = yield* tasks.enqueue(Say, { text: "x" })
      const broken = { name: "kit.say", priority: 0, key: null, enqueuedAt: 0, dueAt: null }
      yield* open.store.enqueue([
        { ...broken, id: "broken-1", payload: '{"text":5}' },
        { ...broken, id: "broken-2", payload: "{" }
      ])
      yield* tasks.work(Task.handler(Say, ({ text }) => Effect.succeed(text)))
      yield* tasks.wait(ref)
      for (const id of ["broken-1", "broken-2"]) {
        const status = yield* reaches(tasks, Task.ref(Say, id), "dead")
        same([status.attempts, Option.getOrThrow(status.failure).kind], [1, "undecodable"])
      }
    })
  },
  {
    name: "shows the progress of a running task, in its own process and in others",
    run: Effect.fnUntraced(function* (harness) {
      const first = yield* stage(harness)
      const other = yield* first.engine({ idle: true })
      const ref = yield* other.tasks.enqueue(Reporting, { key: "r" })
      yield* inTime("it runs", () => first.world.count("start r") === 1)
      const shows = (part: number) =>
        Effect.forEach([first, other], ({ tasks }) =>
          soon(`progress ${part}`, () =>
            Effect.map(
              tasks.status(ref),
              ({ progress }) => JSON.stringify(Option.getOrNull(progress)) === `{"part":${part}}`
            )
          )
        )
      yield* shows(1)
      first.world.open("r")
      yield* shows(2)
      assert.equal((yield* other.tasks.status(ref)).state, "running")
      first.world.open("r again")
      yield* first.tasks.wait(ref)
      yield* shows(2)
    })
  },
  {
    name: "runs as many at a time as it may, and goes on when one ends",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness, { concurrency: 3 })
      const { tasks, world } = kit
      const refs = yield* tasks.enqueueAll(
        Gated,
        Array.from({ length: 7 }, (_, n) => ({ key: `g${n}` }))
      )
      yield* soon("three run", () => world.count("start") === 3)
      yield* quiet(kit)
      same(world.log, ["start g0", "start g1", "start g2"])
      world.open("g1")
      yield* begun(kit, "g3")
      for (let n = 0; n < 7; n++) world.open(`g${n}`)
      yield* Effect.forEach(refs, tasks.wait)
      assert.equal(world.mostRunning, 3)
    })
  },
  {
    name: "runs as many of one task as that task says, and others beside them",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness, { concurrency: 5 })
      const { tasks, world } = kit
      const limited = yield* tasks.enqueueAll(
        Limited,
        Array.from({ length: 5 }, (_, n) => ({ key: `l${n}` }))
      )
      const other = yield* tasks.enqueue(Say, { text: "past them" })
      assert.equal(yield* tasks.wait(other), "past them")
      yield* begun(kit, "l1")
      yield* quiet(kit)
      same([world.count("start l0"), world.count("start l1"), world.count("start l2")], [1, 1, 0])
      for (let n = 0; n < 5; n++) world.open(`l${n}`)
      yield* Effect.forEach(limited, tasks.wait)
      assert.equal(world.mostRunning, 2)
    })
  },
  {
    name: "begins higher priorities first, the task's own or one given when it is enqueued",
    run: Effect.fnUntraced(function* (harness) {
      const { engine, tasks } = yield* stage(harness, { idle: true })
      yield* tasks.enqueue(Say, { text: "middle" })
      yield* tasks.enqueue(Say, { text: "last" }, { priority: -1 })
      yield* tasks.enqueue(Say, { text: "first" }, { priority: 1 })
      const { world } = yield* engine({ concurrency: 1 })
      yield* soon("all three ran", () => world.log.length === 3)
      same(world.log, ["say first", "say middle", "say last"])
    })
  },
  {
    name: "begins equals in the order in which they were enqueued",
    run: Effect.fnUntraced(function* (harness) {
      const { engine, tasks } = yield* stage(harness, { idle: true })
      const texts = Array.from({ length: 100 }, (_, n) => `${n}`)
      for (const text of texts.slice(0, 10)) yield* tasks.enqueue(Say, { text })
      yield* tasks.enqueueAll(
        Say,
        texts.slice(10).map((text) => ({ text }))
      )
      const { world } = yield* engine({ concurrency: 1 })
      yield* soon("all ran", () => world.log.length === 100)
      same(
        world.log,
        texts.map((text) => `say ${text}`)
      )
    })
  },
  {
    name: "leaves tasks alone that this process has no handler for",
    run: Effect.fnUntraced(function* (harness) {
      const first = yield* stage(harness, { idle: true })
      yield* first.tasks.work(Task.handler(Say, ({ text }) => Effect.succeed(text)))
      const foreign = yield* first.tasks.enqueue(Gated, { key: "foreign" }, { priority: 100 })
      yield* first.tasks.wait(yield* first.tasks.enqueue(Say, { text: "mine" }))
      same((yield* first.tasks.status(foreign)).state, "ready")
    })
  },
  {
    name: "refuses a second handler for one task",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks } = yield* stage(harness)
      const error = yield* Effect.flip(tasks.work(Task.handler(Say, ({ text }) => Effect.succeed(text))))
      same([error._tag, error.code, error.task], ["TaskHandlerConflict", "TASK_HANDLER_CONFLICT", "kit.say"])
    })
  },
  {
    name: "gives each run a scope of its own, closed when it ends",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks, world } = yield* stage(harness, { idle: true })
      yield* tasks.work(
        Task.handler(Say, ({ text }) =>
          Effect.as(
            Effect.addFinalizer(() => Effect.sync(() => world.note(`closed ${text}`))),
            text
          )
        )
      )
      yield* tasks.wait(yield* tasks.enqueue(Say, { text: "a" }))
      same(world.log, ["closed a"])
    })
  },
  {
    name: "works 3 000 tasks off, each once, with two workers",
    run: Effect.fnUntraced(function* (harness) {
      const first = yield* stage(harness, { concurrency: 50 })
      const other = yield* first.engine({ concurrency: 50 })
      const texts = Array.from({ length: 3000 }, (_, n) => ({ text: `${n}` }))
      const refs = yield* first.tasks.enqueueAll(Say, texts)
      const count = (): number => first.world.log.length + other.world.log.length
      yield* inTime("all ran", () => count() >= 3000)
      yield* inTime("all are settled", () =>
        Effect.map(first.tasks.list({ state: "running", limit: 1 }), (rows) => rows.length === 0)
      )
      same((yield* first.tasks.status(refs[2999] as (typeof refs)[0])).state, "succeeded")
      assert.equal(count(), 3000)
      assert.equal(new Set([...first.world.log, ...other.world.log]).size, 3000)
    })
  }
]
