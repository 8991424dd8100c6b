/** What time does to tasks, and what people do. */
import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import type { TaskStoreShape } from "../../tasks/TaskStore.ts"
import type { TasksCase } from "./Harness.ts"
import { claim, dead, fresh, id, ids, LEASE, one, read, storeWith, succeeded, sweep, T } from "./rows.ts"

const cancel = (store: TaskStoreShape, ...which: ReadonlyArray<string>) =>
  store.move({
    ids: which,
    from: ["scheduled", "ready", "running"],
    to: "cancelled",
    wakeAt: T + 500,
    finishedAt: T + 1
  })
const requeue = (store: TaskStoreShape, ...which: ReadonlyArray<string>) =>
  store.move({ ids: which, from: ["dead"], to: "ready", wakeAt: null, finishedAt: null })
const discard = (store: TaskStoreShape, ...which: ReadonlyArray<string>) =>
  store.move({ ids: which, from: ["dead"], to: "removed", wakeAt: null, finishedAt: null })

export const sweeping: ReadonlyArray<TasksCase> = [
  {
    name: "makes scheduled tasks ready when their moment has come, and not before",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1, { dueAt: T + 10 }), fresh(2, { dueAt: T + 20 }))
      assert.deepEqual(yield* sweep(store, T + 9), { due: 0, recovered: 0, removed: 0, next: T + 10 })
      assert.deepEqual(yield* sweep(store, T + 10), { due: 1, recovered: 0, removed: 0, next: T + 20 })
      assert.deepEqual(ids(yield* claim(store)), [id(1)])
      const row = yield* read(store, id(1))
      assert.equal(row.wakeAt, T + LEASE)
    })
  },
  {
    name: "says that nothing is scheduled",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1))
      assert.equal((yield* sweep(store, T)).next, null)
    })
  },
  {
    name: "takes a task back when its lease is over, and not before",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1))
      yield* one(store)
      assert.equal((yield* sweep(store, T + LEASE - 1)).recovered, 0)
      assert.equal((yield* sweep(store, T + LEASE)).recovered, 1)
      const row = yield* read(store, id(1))
      assert.deepEqual([row.state, row.attempts, row.wakeAt], ["ready", 1, null])
    })
  },
  {
    name: "takes a task back whose lease cannot have been given in this time",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1), fresh(2))
      yield* claim(store, 1, ["kit.plain"], T + 3_600_000)
      yield* claim(store, 1, ["kit.plain"], T + 2 * LEASE)
      assert.equal((yield* sweep(store, T)).recovered, 1)
      assert.equal((yield* read(store, id(1))).state, "ready")
      assert.equal((yield* read(store, id(2))).state, "running")
    })
  },
  {
    name: "removes what finished long enough ago, and keeps the dead",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1), fresh(2), fresh(3), fresh(4))
      const [a, b, c] = (yield* claim(store, 3)) as [never, never, never]
      yield* store.settle([succeeded(a, { wakeAt: T + 100 }), succeeded(b, { wakeAt: T + 101 }), dead(c)])
      yield* store.move({ ids: [id(4)], from: ["ready"], to: "cancelled", wakeAt: T + 100, finishedAt: T })
      assert.equal((yield* sweep(store, T + 100)).removed, 2)
      assert.deepEqual(
        (yield* store.get([1, 2, 3, 4].map(id))).map((row) => row?.state),
        [undefined, "succeeded", "dead", undefined]
      )
    })
  },
  {
    name: "forgets the key of a task that it removes",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1, { key: "same" }))
      yield* store.settle([succeeded(yield* one(store), { wakeAt: T + 100 })])
      yield* sweep(store, T + 100)
      assert.deepEqual(yield* store.enqueue([fresh(2, { key: "same" })]), [{ id: id(2), created: true }])
    })
  },
  {
    name: "does no more at a time than it is asked for",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, ...Array.from({ length: 25 }, (_, n) => fresh(n, { dueAt: T + n })))
      const counts: Array<number> = []
      for (let n = 0; n < 4; n++) counts.push((yield* sweep(store, T + 100, 10)).due)
      assert.deepEqual(counts, [10, 10, 5, 0])
      assert.equal((yield* claim(store, 100)).length, 25)
    })
  },
  {
    name: "cancels what waits and what runs, and nothing that has finished",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(
        harness,
        fresh(1),
        fresh(2),
        fresh(3, { name: "kit.other" }),
        fresh(4, { dueAt: T })
      )
      const [a] = (yield* claim(store)) as [never]
      yield* store.settle([succeeded(a)])
      const moved = yield* cancel(store, ...[1, 2, 3, 4].map(id), "nowhere")
      assert.deepEqual(moved.toSorted(), [2, 3, 4].map(id))
      const row = yield* read(store, id(3))
      assert.deepEqual([row.state, row.wakeAt, row.finishedAt], ["cancelled", T + 500, T + 1])
      assert.deepEqual(yield* cancel(store, id(2)), [])
      yield* sweep(store, T + 10)
      assert.deepEqual(yield* claim(store, 10, ["kit.plain", "kit.other"]), [])
    })
  },
  {
    name: "refuses the worker of a task that was cancelled",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1))
      const row = yield* one(store)
      yield* cancel(store, id(1))
      assert.deepEqual(yield* store.extend([{ ...row, progress: "1" }], T + LEASE), [false])
      assert.deepEqual(yield* store.settle([succeeded(row)]), [false])
      assert.equal((yield* read(store, id(1))).state, "cancelled")
    })
  },
  {
    name: "gives a dead task all its tries again",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1))
      const row = yield* one(store)
      yield* store.extend([{ ...row, progress: "1" }], T + LEASE)
      yield* store.settle([dead(row)])
      assert.deepEqual(yield* requeue(store, id(1), "nowhere"), [id(1)])
      const ready = yield* read(store, id(1))
      assert.deepEqual(
        [ready.state, ready.attempts, ready.finishedAt, ready.outcome, ready.progress],
        ["ready", 0, null, null, null]
      )
      const again = yield* one(store)
      assert.equal(again.attempts, 1)
      assert.ok(again.fence > row.fence, "an old claim would fit again")
    })
  },
  {
    name: "requeues and discards dead tasks only",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1), fresh(2), fresh(3, { dueAt: T + 9 }))
      const row = yield* one(store)
      for (const move of [requeue, discard]) assert.deepEqual(yield* move(store, id(1), id(2), id(3)), [])
      yield* store.settle([dead(row)])
      assert.deepEqual(yield* discard(store, id(1), id(2), id(3)), [id(1)])
      assert.deepEqual(
        (yield* store.get([1, 2, 3].map(id))).map((found) => found?.state),
        [undefined, "ready", "scheduled"]
      )
      assert.deepEqual(yield* store.enqueue([fresh(1)]), [{ id: id(1), created: true }])
    })
  },
  {
    name: "moves 1 200 tasks at once",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, ...Array.from({ length: 1200 }, (_, n) => fresh(n)))
      const moved = yield* cancel(store, ...Array.from({ length: 1200 }, (_, n) => id(n)))
      assert.equal(moved.length, 1200)
      assert.deepEqual(yield* claim(store), [])
    })
  }
]
