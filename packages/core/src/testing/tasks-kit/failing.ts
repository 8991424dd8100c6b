/** Other tries, time limits, and tasks for later. */
import assert from "node:assert/strict"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/testing/TestClock"
import type { TasksCase } from "./Harness.ts"
import { Endless, Flaky, Gated, Say } from "./KitTasks.ts"
import { begun, inTime, pass, quiet, reaches, same, soon, stage } from "./Stage.ts"

export const failing: ReadonlyArray<TasksCase> = [
  {
    name: "tries again after the delays of the policy, and not before",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness)
      const { tasks, world } = kit
      const ref = yield* tasks.enqueue(Flaky, { key: "f", failures: 2 })
      const tries = (count: number) => soon(`${count} tries`, () => world.count("try f") === count)
      const waits = soon("it waits", () => Effect.map(tasks.status(ref), ({ state }) => state === "scheduled"))
      yield* tries(1)
      yield* waits
      yield* TestClock.adjust(999)
      yield* quiet(kit)
      yield* tries(1)
      yield* inTime("the second try", () => world.count("try f") === 2)
      yield* waits
      yield* TestClock.adjust(1899)
      yield* quiet(kit)
      yield* tries(2)
      yield* inTime("the third try", () => world.count("try f") === 3)
      assert.equal(yield* tasks.wait(ref), 3)
      const { attempts, failure } = yield* tasks.status(ref)
      same([attempts, failure], [3, Option.none()])
    })
  },
  {
    name: "shows why the last run failed while another try is due",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks } = yield* stage(harness)
      const ref = yield* tasks.enqueue(Flaky, { key: "f", failures: 9 })
      yield* soon("it failed once", () => Effect.map(tasks.status(ref), ({ state }) => state === "scheduled"))
      const { dueAt, failure } = yield* tasks.status(ref)
      assert.ok(Option.isSome(dueAt))
      assert.equal(Option.getOrThrow(failure).kind, "error")
    })
  },
  {
    name: "does not try again after an error for good",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks, world } = yield* stage(harness)
      const ref = yield* tasks.enqueue(Flaky, { key: "f", failures: 9, why: "for good" })
      const status = yield* reaches(tasks, ref, "dead")
      assert.equal(status.attempts, 1)
      assert.equal(world.count("try"), 1)
    })
  },
  {
    name: "interrupts a run that takes too long, and counts it as failed",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness)
      const { tasks, world } = kit
      const ref = yield* tasks.enqueue(Endless, { key: "e", deaf: false })
      yield* begun(kit, "e")
      yield* TestClock.adjust(1900)
      yield* quiet(kit)
      assert.equal(world.count("interrupted"), 0)
      yield* inTime("it is interrupted", () => world.count("interrupted e") === 1)
      const status = yield* reaches(tasks, ref, "dead")
      same(world.log, ["start e", "interrupted e", "start e", "interrupted e"])
      same([status.attempts, Option.getOrThrow(status.failure).kind], [2, "timeout"])
    })
  },
  {
    name: "gives a handler up that never returns and cannot be interrupted",
    run: Effect.fnUntraced(function* (harness) {
      const { logs, tasks, world } = yield* stage(harness)
      yield* Effect.addFinalizer(() => Effect.sync(() => world.open("e")))
      const ref = yield* tasks.enqueue(Endless, { key: "e", deaf: true })
      const status = yield* reaches(tasks, ref, "dead")
      assert.equal(Option.getOrThrow(status.failure).kind, "timeout")
      same(world.log, ["start e", "start e"])
      assert.ok(logs.some((line) => line.includes("keeps its place")))
      assert.equal(yield* tasks.wait(yield* tasks.enqueue(Say, { text: "others go on" })), "others go on")
    })
  },
  {
    name: "lets no stuck handler take more than its place",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness, { concurrency: 1 })
      const { tasks, world } = kit
      const ref = yield* tasks.enqueue(Endless, { key: "e", deaf: true })
      yield* reaches(tasks, ref, "scheduled")
      const next = yield* tasks.enqueue(Say, { text: "waits" }, { priority: 1 })
      yield* quiet(kit)
      assert.equal((yield* tasks.status(next)).state, "ready")
      world.open("e")
      assert.equal(yield* tasks.wait(next), "waits")
    })
  },
  {
    name: "runs a task after its delay",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness)
      const { tasks, world } = kit
      const ref = yield* tasks.enqueue(Say, { text: "later" }, { in: "5 seconds" })
      assert.equal((yield* tasks.status(ref)).state, "scheduled")
      yield* TestClock.adjust(4900)
      yield* quiet(kit)
      same(world.log, [])
      yield* inTime("it ran", () => world.log.length === 1)
      assert.equal(yield* tasks.wait(ref), "later")
    })
  },
  {
    name: "runs a task at its moment",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness)
      const { tasks, world } = kit
      const at = DateTime.add(yield* DateTime.now, { seconds: 3 })
      const ref = yield* tasks.enqueue(Say, { text: "then" }, { at })
      same(
        Option.map((yield* tasks.status(ref)).dueAt, DateTime.toEpochMillis),
        Option.some(DateTime.toEpochMillis(at))
      )
      yield* TestClock.adjust(2900)
      yield* quiet(kit)
      same(world.log, [])
      yield* inTime("it ran", () => world.log.length === 1)
    })
  },
  {
    name: "runs a task whose moment has passed at once",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks } = yield* stage(harness)
      const at = DateTime.subtract(yield* DateTime.now, { hours: 1 })
      assert.equal(yield* tasks.wait(yield* tasks.enqueue(Say, { text: "a" }, { at })), "a")
      assert.equal(yield* tasks.wait(yield* tasks.enqueue(Say, { text: "b" }, { in: 0 })), "b")
    })
  },
  {
    name: "runs an earlier task first, though it was enqueued behind a later one",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks, world } = yield* stage(harness)
      yield* tasks.enqueue(Say, { text: "in ten" }, { in: "10 seconds" })
      yield* tasks.enqueue(Say, { text: "in two" }, { in: "2 seconds" })
      yield* inTime("both ran", () => world.log.length === 2)
      same(world.log, ["say in two", "say in ten"])
    })
  },
  {
    name: "runs what became due while nobody worked",
    run: Effect.fnUntraced(function* (harness) {
      const { engine, tasks } = yield* stage(harness, { idle: true })
      yield* tasks.enqueue(Say, { text: "a" }, { in: "1 minute" })
      yield* tasks.enqueue(Say, { text: "b" }, { in: "1 day" })
      yield* TestClock.adjust("2 minutes")
      const { world } = yield* engine()
      yield* inTime("it ran", () => world.log.length === 1)
      same(world.log, ["say a"])
    })
  },
  {
    name: "keeps a task ready that nobody has room for, however long",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness, { concurrency: 1 })
      const { tasks, world } = kit
      const first = yield* tasks.enqueue(Gated, { key: "a" })
      const second = yield* tasks.enqueue(Gated, { key: "b" })
      yield* begun(kit, "a")
      yield* pass("5 minutes")
      yield* quiet(kit)
      same([(yield* tasks.status(first)).state, (yield* tasks.status(second)).state], ["running", "ready"])
      world.open("a")
      world.open("b")
      assert.equal(yield* tasks.wait(second), "b")
      assert.equal(world.count("start a"), 1)
    })
  }
]
