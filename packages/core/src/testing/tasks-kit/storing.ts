/** What a store remembers, and what it finds again. */
import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import type { TasksCase } from "./Harness.ts"
import { claim, dead, fresh, id, ids, one, read, storeWith, succeeded, T } from "./rows.ts"

export const storing: ReadonlyArray<TasksCase> = [
  {
    name: "stores a task as it is given",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness)
      const task = fresh(1, { key: "a key", priority: 7 })
      assert.deepEqual(yield* store.enqueue([task]), [{ id: id(1), created: true }])
      const { dueAt: _, ...kept } = task
      assert.deepEqual(yield* read(store, id(1)), {
        ...kept,
        state: "ready",
        attempts: 0,
        fence: 0,
        wakeAt: null,
        finishedAt: null,
        progress: null,
        outcome: null
      })
    })
  },
  {
    name: "stores a task for later as scheduled",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1, { dueAt: T + 1000 }))
      const row = yield* read(store, id(1))
      assert.equal(row.state, "scheduled")
      assert.equal(row.wakeAt, T + 1000)
      assert.deepEqual(yield* claim(store), [])
    })
  },
  {
    name: "stores nothing when it is given nothing",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness)
      assert.deepEqual(yield* store.enqueue([]), [])
      assert.deepEqual(yield* store.get([]), [])
      assert.deepEqual(yield* store.settle([]), [])
      assert.deepEqual(yield* store.extend([], T), [])
      assert.deepEqual(yield* store.list({ state: "ready", limit: 10 }), [])
    })
  },
  {
    name: "stores 2 500 tasks at once and answers in their order",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness)
      const tasks = Array.from({ length: 2500 }, (_, n) => fresh(n, n % 500 === 499 ? { key: `k${n % 1000}` } : {}))
      const answers = yield* store.enqueue(tasks)
      assert.equal(answers.length, 2500)
      // keys k499 and k999, each met again every thousand
      assert.deepEqual(
        answers.map(({ created }, n) => (created ? -1 : n)).filter((n) => n >= 0),
        [1499, 1999, 2499]
      )
      assert.equal(answers[1499]?.id, id(499))
      assert.equal(answers[2499]?.id, id(499))
      assert.equal((yield* store.list({ state: "ready", limit: 5000 })).length, 2497)
    })
  },
  {
    name: "finds rows in the order in which it is asked for them, and says which it does not have",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1), fresh(2), fresh(3))
      const rows = yield* store.get([id(3), "nowhere", id(1), id(3)])
      assert.deepEqual(
        rows.map((row) => row?.id),
        [id(3), undefined, id(1), id(3)]
      )
    })
  },
  {
    name: "gives the task that has the key instead of a second one",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1, { key: "same" }))
      const answers = yield* store.enqueue([fresh(2, { key: "same", payload: "2" }), fresh(3, { key: "other" })])
      assert.deepEqual(answers, [
        { id: id(1), created: false },
        { id: id(3), created: true }
      ])
      assert.equal((yield* read(store, id(1))).payload, '{"n":1}')
      assert.deepEqual(yield* store.get([id(2)]), [undefined])
    })
  },
  {
    name: "tells two tasks of one batch with the same key apart",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness)
      assert.deepEqual(yield* store.enqueue([fresh(1, { key: "same" }), fresh(2, { key: "same" })]), [
        { id: id(1), created: true },
        { id: id(1), created: false }
      ])
    })
  },
  {
    name: "lets any number of tasks be without a key",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1), fresh(2))
      assert.ok((yield* store.enqueue([fresh(3)]))[0]?.created)
      assert.equal((yield* claim(store)).length, 3)
    })
  },
  {
    name: "remembers a key while its task runs and after it has finished",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(1, { key: "same" }))
      const row = yield* one(store)
      assert.equal((yield* store.enqueue([fresh(2, { key: "same" })]))[0]?.created, false)
      yield* store.settle([succeeded(row)])
      assert.deepEqual(yield* store.enqueue([fresh(3, { key: "same" })]), [{ id: id(1), created: false }])
    })
  },
  {
    name: "makes one task of 100 that are enqueued at the same time with one key",
    run: Effect.fnUntraced(function* (harness) {
      const { open } = yield* harness.make
      const stores = [(yield* open).store, (yield* open).store]
      const answers = yield* Effect.forEach(
        Array.from({ length: 100 }, (_, n) => n),
        (n) => (stores[n % 2] as (typeof stores)[0]).enqueue([fresh(n, { key: "once" })]),
        { concurrency: "unbounded" }
      )
      const all = answers.flat()
      assert.equal(all.filter(({ created }) => created).length, 1)
      assert.equal(new Set(ids(all)).size, 1)
      assert.equal((yield* claim(stores[0] as (typeof stores)[0], 200)).length, 1)
    })
  },
  {
    name: "keeps any text of JSON as it is",
    run: Effect.fnUntraced(function* (harness) {
      const texts = [
        JSON.stringify({
          nul: "\0",
          lone: "\ud800",
          quote: "'\"\\",
          line: "\r\n\u2028",
          sql: "'; drop table tasks; --"
        }),
        JSON.stringify("🧰 äöü 漢字 \u0301"),
        JSON.stringify({ big: "x".repeat(200_000) }),
        "null",
        "[[[[[[[[[[1.5e300,-0,9007199254740993]]]]]]]]]]",
        "$1 ? %s {} :name"
      ]
      const store = yield* storeWith(harness, ...texts.map((payload, n) => fresh(n, { payload })))
      const rows = yield* claim(store)
      assert.deepEqual(
        rows.map(({ payload }) => payload),
        texts
      )
      yield* store.settle(rows.map((row, n) => succeeded(row, { outcome: texts[n] as string })))
      assert.deepEqual(
        (yield* store.get(ids(rows))).map((row) => row?.outcome),
        texts
      )
    })
  },
  {
    name: "tells keys apart by every character",
    run: Effect.fnUntraced(function* (harness) {
      const keys = [
        "a",
        "A",
        "a ",
        " a",
        "a%",
        "a_",
        "ä",
        "a\u0308",
        "'",
        '"',
        "\\",
        "$1",
        "a:b",
        "🧰",
        "x".repeat(700)
      ]
      const store = yield* storeWith(harness)
      const answers = yield* store.enqueue(keys.map((key, n) => fresh(n, { key })))
      assert.ok(answers.every(({ created }) => created))
      const again = yield* store.enqueue(keys.map((key, n) => fresh(n + 100, { key })))
      assert.deepEqual(ids(again), ids(answers))
    })
  },
  {
    name: "keeps the largest and smallest numbers",
    run: Effect.fnUntraced(function* (harness) {
      const far = 8_640_000_000_000_000
      const store = yield* storeWith(
        harness,
        fresh(1, { priority: 1_000_000_000, dueAt: far }),
        fresh(2, { priority: -1_000_000_000, enqueuedAt: far })
      )
      const [first, second] = yield* store.get([id(1), id(2)])
      assert.deepEqual([first?.priority, first?.wakeAt], [1_000_000_000, far])
      assert.deepEqual([second?.priority, second?.enqueuedAt], [-1_000_000_000, far])
    })
  },
  {
    name: "lists tasks of one state in the order of their ids",
    run: Effect.fnUntraced(function* (harness) {
      const store = yield* storeWith(harness, fresh(3), fresh(1, { priority: 5 }), fresh(2), fresh(4, { dueAt: T }))
      assert.deepEqual(ids(yield* store.list({ state: "ready", limit: 10 })), [id(1), id(2), id(3)])
      assert.deepEqual(ids(yield* store.list({ state: "scheduled", limit: 10 })), [id(4)])
      assert.deepEqual(yield* store.list({ state: "dead", limit: 10 }), [])
    })
  },
  {
    name: "lists page by page, and by name",
    run: Effect.fnUntraced(function* (harness) {
      const names = ["kit.plain", "kit.other"]
      const tasks = Array.from({ length: 25 }, (_, n) => fresh(n, { name: names[n % 2] as string }))
      const store = yield* storeWith(harness, ...tasks)
      const rows = yield* claim(store, 50, names)
      yield* store.settle(rows.map(dead))
      const pages: Array<string> = []
      for (let after: string | undefined; ; ) {
        const page = ids(yield* store.list({ state: "dead", name: "kit.plain", after, limit: 5 }))
        if (page.length === 0) break
        assert.ok(page.length <= 5)
        pages.push(...page)
        after = page.at(-1)
      }
      assert.deepEqual(
        pages,
        Array.from({ length: 13 }, (_, n) => id(2 * n))
      )
      assert.equal((yield* store.list({ state: "dead", limit: 100 })).length, 25)
    })
  }
]
