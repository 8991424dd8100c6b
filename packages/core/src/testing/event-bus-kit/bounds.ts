import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Shape, SubscribeOptions } from "../../events/EventBus.ts"
import { until } from "../until.ts"
import { Counted, codeOf, collect, countTo, errorOf, numbers, untilLength } from "./fixtures.ts"
import type { EventBusCase } from "./Harness.ts"

/** A handler that has begun with 0 and waits for `gate`; `got` is what it has handled. */
const slow = (bus: Shape, options: SubscribeOptions) =>
  Effect.gen(function* () {
    const gate = Latch.makeUnsafe(false)
    const got: Array<number> = []
    let began = 0
    yield* bus.on(
      Counted,
      ({ payload }) =>
        Effect.suspend(() => {
          began++
          return Effect.andThen(
            gate.await,
            Effect.sync(() => void got.push(payload.n))
          )
        }),
      options
    )
    const seen = yield* collect(bus, "counted")
    yield* countTo(bus, 0)
    yield* until("the slow handler has begun", () => began === 1)
    return { gate, got, seen }
  })

/** Nobody who is slow costs memory without end, or harms others. */
export const bounds: ReadonlyArray<EventBusCase> = [
  {
    name: "drops the oldest of a slow subscriber, counted",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const { gate, got, seen } = yield* slow(bus, { maxPending: 3 })
        yield* countTo(bus, 1, 2, 3, 4, 5)
        yield* untilLength(seen, 6)
        yield* gate.open
        yield* until("four are handled", () => got.length >= 4)
        yield* bus.idle
        assert.deepEqual(got, [0, 3, 4, 5])
        assert.equal((yield* bus.stats).dropped, 2)
      })
  },
  {
    name: "drops the newest where that was chosen",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const { gate, got, seen } = yield* slow(bus, { maxPending: 3, whenFull: "drop-newest" })
        yield* countTo(bus, 1, 2, 3, 4, 5)
        yield* untilLength(seen, 6)
        yield* gate.open
        yield* until("four are handled", () => got.length >= 4)
        yield* bus.idle
        assert.deepEqual(got, [0, 1, 2, 3])
        assert.equal((yield* bus.stats).dropped, 2)
      })
  },
  {
    name: "ends a stream that is too slow where that was chosen",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const gate = Latch.makeUnsafe(false)
        let began = false
        const consumer = Stream.runForEach(bus.subscribe(Counted, { maxPending: 2, whenFull: "fail" }), () => {
          began = true
          return gate.await
        })
        const fiber = yield* Effect.forkScoped(consumer)
        const seen = yield* collect(bus, "counted")
        let n = 0
        while (!began) {
          yield* countTo(bus, n++)
          yield* untilLength(seen, n)
        }
        const from = seen.length
        yield* countTo(bus, 1, 2, 3, 4)
        yield* untilLength(seen, from + 4)
        yield* gate.open
        assert.equal(codeOf(yield* errorOf(Fiber.join(fiber))), "EVENT_SUBSCRIBER_TOO_SLOW")
      })
  },
  {
    name: "a slow subscriber holds up neither the publisher nor others",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const { got, seen } = yield* slow(bus, { maxPending: 10 })
        yield* countTo(bus, ...Array(5000).keys())
        yield* untilLength(seen, 1024)
        assert.deepEqual(got, [])
        assert.ok((yield* bus.stats).dropped >= 1000)
      })
  },
  {
    name: "a bound below one is a defect of the program",
    run: ({ bus }) =>
      Effect.gen(function* () {
        for (const maxPending of [0, -5, 2.5]) {
          const exit = yield* Effect.exit(bus.on(Counted, () => Effect.void, { maxPending }))
          assert.ok(Exit.isFailure(exit))
        }
      })
  },
  {
    name: "ten thousand wildcard subscriptions: an event reaches the right ones only, and all leave",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const got: Array<number> = []
        const subscribeAll = Effect.forEach(
          Array(10_000).keys(),
          (i) => bus.on(`many.${i}.*.>`, () => Effect.sync(() => void got.push(i))),
          { discard: true, concurrency: 64 }
        )
        yield* Scope.provide(subscribeAll, scope)
        assert.equal((yield* bus.stats).subscriptions, 10_000)
        const seen = yield* collect(bus, "many.>")
        yield* publishTo(bus, "many.17.x.y")
        yield* publishTo(bus, "many.9999.x.y.z")
        yield* publishTo(bus, "many.17.x")
        yield* publishTo(bus, "many.10000.x.y")
        yield* untilLength(seen, 4)
        yield* until("both have it", () => got.length >= 2)
        assert.deepEqual(got, [17, 9999])
        yield* Scope.close(scope, Exit.void)
        assert.equal((yield* bus.stats).subscriptions, 1)
      })
  },
  {
    name: "a hundred handlers that come and go lose nothing of one that stays",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const got = yield* collect(bus, "counted")
        for (let n = 0; n < 100; n++) {
          const scope = yield* Scope.make()
          yield* Scope.provide(collect(bus, "counted"), scope)
          yield* countTo(bus, n)
          yield* Scope.close(scope, Exit.void)
        }
        yield* untilLength(got, 100)
        assert.deepEqual(numbers(got), [...Array(100).keys()])
        assert.equal((yield* bus.stats).subscriptions, 1)
      })
  }
]

const publishTo = (bus: Shape, subject: string) =>
  bus.publish({ ...Counted, subject: subject as "counted", pattern: subject }, { n: 0 })
