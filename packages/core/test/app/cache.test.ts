import { assert, describe, it } from "@effect/vitest"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import * as fc from "fast-check"
import * as Cache from "../../src/app/Cache.ts"

describe("Cache", () => {
  it.effect("looks a key up once, and counts", () =>
    Effect.gen(function* () {
      const cache = yield* Cache.make({ capacity: 10, lookup: (key: string) => Effect.succeed(key.length) })
      assert.strictEqual(yield* cache.get("four"), 4)
      assert.strictEqual(yield* cache.get("four"), 4)
      assert.strictEqual(yield* cache.get("five!"), 5)
      assert.deepStrictEqual(yield* cache.statistics, { hits: 1, misses: 2, evictions: 0, size: 2 })
    })
  )

  it.effect("runs one lookup for all who ask at the same time", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<string>()
      const cache = yield* Cache.make({ capacity: 1, lookup: (_: string) => Deferred.await(gate) })
      const asking = yield* Effect.forkChild(
        Effect.all(
          Array.from({ length: 100 }, () => cache.get("a")),
          { concurrency: "unbounded" }
        ),
        { startImmediately: true }
      )
      assert.strictEqual((yield* cache.statistics).misses, 1)
      yield* Deferred.succeed(gate, "found")
      assert.deepStrictEqual(new Set(yield* Fiber.join(asking)), new Set(["found"]))
      assert.deepStrictEqual(yield* cache.statistics, { hits: 99, misses: 1, evictions: 0, size: 1 })
    })
  )

  it.effect("goes on with a lookup while anybody waits, and ends it when nobody does", () =>
    Effect.gen(function* () {
      let ended = 0
      const lookup = () => Effect.onInterrupt(Effect.never, () => Effect.sync(() => void ended++))
      const cache = yield* Cache.make({ capacity: 5, lookup })
      const first = yield* Effect.forkChild(cache.get("a"), { startImmediately: true })
      const second = yield* Effect.forkChild(cache.get("a"), { startImmediately: true })
      yield* Fiber.interrupt(first)
      assert.strictEqual(ended, 0)
      yield* Fiber.interrupt(second)
      assert.strictEqual(ended, 1)
      assert.strictEqual((yield* cache.statistics).size, 0)
    })
  )

  it.effect("keeps the most recently used", () =>
    Effect.gen(function* () {
      const looked: Array<string> = []
      const lookup = (key: string) => Effect.sync(() => looked.push(key))
      const cache = yield* Cache.make({ capacity: 2, lookup })
      for (const key of ["a", "b", "a", "c", "a", "b"]) yield* cache.get(key)
      assert.deepStrictEqual(looked, ["a", "b", "c", "b"])
      assert.deepStrictEqual(yield* cache.statistics, { hits: 2, misses: 4, evictions: 2, size: 2 })
    })
  )

  it.effect("forgets values after their time, which may differ from value to value", () =>
    Effect.gen(function* () {
      const cache = yield* Cache.make({
        capacity: 5,
        timeToLive: (value: string) => (value === "short" ? "1 second" : "1 minute"),
        lookup: (key: string) => Effect.succeed(key)
      })
      yield* cache.get("short")
      yield* cache.get("long")
      yield* TestClock.adjust("999 millis")
      yield* cache.get("short")
      yield* TestClock.adjust("1 millis")
      yield* cache.get("short")
      yield* cache.get("long")
      assert.deepStrictEqual(yield* cache.statistics, { hits: 2, misses: 3, evictions: 0, size: 2 })
    })
  )

  it.effect("does not keep failures, unless told for how long, and never defects", () =>
    Effect.gen(function* () {
      let n = 0
      const lookup = (key: string) =>
        Effect.suspend(() => (key === "bug" ? Effect.die("bug") : Effect.fail(`${key} ${++n}`)))
      const plain = yield* Cache.make({ capacity: 5, lookup })
      assert.deepStrictEqual([yield* Effect.flip(plain.get("a")), yield* Effect.flip(plain.get("a"))], ["a 1", "a 2"])
      assert.strictEqual((yield* plain.statistics).size, 0)
      const keeping = yield* Cache.make({ capacity: 5, failureTimeToLive: "1 second", lookup })
      assert.deepStrictEqual(
        [yield* Effect.flip(keeping.get("a")), yield* Effect.flip(keeping.get("a"))],
        ["a 3", "a 3"]
      )
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Effect.flip(keeping.get("a")), "a 4")
      for (let i = 0; i < 2; i++) assert.isTrue(Exit.hasDies(yield* Effect.exit(keeping.get("bug"))))
      assert.strictEqual((yield* keeping.statistics).misses, 4)
    })
  )

  it.effect("forgets what is invalidated, one or all", () =>
    Effect.gen(function* () {
      const cache = yield* Cache.make({ capacity: 5, lookup: (key: string) => Effect.succeed(key) })
      yield* Effect.forEach(["a", "b", "c"], cache.get)
      yield* cache.invalidate("a")
      yield* cache.invalidate("unknown")
      assert.strictEqual((yield* cache.statistics).size, 2)
      yield* cache.invalidateAll
      assert.deepStrictEqual(yield* cache.statistics, { hits: 0, misses: 3, evictions: 0, size: 0 })
    })
  )

  it.effect("compares structures by value", () =>
    Effect.gen(function* () {
      class Place extends Data.Class<{ readonly x: number; readonly y: number }> {}
      const cache = yield* Cache.make({ capacity: 5, lookup: ({ x, y }: Place) => Effect.succeed(x + y) })
      yield* cache.get(new Place({ x: 1, y: 2 }))
      assert.strictEqual(yield* cache.get(new Place({ x: 1, y: 2 })), 3)
      assert.strictEqual((yield* cache.statistics).hits, 1)
    })
  )

  it("does not exist with a capacity that makes no sense", () => {
    for (const capacity of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => Cache.make({ capacity, lookup: () => Effect.void }), /capacity of a cache must be/)
    }
  })

  it.effect("never holds more than its capacity, and agrees with a plain list, whatever is asked", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.array(fc.integer({ min: 0, max: 9 })), (capacity, keys) =>
          Effect.runPromise(
            Effect.gen(function* () {
              const cache = yield* Cache.make({ capacity, lookup: (key: number) => Effect.succeed(key) })
              let kept: Array<number> = []
              const expected = { hits: 0, misses: 0, evictions: 0, size: 0 }
              for (const key of keys) {
                if (kept.includes(key)) expected.hits++
                else {
                  expected.misses++
                  if (kept.length === capacity) {
                    expected.evictions++
                    kept = kept.slice(1)
                  }
                }
                kept = [...kept.filter((other) => other !== key), key]
                expected.size = kept.length
                assert.strictEqual(yield* cache.get(key), key)
                assert.deepStrictEqual(yield* cache.statistics, expected)
              }
            })
          )
        )
      )
    )
  )
})
