/** How a worker ends. */
import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import type { TasksCase } from "./Harness.ts"
import { Endless, Gated, Say } from "./KitTasks.ts"
import { begun, inTime, quiet, reaches, same, soon, stage } from "./Stage.ts"

export const stopping: ReadonlyArray<TasksCase> = [
  {
    name: "drains: begins nothing more, and waits for what runs",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness)
      const { tasks, world } = kit
      const running = yield* tasks.enqueue(Gated, { key: "a" })
      yield* begun(kit, "a")
      const draining = yield* Effect.forkChild(tasks.drain("10 seconds"))
      yield* quiet(kit)
      const late = yield* tasks.enqueue(Say, { text: "late" })
      yield* quiet(kit)
      assert.equal(draining.pollUnsafe(), undefined)
      world.open("a")
      yield* soon("it is drained", () => draining.pollUnsafe() !== undefined)
      same(yield* draining.pollUnsafe() ?? Effect.die("pending"), { handedBack: 0 })
      same([(yield* tasks.status(running)).state, (yield* tasks.status(late)).state], ["succeeded", "ready"])
      same(world.log, ["start a", "end a"])
    })
  },
  {
    name: "drains: hands back what does not end in time, without counting the run",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness)
      const { tasks, world } = kit
      const ref = yield* tasks.enqueue(Gated, { key: "a" })
      yield* begun(kit, "a")
      const draining = yield* Effect.forkChild(tasks.drain("2 seconds"))
      yield* inTime("it is drained", () => draining.pollUnsafe() !== undefined)
      same(yield* draining.pollUnsafe() ?? Effect.die("pending"), { handedBack: 1 })
      yield* soon("it is interrupted", () => world.count("interrupted a") === 1)
      const status = yield* tasks.status(ref)
      same([status.state, status.attempts], ["ready", 0])
      const other = yield* kit.engine()
      yield* inTime("another runs it", () => other.world.count("start a") === 1)
      other.world.open("a")
      assert.equal((yield* reaches(tasks, ref, "succeeded")).attempts, 1)
    })
  },
  {
    name: "drains: does not wait for a handler that cannot be interrupted",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness)
      const { tasks, world } = kit
      yield* Effect.addFinalizer(() => Effect.sync(() => world.open("e")))
      const ref = yield* tasks.enqueue(Endless, { key: "e", deaf: true })
      yield* begun(kit, "e")
      const draining = yield* Effect.forkChild(tasks.drain("1 second"))
      yield* inTime("it is drained", () => draining.pollUnsafe() !== undefined)
      assert.equal((yield* tasks.status(ref)).state, "ready")
    })
  },
  {
    name: "drains at once when nothing runs, as often as it is asked to",
    run: Effect.fnUntraced(function* (harness) {
      const { tasks } = yield* stage(harness)
      same(yield* tasks.drain("1 hour"), { handedBack: 0 })
      same(yield* tasks.drain("1 hour"), { handedBack: 0 })
    })
  },
  {
    name: "hands back what runs when its scope closes",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness, { idle: true })
      const closing = yield* kit.engine({ concurrency: 5 })
      const refs = yield* kit.tasks.enqueueAll(
        Gated,
        Array.from({ length: 8 }, (_, n) => ({ key: `g${n}` }))
      )
      yield* inTime("five run", () => closing.world.count("start") === 5)
      yield* closing.close
      yield* soon("they are interrupted", () => closing.world.count("interrupted") === 5)
      const other = yield* kit.engine()
      for (let n = 0; n < 8; n++) other.world.open(`g${n}`)
      for (const ref of refs) assert.equal((yield* reaches(kit.tasks, ref, "succeeded")).attempts, 1)
      assert.equal(closing.world.count("end"), 0)
    })
  },
  {
    name: "only enqueues where its concurrency is 0",
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness, { concurrency: 0 })
      const ref = yield* kit.tasks.enqueue(Say, { text: "a" })
      yield* TestClock.adjust("5 seconds")
      yield* quiet(kit)
      assert.equal((yield* kit.tasks.status(ref)).state, "ready")
      same(kit.world.log, [])
    })
  }
]
