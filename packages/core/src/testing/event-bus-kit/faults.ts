import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { until } from "../until.ts"
import { Counted, codeOf, collect, countTo, errorOf, Get, numbers, untilLength } from "./fixtures.ts"
import type { EventBusCase } from "./Harness.ts"

/** Publishes until it works again. */
const untilPublished = (publish: Effect.Effect<void, unknown>) =>
  Effect.gen(function* () {
    let works = false
    for (let i = 0; i < 10_000 && !works; i++) {
      works = Exit.isSuccess(yield* Effect.exit(publish))
      let polled = 0
      if (!works) yield* until("a moment has passed", () => ++polled > 30)
    }
    assert.ok(works, "the bus has come back")
  })

/** The broker goes away, and what was not handled comes again. */
export const faults: ReadonlyArray<EventBusCase> = [
  {
    name: "a publisher whose connection is gone gets a typed error, and publishes again when it is back",
    needs: ["cut"],
    run: ({ bus, cut, other, restore }) =>
      Effect.gen(function* () {
        assert.ok(cut !== undefined && restore !== undefined)
        const got = yield* collect(other, "counted")
        yield* countTo(bus, 1)
        yield* untilLength(got, 1)
        yield* cut
        assert.equal(codeOf(yield* errorOf(countTo(bus, 2))), "EVENT_BUS_UNAVAILABLE")
        assert.equal(codeOf(yield* errorOf(bus.request(Get, { id: "1" }))), "EVENT_BUS_UNAVAILABLE")
        yield* restore
        yield* untilPublished(countTo(bus, 3))
        yield* untilLength(got, 2)
        assert.deepEqual(numbers(got), [1, 3])
      })
  },
  {
    name: "subscriptions and responders resume when the connection is back",
    needs: ["cut"],
    run: ({ bus, cut, other, restore }) =>
      Effect.gen(function* () {
        assert.ok(cut !== undefined && restore !== undefined)
        const got = yield* collect(bus, "counted")
        yield* bus.respond(Get, () => Effect.succeed({ name: "a" }))
        yield* cut
        yield* restore
        yield* untilPublished(Effect.asVoid(other.request(Get, { id: "1" }, { timeout: 100 })))
        yield* countTo(other, 1)
        yield* untilLength(got, 1)
        assert.deepEqual(numbers(got), [1])
      })
  },
  {
    name: "remembers what was not handled while nobody was there",
    needs: ["durable"],
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const got: Array<number> = []
        const subscribe = bus.on(Counted, ({ payload }) => Effect.sync(() => void got.push(payload.n)), {
          durable: "log"
        })
        const scope = yield* Scope.make()
        yield* Scope.provide(subscribe, scope)
        yield* countTo(other, 1)
        yield* until("the first is there", () => got.length >= 1)
        yield* bus.idle
        yield* Scope.close(scope, Exit.void)
        yield* countTo(other, 2, 3)
        assert.deepEqual(got, [1])
        yield* subscribe
        yield* until("the rest is there", () => got.length >= 3)
        assert.deepEqual(got, [1, 2, 3])
      })
  },
  {
    name: "delivers again what its handler has failed at",
    needs: ["durable"],
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const attempts: Array<number> = []
        yield* bus.on(
          Counted,
          ({ attempt }) =>
            Effect.suspend(() => {
              attempts.push(attempt)
              return attempt < 2 ? Effect.fail("not yet") : Effect.void
            }),
          { durable: "again" }
        )
        yield* countTo(other, 1)
        yield* until("two attempts", () => attempts.length >= 2)
        yield* bus.idle
        assert.deepEqual(attempts, [1, 2])
        assert.equal((yield* bus.stats).failed, 0)
      })
  },
  {
    name: "keeps as a dead letter what has failed too often, and goes on",
    needs: ["durable"],
    run: ({ bus, deadLetters, other }) =>
      Effect.gen(function* () {
        assert.ok(deadLetters)
        const attempts: Array<number> = []
        const handled: Array<number> = []
        let letters = 0
        yield* bus.on(
          Counted,
          ({ attempt, payload }) =>
            Effect.suspend(() => {
              if (payload.n !== 13) return Effect.sync(() => void handled.push(payload.n))
              attempts.push(attempt)
              return Effect.fail("bad luck")
            }),
          { durable: "unlucky", deadLetter: () => Effect.sync(() => void letters++) }
        )
        yield* countTo(other, 13, 14)
        yield* until("it was given up", () => letters === 1 && handled.length === 1)
        yield* bus.idle
        assert.deepEqual(attempts, [1, 2, 3])
        assert.deepEqual(yield* deadLetters, [{ subject: "counted", payload: { n: 13 } }])
      })
  },
  {
    name: "keeps a payload that cannot be read as a dead letter at once",
    needs: ["durable"],
    run: ({ bus, deadLetters, inject }) =>
      Effect.gen(function* () {
        assert.ok(deadLetters)
        const got: Array<number> = []
        let letters = 0
        yield* bus.on(Counted, ({ payload }) => Effect.sync(() => void got.push(payload.n)), {
          durable: "poison",
          deadLetter: () => Effect.sync(() => void letters++)
        })
        yield* inject("counted", { n: "poison" })
        yield* inject("counted", { n: 1 })
        yield* until("the good one is there", () => got.length >= 1)
        yield* bus.idle
        assert.equal(letters, 1)
        assert.deepEqual(yield* deadLetters, [{ subject: "counted", payload: { n: "poison" } }])
      })
  },
  {
    name: "two handlers of one durable name share, and nothing is handled twice",
    needs: ["durable"],
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const got: Array<number> = []
        for (const one of [bus, other])
          yield* one.on(Counted, ({ payload }) => Effect.sync(() => void got.push(payload.n)), { durable: "shared" })
        yield* countTo(other, ...Array(40).keys())
        yield* until("all are there", () => got.length >= 40)
        yield* bus.idle
        assert.deepEqual(
          [...got].sort((a, b) => a - b),
          [...Array(40).keys()]
        )
      })
  },
  {
    name: "a durable subscription drops nothing, however slow it is",
    needs: ["durable"],
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const got: Array<number> = []
        yield* bus.on(
          Counted,
          ({ payload }) =>
            Effect.andThen(
              Effect.yieldNow,
              Effect.sync(() => void got.push(payload.n))
            ),
          { durable: "slow", maxPending: 4 }
        )
        yield* countTo(other, ...Array(200).keys())
        yield* until("all are there", () => got.length >= 200)
        assert.deepEqual(got, [...Array(200).keys()])
        assert.equal((yield* bus.stats).dropped, 0)
      })
  },
  {
    name: "a durable subscription resumes when the connection is back",
    needs: ["durable", "cut"],
    run: ({ bus, cut, other, restore }) =>
      Effect.gen(function* () {
        assert.ok(cut !== undefined && restore !== undefined)
        const got: Array<number> = []
        yield* bus.on(Counted, ({ payload }) => Effect.sync(() => void got.push(payload.n)), { durable: "resumes" })
        yield* countTo(other, 1)
        yield* until("the first is there", () => got.length >= 1)
        yield* bus.idle
        yield* cut
        yield* countTo(other, 2, 3)
        yield* restore
        yield* until("the rest is there", () => new Set(got).size >= 3, 30_000)
        assert.deepEqual([...new Set(got)].sort(), [1, 2, 3])
      })
  }
]
