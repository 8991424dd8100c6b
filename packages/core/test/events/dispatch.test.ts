import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { Turn } from "../../src/app/Turn.ts"
import { copy, type Received } from "../../src/events/Envelope.ts"
import * as Event from "../../src/events/Event.ts"
import { make } from "../../src/events/EventBus.ts"
import { broker } from "../../src/events/InProcess.ts"
import { until } from "../../src/testing/until.ts"

const Counted = Event.make("counted.{who}", { payload: { n: Schema.Int } })

/** A bus whose turns the test gives. */
const byHand = Effect.gen(function* () {
  const tasks: Array<() => void> = []
  const real = yield* Turn
  const turn = { ...real, schedule: (task: () => void) => void tasks.push(task) }
  const bus = yield* Effect.provideService(make(broker()), Turn, turn)
  const next = (): void => {
    for (const task of tasks.splice(0)) task()
  }
  const publish = (who: string, count: number, from = 0) =>
    Effect.forEach(Array(count).keys(), (n) => bus.publish(Counted, { n: from + n }, { at: { who } }), {
      discard: true
    })
  return { bus, next, publish, waiting: () => tasks.length }
})

describe("handlers take turns", () => {
  it.live("so many in one turn of the event loop, and one subscription after another", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { bus, next, publish, waiting } = yield* byHand
        const got: Array<string> = []
        for (const who of ["a", "b"])
          yield* bus.on(`counted.${who}`, () => Effect.sync(() => void got.push(who)), { maxPending: 1000 })
        yield* publish("a", 600)
        yield* publish("b", 20)
        assert.deepEqual([got.length, waiting()], [0, 1], "publishing runs no handler, and one task is for all")
        next()
        assert.equal(got.length, 512)
        assert.deepEqual(got.slice(0, 36).join(""), "a".repeat(16) + "b".repeat(16) + "a".repeat(4))
        assert.equal(got.filter((who) => who === "b").length, 20)
        next()
        assert.deepEqual([got.length, waiting()], [620, 0])
      })
    )
  )

  it.live("one that waits holds up only its own subscription, and goes on where it was", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { bus, next, publish, waiting } = yield* byHand
        const gate = Latch.makeUnsafe(false)
        const slow: Array<number> = []
        const quick: Array<unknown> = []
        yield* bus.on(Counted, ({ payload }) =>
          Effect.andThen(
            gate.await,
            Effect.sync(() => slow.push(payload.n))
          )
        )
        yield* bus.on(Counted, ({ payload }) => Effect.sync(() => void quick.push(payload.n)))
        yield* publish("a", 3)
        next()
        assert.deepEqual([slow, quick, waiting()], [[], [0, 1, 2], 0])
        yield* gate.open
        yield* until("the first is done", () => slow.length === 1)
        yield* until("the next has asked", () => waiting() === 1)
        next()
        assert.deepEqual(slow, [0, 1, 2])
      })
    )
  )

  it.live("one that is too slow is ended where that was chosen; what has waited is handled", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { bus, next, publish, waiting } = yield* byHand
        const got: Array<number> = []
        yield* bus.on(Counted, ({ payload }) => Effect.sync(() => void got.push(payload.n)), {
          maxPending: 2,
          whenFull: "fail"
        })
        yield* publish("a", 4)
        next()
        yield* publish("a", 2, 10)
        assert.deepEqual([got, waiting()], [[0, 1], 0])
        assert.equal((yield* bus.stats).dropped, 2)
      })
    )
  )

  it.live("what waits when the scope closes is not handled any more", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { bus, next, publish } = yield* byHand
        const got: Array<number> = []
        const scope = yield* Scope.make()
        yield* Scope.provide(
          bus.on(Counted, ({ payload }) => Effect.sync(() => void got.push(payload.n))),
          scope
        )
        yield* publish("a", 3)
        yield* Scope.close(scope, Exit.void)
        next()
        assert.deepEqual(got, [])
        yield* bus.idle
      })
    )
  )

  it.live("an answer that is there at once counts as one that took a fiber", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { bus, next, publish } = yield* byHand
        const letters: Array<unknown> = []
        const deadLetter = ({ error }: { readonly error: unknown }) => Effect.sync(() => void letters.push(error))
        yield* bus.on(Counted, ({ payload }) => (payload.n === 0 ? Effect.fail("no") : Effect.void), { deadLetter })
        yield* publish("a", 2)
        next()
        next()
        assert.deepEqual(letters, ["no"])
        const { delivered, failed } = yield* bus.stats
        assert.deepEqual({ delivered, failed }, { delivered: 2, failed: 1 })
      })
    )
  )
})

describe("a received event", () => {
  it.live("is copied whole, and shown whole", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { bus, next, publish } = yield* byHand
        const got: Array<Received<{ readonly n: number }, { readonly who: string }>> = []
        yield* bus.on(Counted, (event) => Effect.sync(() => void got.push(event)))
        yield* publish("a", 1)
        next()
        const [event] = got
        assert.ok(event)
        const plain = { ...copy(event) }
        assert.deepEqual(Object.keys(plain).sort(), [
          "at",
          "attempt",
          "causationId",
          "correlationId",
          "id",
          "payload",
          "subject",
          "time",
          "version"
        ])
        assert.deepEqual(
          [plain.id, plain.subject, plain.payload, plain.at],
          [event.id, "counted.a", { n: 0 }, { who: "a" }]
        )
        assert.deepEqual(JSON.parse(JSON.stringify(event)), JSON.parse(JSON.stringify(plain)))
      })
    )
  )
})
