/** Who gets which task, and who may speak about it. */
import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import type { TasksCase } from "./Harness.ts"
import { claim, dead, fresh, id, ids, LEASE, one, read, storeWith, succeeded, sweep, T } from "./rows.ts"

export const claiming: ReadonlyArray<TasksCase> = [
  {
    name: "gives the highest priority first, and among equals the smallest id",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(
        harness,
        fresh(5),
        fresh(1),
        fresh(3, { priority: 10 }),
        fresh(4, { priority: -10 }),
        fresh(2, { priority: 10 })
      )
      assert.deepEqual(ids(yield* claim(store)), [id(2), id(3), id(1), id(5), id(4)])
    })
  },
  {
    name: "goes by priority across names",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(
        harness,
        fresh(1, { name: "kit.a", priority: 1 }),
        fresh(2, { name: "kit.b", priority: 3 }),
        fresh(3, { name: "kit.a", priority: 2 }),
        fresh(4, { name: "kit.b", priority: 0 })
      )
      assert.deepEqual(ids(yield* claim(store, 3, ["kit.a", "kit.b"])), [id(2), id(3), id(1)])
      assert.deepEqual(ids(yield* claim(store, 3, ["kit.a", "kit.b"])), [id(4)])
    })
  },
  {
    name: "gives no more than the limit",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, ...Array.from({ length: 20 }, (_, n) => fresh(n)))
      assert.equal((yield* claim(store, 7)).length, 7)
      assert.equal((yield* claim(store, 7)).length, 7)
      assert.equal((yield* claim(store, 7)).length, 6)
      assert.equal((yield* claim(store, 7)).length, 0)
    })
  },
  {
    name: "gives no more of a name than that name's limit, and others instead",
    run: Effect.fnUntraced(function* (harness) {
      const tasks = Array.from({ length: 20 }, (_, n) => fresh(n, { name: n < 15 ? "kit.a" : "kit.b" }))
      const store = yield* storeWith(harness, ...tasks)
      const names = [
        { name: "kit.a", limit: 2 },
        { name: "kit.b", limit: 10 }
      ]
      const rows = yield* store.claim({ names, limit: 10, until: T })
      assert.deepEqual(ids(rows), [0, 1, 15, 16, 17, 18, 19].map(id))
    })
  },
  {
    name: "leaves names alone that are not asked for",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1, { name: "kit.foreign", priority: 9 }), fresh(2))
      assert.deepEqual(ids(yield* claim(store)), [id(2)])
      assert.equal((yield* read(store, id(1))).state, "ready")
    })
  },
  {
    name: "gives tasks of 60 names in one claim",
    run: Effect.fnUntraced(function* (harness) {
      const names = Array.from({ length: 60 }, (_, n) => `kit.n${n}`)
      const store = yield* storeWith(harness, ...names.map((name, n) => fresh(n, { name, priority: n % 3 })))
      const rows = yield* claim(store, 100, names)
      assert.equal(rows.length, 60)
      assert.deepEqual(
        rows.map(({ priority }) => priority),
        [2, 1, 0].flatMap((priority) => Array.from({ length: 20 }, () => priority))
      )
    })
  },
  {
    name: "raises attempts and fence with each claim, and gives the row as it stands then",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1))
      const first = yield* one(store)
      assert.deepEqual([first.state, first.attempts, first.fence, first.wakeAt], ["running", 1, 1, T + LEASE])
      assert.deepEqual(yield* read(store, id(1)), first)
      yield* sweep(store, T + LEASE)
      const second = yield* one(store)
      assert.deepEqual([second.attempts, second.fence], [2, 2])
    })
  },
  {
    name: "never gives one task to two that claim at the same time",
    run: Effect.fnUntraced(function* (harness) {
      const { open } = yield* harness.make
      const stores = [(yield* open).store, (yield* open).store, (yield* open).store]
      const [first] = stores as [(typeof stores)[0]]
      yield* first.enqueue(Array.from({ length: 300 }, (_, n) => fresh(n)))
      const taken = yield* Effect.forEach(
        Array.from({ length: 60 }, (_, n) => stores[n % 3] as (typeof stores)[0]),
        (store) => claim(store, 7),
        { concurrency: "unbounded" }
      )
      const all = ids(taken.flat())
      assert.equal(new Set(all).size, all.length, "a task was given twice")
      // a claim may pass over rows that another holds at that moment, so some may be left
      const rest = ids(yield* claim(first, 300))
      assert.equal(new Set([...all, ...rest]).size, 300)
    })
  },
  {
    name: "believes the worker that holds the claim",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1))
      const row = yield* one(store)
      assert.deepEqual(yield* store.settle([succeeded(row)]), [true])
      const done = yield* read(store, id(1))
      assert.deepEqual(
        [done.state, done.attempts, done.fence, done.wakeAt, done.finishedAt, done.outcome],
        ["succeeded", 1, 1, T + 86_400_000, T + 5, '"done"']
      )
    })
  },
  {
    name: "refuses a worker whose task another has claimed meanwhile",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1))
      const late = yield* one(store)
      yield* sweep(store, T + LEASE)
      const now = yield* one(store)
      assert.deepEqual(yield* store.settle([succeeded(late, { outcome: '"late"' })]), [false])
      assert.equal((yield* read(store, id(1))).state, "running")
      assert.deepEqual(yield* store.settle([succeeded(now)]), [true])
      assert.equal((yield* read(store, id(1))).outcome, '"done"')
    })
  },
  {
    name: "refuses a worker whose lease was taken back, also before another claims",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1))
      const row = yield* one(store)
      yield* sweep(store, T + LEASE)
      assert.deepEqual(yield* store.settle([succeeded(row)]), [false])
      assert.deepEqual(yield* store.extend([{ ...row, progress: null }], T + 2 * LEASE), [false])
      assert.equal((yield* read(store, id(1))).state, "ready")
    })
  },
  {
    name: "believes a worker once",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1))
      const row = yield* one(store)
      assert.deepEqual(yield* store.settle([succeeded(row)]), [true])
      assert.deepEqual(yield* store.settle([dead(row)]), [false])
      assert.equal((yield* read(store, id(1))).state, "succeeded")
    })
  },
  {
    name: "refuses what was never claimed or never was",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1))
      const ready = yield* read(store, id(1))
      assert.deepEqual(yield* store.settle([succeeded(ready), succeeded({ ...ready, id: "nowhere" })]), [false, false])
      assert.equal((yield* read(store, id(1))).state, "ready")
    })
  },
  {
    name: "answers for each of a batch, in its order",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, ...Array.from({ length: 1200 }, (_, n) => fresh(n)))
      const rows = yield* claim(store, 1200)
      const wrong = (n: number): boolean => n % 7 === 3
      const settlements = rows.map((row, n) => succeeded(wrong(n) ? { ...row, fence: 9 } : row, { outcome: `${n}` }))
      const answers = yield* store.settle(settlements)
      assert.deepEqual(
        answers,
        rows.map((_, n) => !wrong(n))
      )
      assert.equal((yield* read(store, id(100))).outcome, "100")
      assert.equal(
        (yield* store.list({ state: "running", limit: 2000 })).length,
        rows.filter((_, n) => wrong(n)).length
      )
    })
  },
  {
    name: "settles a batch of different outcomes",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1), fresh(2), fresh(3), fresh(4))
      const [a, b, c, d] = (yield* claim(store)) as [never, never, never, never]
      yield* store.settle([
        succeeded(a),
        dead(b),
        succeeded(c, { state: "scheduled", wakeAt: T + 9, finishedAt: null, outcome: "3" }),
        succeeded(d, { state: "ready", attempts: 0, wakeAt: null, finishedAt: null, outcome: null })
      ])
      const rows = yield* store.get([1, 2, 3, 4].map(id))
      assert.deepEqual(
        rows.map((row) => [row?.state, row?.attempts, row?.wakeAt, row?.finishedAt]),
        [
          ["succeeded", 1, T + 86_400_000, T + 5],
          ["dead", 1, null, T + 5],
          ["scheduled", 1, T + 9, null],
          ["ready", 0, null, null]
        ]
      )
    })
  },
  {
    name: "keeps a task that was handed back ready for anyone, its claim not counted",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1))
      const row = yield* one(store)
      yield* store.settle([
        succeeded(row, { state: "ready", attempts: 0, wakeAt: null, finishedAt: null, outcome: null })
      ])
      const again = yield* one(store)
      assert.deepEqual([again.attempts, again.fence], [1, 2])
    })
  },
  {
    name: "renews leases of those that hold their claim",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1), fresh(2))
      const [a, b] = (yield* claim(store)) as [never, never]
      const claims = [a, b].map((row: { id: string; fence: number }) => ({ ...row, progress: null }))
      yield* store.settle([succeeded(b)])
      assert.deepEqual(yield* store.extend(claims, T + 2 * LEASE), [true, false])
      yield* sweep(store, T + LEASE)
      assert.equal((yield* read(store, id(1))).state, "running")
      assert.equal((yield* read(store, id(1))).wakeAt, T + 2 * LEASE)
      assert.equal((yield* read(store, id(2))).wakeAt, T + 86_400_000)
    })
  },
  {
    name: "stores progress of those that hold their claim, and keeps it when there is none to store",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1))
      const { fence } = yield* one(store)
      yield* store.extend([{ id: id(1), fence, progress: '{"at":"½"}' }], T + LEASE)
      yield* store.extend([{ id: id(1), fence, progress: null }], T + LEASE)
      yield* store.extend([{ id: id(1), fence: fence + 1, progress: "99" }], T + LEASE)
      assert.equal((yield* read(store, id(1))).progress, '{"at":"½"}')
    })
  }
]
