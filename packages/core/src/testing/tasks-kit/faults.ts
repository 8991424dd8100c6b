/** Workers that die or are stopped, clocks that are set, stores that fail. */
import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/testing/TestClock"
import { TaskStoreError } from "../../tasks/TaskError.ts"
import type { TaskStoreShape } from "../../tasks/TaskStore.ts"
import type { TasksCase } from "./Harness.ts"
import { Gated, Say } from "./KitTasks.ts"
import { begun, inTime, quiet, reaches, same, soon, stage, stoppable, wallClock } from "./Stage.ts"

const lease = "3 seconds"
const hour = 3_600_000

type Operation = "enqueue" | "claim" | "settle" | "extend" | "sweep"

/** A store whose next calls of some kinds fail. */
const broken =
  (left: Partial<Record<Operation, number>>) =>
  (store: TaskStoreShape): TaskStoreShape => {
    const failing =
      <A extends ReadonlyArray<unknown>, B>(
        operation: Operation,
        call: (...args: A) => Effect.Effect<B, TaskStoreError>
      ) =>
      (...args: A) =>
        Effect.suspend(() => {
          const times = left[operation] ?? 0
          if (times === 0) return call(...args)
          left[operation] = times - 1
          return Effect.fail(new TaskStoreError({ store: "broken", operation, message: "the kit broke it" }))
        })
    return {
      ...store,
      enqueue: failing("enqueue", store.enqueue),
      claim: failing("claim", store.claim),
      settle: failing("settle", store.settle),
      extend: failing("extend", store.extend),
      sweep: failing("sweep", store.sweep)
    }
  }

