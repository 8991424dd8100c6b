/** Tasks that are enqueued together with what else is written. */
import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import type { TasksCase } from "./Harness.ts"
import { Once, Say } from "./KitTasks.ts"
import { inTime, quiet, type Stage, same, stage } from "./Stage.ts"

const inTransaction = <A, E>({ open }: Stage, effect: Effect.Effect<A, E>): Effect.Effect<A, E> => {
  assert.ok(open.transaction !== undefined, "the harness has the trait but no transaction")
  return open.transaction(effect)
}

const needs = ["transactions"] as const

export const transactions: ReadonlyArray<TasksCase> = [
  {
    name: "runs a task that was enqueued in a transaction once that is committed",
    needs,
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness)
      const ref = yield* inTransaction(
        kit,
        Effect.gen(function* () {
          const enqueued = yield* kit.tasks.enqueue(Say, { text: "committed" })
          assert.equal((yield* kit.tasks.status(enqueued)).state, "ready")
          return enqueued
        })
      )
      yield* inTime("it ran", () => kit.world.log.length === 1)
      assert.equal(yield* kit.tasks.wait(ref), "committed")
    })
  },
  {
    name: "never saw a task whose transaction is rolled back",
    needs,
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness)
      const failed = yield* Effect.flip(
        inTransaction(
          kit,
          Effect.gen(function* () {
            yield* kit.tasks.enqueue(Say, { text: "gone" })
            yield* kit.tasks.enqueueAll(Say, [{ text: "gone too" }, { text: "and this" }])
            return yield* Effect.fail("no" as const)
          })
        )
      )
      assert.equal(failed, "no")
      yield* kit.tasks.wait(yield* kit.tasks.enqueue(Say, { text: "marker" }))
      yield* quiet(kit)
      same(kit.world.log, ["say marker"])
      same(yield* kit.tasks.list({ state: "ready" }), [])
    })
  },
  {
    name: "frees a key whose transaction is rolled back",
    needs,
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness)
      const enqueue = kit.tasks.enqueue(Once, { text: "key" })
      yield* Effect.ignore(inTransaction(kit, Effect.andThen(enqueue, Effect.fail("no"))))
      const ref = yield* enqueue
      assert.equal(ref.created, true)
      assert.equal(yield* kit.tasks.wait(ref), "key")
    })
  },
  {
    name: "cancels, requeues and reads inside a transaction, or not",
    needs,
    run: Effect.fnUntraced(function* (harness) {
      const kit = yield* stage(harness, { idle: true })
      const ref = yield* kit.tasks.enqueue(Say, { text: "a" })
      yield* Effect.ignore(
        inTransaction(
          kit,
          Effect.gen(function* () {
            assert.equal(yield* kit.tasks.cancel(ref.id), true)
            assert.equal((yield* kit.tasks.status(ref)).state, "cancelled")
            return yield* Effect.fail("no")
          })
        )
      )
      assert.equal((yield* kit.tasks.status(ref)).state, "ready")
    })
  }
]
