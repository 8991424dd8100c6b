/** Keys, cancelling, dead letters, and input that cannot be a task. */
import assert from "node:assert/strict"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/testing/TestClock"
import * as Task from "../../tasks/Task.ts"
import type { TasksCase } from "./Harness.ts"
import { Endless, Flaky, Gated, Once, Say } from "./KitTasks.ts"
import { begun, inTime, quiet, reaches, same, soon, stage } from "./Stage.ts"

export const hands: ReadonlyArray<TasksCase> = [
  {
    name: "enqueues once for one idempotency key, of the payload or given",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks, world } = yield* stage(harness)
      const first = yield* tasks.enqueue(Once, { text: "a" })
      const second = yield* tasks.enqueue(Once, { text: "a" })
      same([second.id, first.created, second.created], [first.id, true, false])
      const given = yield* tasks.enqueue(Once, { text: "a" }, { key: "another" })
      const said = yield* tasks.enqueue(Say, { text: "a" }, { key: "another" })
      same([given.created, said.created], [true, true], "keys of two tasks are not the same")
      yield* tasks.wait(given)
      assert.equal(yield* tasks.wait(second), "a")
      assert.equal(world.count("once"), 2)
    })
  },
  {
    name: "enqueues once what 100 fibers of two processes enqueue with one key",
    run: Effect.fnUntraced(function* (harness) {
      const first = yield* stage(harness)
      const other = yield* first.engine()
      const refs = yield* Effect.forEach(
        Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? first : other)),
        ({ tasks }) => tasks.enqueue(Once, { text: "one" }),
        { concurrency: "unbounded" }
      )
      assert.equal(new Set(refs.map(({ id }) => id)).size, 1)
      assert.equal(refs.filter(({ created }) => created).length, 1)
      yield* inTime("it ran", () => first.world.log.length + other.world.log.length === 1)
      // the other process may be the one that did it, which this one sees when time passes
      yield* reaches(first.tasks, refs[0] as (typeof refs)[0], "succeeded")
      assert.equal(first.world.log.length + other.world.log.length, 1)
    })
  },
  {
    name: "forgets a key with its task, when the retention is over",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks } = yield* stage(harness, { retention: "1 minute" })
      const first = yield* tasks.enqueue(Once, { text: "a" })
      yield* tasks.wait(first)
      yield* TestClock.adjust("50 seconds")
      assert.equal((yield* tasks.enqueue(Once, { text: "a" })).created, false)
      yield* TestClock.adjust("10 seconds")
      yield* inTime("it is gone", () =>
        Effect.map(Effect.result(tasks.status(first)), (status) => status._tag === "Failure")
      )
      const error = yield* Effect.flip(tasks.status(first))
      same([error._tag, error.code], ["TaskUnknown", "TASK_UNKNOWN"])
      assert.equal((yield* tasks.enqueue(Once, { text: "a" })).created, true)
    })
  },
  {
    name: "cancels a task that waits",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness, { concurrency: 1 })
      const { tasks, world } = kit
      const first = yield* tasks.enqueue(Gated, { key: "a" })
      yield* begun(kit, "a")
      const ready = yield* tasks.enqueue(Say, { text: "ready" })
      const later = yield* tasks.enqueue(Say, { text: "later" }, { in: "1 second" })
      for (const ref of [ready, later]) {
        assert.equal(yield* tasks.cancel(ref.id), true)
        assert.equal((yield* tasks.status(ref)).state, "cancelled")
        const error = yield* Effect.flip(tasks.wait(ref))
        same([error._tag, error.code], ["TaskCancelled", "TASK_CANCELLED"])
      }
      world.open("a")
      yield* tasks.wait(first)
      yield* TestClock.adjust("3 seconds")
      yield* quiet(kit)
      same(world.log, ["start a", "end a"])
    })
  },
  {
    name: "interrupts a running task that is cancelled, and has its place free at once",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness, { concurrency: 1 })
      const { logs, tasks, world } = kit
      const ref = yield* tasks.enqueue(Gated, { key: "a" })
      yield* begun(kit, "a")
      assert.equal(yield* tasks.cancel(ref.id), true)
      yield* soon("it is interrupted", () => world.count("interrupted a") === 1)
      assert.equal(yield* tasks.wait(yield* tasks.enqueue(Say, { text: "next" })), "next")
      const status = yield* tasks.status(ref)
      same([status.state, status.failure], ["cancelled", Option.none()])
      same(logs, [])
    })
  },
  {
    name: "interrupts a task that another process runs when that renews its lease",
    run: Effect.fnUntraced(function* (harness) {
      const first = yield* stage(harness, { lease: "3 seconds" })
      const other = yield* first.engine({ idle: true })
      const ref = yield* other.tasks.enqueue(Gated, { key: "a" })
      yield* inTime("it runs", () => first.world.count("start a") === 1)
      assert.equal(yield* other.tasks.cancel(ref.id), true)
      yield* inTime("it is interrupted", () => first.world.count("interrupted a") === 1)
      assert.equal((yield* first.tasks.status(ref)).state, "cancelled")
    })
  },
  {
    name: "does not cancel what has finished, or never was",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks } = yield* stage(harness)
      const ref = yield* tasks.enqueue(Say, { text: "a" })
      yield* tasks.wait(ref)
      same([yield* tasks.cancel(ref.id), yield* tasks.cancel("nowhere")], [false, false])
      assert.equal(yield* tasks.wait(ref), "a")
    })
  },
  {
    name: "wakes who waits for a task that is cancelled",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness)
      const ref = yield* kit.tasks.enqueue(Gated, { key: "a" })
      yield* begun(kit, "a")
      const waiting = yield* Effect.forkChild(Effect.flip(kit.tasks.wait(ref)))
      yield* quiet(kit)
      yield* kit.tasks.cancel(ref.id)
      yield* soon("who waits is told", () => waiting.pollUnsafe() !== undefined)
    })
  },
  {
    name: "shows dead letters with payload and reason",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks } = yield* stage(harness)
      const ref = yield* tasks.enqueue(Flaky, { key: "f", failures: 9, why: "for good" })
      yield* reaches(tasks, ref, "dead")
      const [letter, ...more] = yield* tasks.list({ state: "dead" })
      same(more, [])
      same(
        [letter?.id, letter?.name, letter?.payload],
        [ref.id, "kit.flaky", { key: "f", failures: 9, why: "for good" }]
      )
      const failure = Option.getOrThrow(letter?.failure ?? Option.none())
      same([failure.kind, failure.message], ["error", "the kit says for good"])
      same(yield* tasks.inspect(ref.id), letter)
    })
  },
  {
    name: "runs a dead task that is requeued with all its tries",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks, world } = yield* stage(harness)
      const ref = yield* tasks.enqueue(Flaky, { key: "f", failures: 9 })
      yield* reaches(tasks, ref, "dead")
      same(yield* tasks.requeue([ref.id, "nowhere"]), [ref.id])
      yield* inTime("it ran again", () => world.count("try f") === 6)
      const status = yield* reaches(tasks, ref, "dead")
      assert.equal(status.attempts, 3)
      same(yield* tasks.requeue([]), [])
    })
  },
  {
    name: "discards dead tasks, and no others",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks } = yield* stage(harness)
      const dead = yield* tasks.enqueue(Flaky, { key: "f", failures: 9, why: "for good" })
      const waiting = yield* tasks.enqueue(Say, { text: "a" }, { in: "1 hour" })
      yield* reaches(tasks, dead, "dead")
      same(yield* tasks.discard([dead.id, waiting.id]), [dead.id])
      assert.equal((yield* Effect.flip(tasks.inspect(dead.id)))._tag, "TaskUnknown")
      same(yield* tasks.list({ state: "dead" }), [])
      assert.equal((yield* tasks.status(waiting)).state, "scheduled")
    })
  },
  {
    name: "lists by task, page by page",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks } = yield* stage(harness, { idle: true })
      const refs = yield* tasks.enqueueAll(
        Say,
        Array.from({ length: 12 }, (_, n) => ({ text: `${n}` }))
      )
      yield* tasks.enqueue(Gated, { key: "other" })
      const first = yield* tasks.list({ state: "ready", task: Say, limit: 5 })
      const rest = yield* tasks.list({ state: "ready", task: Say, after: first.at(-1)?.id ?? "" })
      same(
        [...first, ...rest].map(({ id }) => id),
        refs.map(({ id }) => id)
      )
    })
  },
  {
    name: "refuses what cannot be a task, and stores nothing of it",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks } = yield* stage(harness, { idle: true, maxPayloadLength: 1000 })
      const now = yield* DateTime.now
      const attempts = {
        TASK_INVALID_PAYLOAD: tasks.enqueue(Say, { text: 5 } as never),
        TASK_INVALID_TOO_LARGE: tasks.enqueue(Say, { text: "x".repeat(1000) }),
        TASK_INVALID_KEY: tasks.enqueue(Say, { text: "" }, { key: "" }),
        TASK_INVALID_PRIORITY: tasks.enqueue(Say, { text: "" }, { priority: 0.5 }),
        TASK_INVALID_TIME: tasks.enqueue(Say, { text: "" }, { in: "1 second", at: now })
      }
      for (const [code, attempt] of Object.entries(attempts)) {
        const error = yield* Effect.flip(attempt)
        assert.equal(error.code, code)
        assert.match(error.message, /kit\.say was not enqueued/)
      }
      const strange = [
        tasks.enqueue(Say, { text: "" }, { key: "x".repeat(513) }),
        tasks.enqueue(Say, { text: "" }, { key: "a\0b" }),
        tasks.enqueue(Say, { text: "" }, { key: "\ud800" }),
        tasks.enqueue(Say, { text: "" }, { priority: Number.NaN }),
        tasks.enqueue(Say, { text: "" }, { priority: 2e9 }),
        tasks.enqueue(Say, { text: "" }, { in: Number.POSITIVE_INFINITY }),
        tasks.enqueueAll(Say, [{ text: "good" }, { text: null } as never])
      ]
      for (const attempt of strange) {
        assert.equal(
          (yield* Effect.flip(attempt as Effect.Effect<unknown, { readonly _tag: string }>))._tag,
          "TaskInvalid"
        )
      }
      same(yield* tasks.list({ state: "ready" }), [])
      same(yield* tasks.list({ state: "scheduled" }), [])
      same(yield* tasks.enqueueAll(Say, []), [])
    })
  },
  {
    name: "does not know a task that never was",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks } = yield* stage(harness)
      const ref = Task.ref(Endless, "nowhere' or 1=1 --")
      for (const ask of [tasks.status(ref), tasks.wait(ref), tasks.inspect(ref.id)]) {
        assert.equal((yield* Effect.flip(ask as Effect.Effect<unknown, { readonly _tag: string }>))._tag, "TaskUnknown")
      }
      same(yield* tasks.discard([ref.id]), [])
    })
  }
]