export const faults: ReadonlyArray<TasksCase> = [
  {
    name: "keeps a long run by renewing its lease",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness, { lease })
      const other = yield* kit.engine({ lease })
      const ref = yield* kit.tasks.enqueue(Gated, { key: "long" })
      const count = (): number => kit.world.count("start") + other.world.count("start")
      yield* inTime("it runs", () => count() === 1)
      for (let n = 0; n < 20; n++) {
        yield* TestClock.adjust(900)
        yield* quiet(kit)
      }
      assert.equal(count(), 1)
      kit.world.open("long")
      other.world.open("long")
      const status = yield* reaches(kit.tasks, ref, "succeeded")
      assert.equal(status.attempts, 1)
    })
  },
  {
    name: "takes over the task of a worker that is stopped past its lease, and refuses what that says later",
    run: Effect.fnUntraced(function* (harness) {
      const stopper = stoppable()
      const kit = yield* stage(harness, { lease, stopper })
      const ref = yield* kit.tasks.enqueue(Gated, { key: "a" })
      yield* begun(kit, "a")
      stopper.stop()
      const other = yield* kit.engine({ lease })
      yield* inTime("the other takes over", () => other.world.count("start a") === 1)
      kit.world.open("a")
      yield* soon("the late one ends", () => kit.world.count("end a") === 1)
      stopper.goOn()
      yield* inTime("its word is refused", () => kit.logs.some((line) => line.includes("was refused")))
      assert.equal((yield* kit.tasks.status(ref)).state, "running")
      other.world.open("a")
      const status = yield* reaches(other.tasks, ref, "succeeded")
      same([status.attempts, Option.getOrThrow(status.success)], [2, "a"])
    })
  },
  {
    name: "interrupts a run when the worker learns that it lost its lease",
    run: Effect.fnUntraced(function* (harness) {
      const stopper = stoppable()
      const kit = yield* stage(harness, { lease, stopper })
      const ref = yield* kit.tasks.enqueue(Gated, { key: "a" })
      yield* begun(kit, "a")
      stopper.stop()
      const other = yield* kit.engine({ lease })
      yield* inTime("the other takes over", () => other.world.count("start a") === 1)
      stopper.goOn()
      yield* inTime("the late one is interrupted", () => kit.world.count("interrupted a") === 1)
      other.world.open("a")
      yield* reaches(other.tasks, ref, "succeeded")
      same([kit.world.count("end"), other.world.count("end")], [0, 1])
    })
  },
  {
    name: "sends a task to the dead letters that took every worker down with it",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness, { idle: true, lease })
      const ref = yield* kit.tasks.enqueue(Gated, { key: "poison" })
      for (let n = 1; n <= 3; n++) {
        const stopper = stoppable()
        const victim = yield* kit.engine({ lease, stopper })
        yield* inTime(`try ${n}`, () => victim.world.count("start poison") === 1)
        stopper.stop()
      }
      const last = yield* kit.engine({ lease })
      const status = yield* reaches(last.tasks, ref, "dead")
      same([status.attempts, Option.getOrThrow(status.failure).kind], [3, "lost"])
      same(last.world.log, [])
    })
  },
  {
    name: "lets delays and leases pass when the clock is set back",
    run: Effect.fnUntraced(function* (harness) {
      const { clock, set } = yield* wallClock
      const stopper = stoppable()
      yield* TestClock.setTime(50 * hour)
      const dying = yield* stage(harness, { lease, stopper })
      const taken = yield* dying.tasks.enqueue(Gated, { key: "a" })
      yield* begun(dying, "a")
      const kit = yield* dying.engine({ lease, clock })
      yield* kit.tasks.enqueue(Say, { text: "delayed" }, { in: "5 seconds" })
      stopper.stop()
      set(-hour)
      yield* TestClock.adjust("8 seconds")
      yield* inTime("the delayed one ran", () => kit.world.count("say delayed") === 1)
      yield* inTime("the lost one runs", () => kit.world.count("start a") === 1)
      assert.equal(yield* kit.tasks.wait(yield* kit.tasks.enqueue(Say, { text: "now" })), "now")
      kit.world.open("a")
      yield* reaches(kit.tasks, taken, "succeeded")
    })
  },
  {
    name: "takes over from a dead worker although the clock was set back before this process started",
    run: Effect.fnUntraced(function* (harness) {
      const { clock, set } = yield* wallClock
      const stopper = stoppable()
      yield* TestClock.setTime(50 * hour)
      const dying = yield* stage(harness, { lease, stopper })
      const ref = yield* dying.tasks.enqueue(Gated, { key: "a" })
      yield* begun(dying, "a")
      stopper.stop()
      set(-2 * hour)
      const kit = yield* dying.engine({ lease, clock })
      yield* inTime("it is taken over", () => kit.world.count("start a") === 1)
      kit.world.open("a")
      assert.equal((yield* reaches(kit.tasks, ref, "succeeded")).attempts, 2)
    })
  },
  {
    name: "runs what is due when the clock is set forward",
    run: Effect.fnUntraced(function* (harness) {
      const { clock, set } = yield* wallClock
      const kit = yield* stage(harness, { clock })
      yield* kit.tasks.enqueue(Say, { text: "in an hour" }, { in: "1 hour" })
      yield* TestClock.adjust(1000)
      set(hour)
      yield* inTime("it ran", () => kit.world.log.length === 1)
    })
  },
  {
    name: "tells who enqueues that the store failed, and enqueues nothing",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness, { wrap: broken({ enqueue: 1 }) })
      const error = yield* Effect.flip(kit.tasks.enqueue(Say, { text: "a" }))
      same([error._tag, error.code], ["TaskStoreError", "TASK_STORE"])
      yield* kit.tasks.wait(yield* kit.tasks.enqueue(Say, { text: "b" }))
      same(kit.world.log, ["say b"])
    })
  },
  {
    name: "goes on when the store is there again, and says once that it was not",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness, { wrap: broken({ claim: 4, sweep: 2 }) })
      const ref = yield* kit.tasks.enqueue(Say, { text: "a" })
      yield* reaches(kit.tasks, ref, "succeeded")
      same(kit.world.log, ["say a"])
      assert.equal(kit.logs.filter((line) => line.includes("does not answer")).length, 1)
    })
  },
  {
    name: "says what a task came to as often as the store needs to hear it, and runs it once",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness, { wrap: broken({ settle: 3 }) })
      const refs = yield* kit.tasks.enqueueAll(Say, [{ text: "a" }, { text: "b" }])
      for (const ref of refs) assert.equal((yield* reaches(kit.tasks, ref, "succeeded")).attempts, 1)
      same(kit.world.log, ["say a", "say b"])
    })
  },
  {
    name: "does not end a run because its lease could not be renewed once",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness, { lease, wrap: broken({ extend: 1 }) })
      const ref = yield* kit.tasks.enqueue(Gated, { key: "a" })
      yield* begun(kit, "a")
      yield* inTime("renewing failed", () => kit.logs.some((line) => line.includes("could not be renewed")))
      yield* TestClock.adjust(1100)
      yield* quiet(kit)
      kit.world.open("a")
      assert.equal((yield* reaches(kit.tasks, ref, "succeeded")).attempts, 1)
      assert.equal(kit.world.count("start"), 1)
    })
  }
]
