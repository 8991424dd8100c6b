import assert from "node:assert/strict"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { DeadLetter } from "../../events/EventBus.ts"
import { until } from "../until.ts"
import {
  Counted,
  codeOf,
  collect,
  countTo,
  errorOf,
  Joined,
  numbers,
  untilLength,
  untilSubscribed
} from "./fixtures.ts"
import type { EventBusCase } from "./Harness.ts"

/** What happens around a handler: filter, number at a time, timeout, retry, what is given up. */
export const handlers: ReadonlyArray<EventBusCase> = [
  {
    name: "a filter keeps events from the handler",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const got: Array<number> = []
        yield* bus.on(Counted, ({ payload }) => Effect.sync(() => void got.push(payload.n)), {
          filter: ({ payload }) => payload.n % 2 === 0
        })
        yield* countTo(bus, 1, 2, 3, 4)
        yield* until("both are there", () => got.length >= 2)
        assert.deepEqual(got, [2, 4])
      })
  },
  {
    name: "a filter that throws gives the event up, and the next is handled",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const got: Array<number> = []
        const letters: Array<DeadLetter> = []
        yield* bus.on(Counted, ({ payload }) => Effect.sync(() => void got.push(payload.n)), {
          filter: ({ payload }) => {
            if (payload.n === 1) throw new Error("broken filter")
            return true
          },
          deadLetter: (letter) => Effect.sync(() => void letters.push(letter))
        })
        yield* countTo(bus, 1, 2)
        yield* until("the second is there", () => got.length >= 1)
        assert.deepEqual(got, [2])
        assert.equal(letters.length, 1)
      })
  },
  {
    name: "handles one at a time unless told otherwise",
    run: ({ bus }) =>
      Effect.gen(function* () {
        let running = 0
        let most = 0
        let done = 0
        yield* bus.on(Counted, () =>
          Effect.gen(function* () {
            most = Math.max(most, ++running)
            yield* Effect.yieldNow
            running--
            done++
          })
        )
        yield* countTo(bus, ...Array(20).keys())
        yield* until("all are done", () => done === 20)
        assert.equal(most, 1)
      })
  },
  {
    name: "handles as many at a time as it is told, and no more",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const gate = Latch.makeUnsafe(false)
        let running = 0
        let most = 0
        let done = 0
        yield* bus.on(
          Counted,
          () =>
            Effect.gen(function* () {
              most = Math.max(most, ++running)
              yield* gate.await
              running--
              done++
            }),
          { concurrency: 4 }
        )
        const seen = yield* collect(bus, "counted")
        yield* countTo(bus, ...Array(12).keys())
        yield* until("four run", () => running === 4)
        yield* untilLength(seen, 12)
        assert.equal(running, 4)
        yield* gate.open
        yield* until("all are done", () => done === 12)
        assert.equal(most, 4)
      })
  },
  {
    name: "interrupts a handler that never returns, and goes on",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const got: Array<number> = []
        let interrupted = 0
        const letters: Array<DeadLetter> = []
        yield* bus.on(
          Counted,
          ({ payload }) =>
            payload.n === 1
              ? Effect.onInterrupt(Effect.never, () => Effect.sync(() => void interrupted++))
              : Effect.sync(() => void got.push(payload.n)),
          { timeout: 20, deadLetter: (letter) => Effect.sync(() => void letters.push(letter)) }
        )
        yield* countTo(bus, 1, 2)
        yield* until("the second is there", () => got.length >= 1)
        assert.equal(interrupted, 1)
        assert.equal(codeOf(letters[0]?.error), "EVENT_HANDLER_TIMEOUT")
        const { failed, timedOut } = yield* bus.stats
        assert.deepEqual({ failed, timedOut }, { failed: 1, timedOut: 1 })
      })
  },
  {
    name: "a handler that fails does not end the subscription",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const got: Array<number> = []
        yield* bus.on(Counted, ({ payload }) =>
          payload.n === 1 ? Effect.fail("no") : Effect.sync(() => void got.push(payload.n))
        )
        yield* countTo(bus, 1, 2)
        yield* until("the second is there", () => got.length >= 1)
        assert.equal((yield* bus.stats).failed, 1)
      })
  },
  {
    name: "a handler that throws, dies or interrupts itself does not end the subscription",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const got: Array<number> = []
        yield* bus.on(Counted, ({ payload }): Effect.Effect<void> => {
          if (payload.n === 1) throw new Error("thrown")
          if (payload.n === 2) return Effect.die("died")
          if (payload.n === 3) return Effect.interrupt
          return Effect.sync(() => void got.push(payload.n))
        })
        yield* countTo(bus, 1, 2, 3, 4)
        yield* until("the fourth is there", () => got.length >= 1)
        assert.deepEqual(got, [4])
        assert.equal((yield* bus.stats).failed, 3)
      })
  },
  {
    name: "a handler that fails does no harm to other handlers of the event",
    run: ({ bus }) =>
      Effect.gen(function* () {
        yield* bus.on(Counted, () => Effect.die("always"))
        const got = yield* collect(bus, "counted")
        yield* countTo(bus, 1, 2)
        yield* untilLength(got, 2)
        assert.deepEqual(numbers(got), [1, 2])
      })
  },
  {
    name: "tries again in the rhythm of a schedule until it works",
    run: ({ bus }) =>
      Effect.gen(function* () {
        let tries = 0
        let done = false
        yield* bus.on(
          Counted,
          () =>
            Effect.suspend(() => {
              if (++tries < 3) return Effect.fail("not yet")
              done = true
              return Effect.void
            }),
          { retry: Schedule.recurs(5) }
        )
        yield* countTo(bus, 1)
        yield* until("it has worked", () => done)
        assert.equal(tries, 3)
        assert.equal((yield* bus.stats).failed, 0)
      })
  },
  {
    name: "gives up when the schedule ends, with the last error",
    run: ({ bus }) =>
      Effect.gen(function* () {
        let tries = 0
        const letter = yield* Deferred.make<DeadLetter>()
        yield* bus.on(Counted, () => Effect.suspend(() => Effect.fail(`try ${++tries}`)), {
          retry: Schedule.recurs(2),
          deadLetter: (given) => Deferred.succeed(letter, given)
        })
        yield* countTo(bus, 4)
        const { error, event } = yield* Deferred.await(letter)
        assert.equal(tries, 3)
        assert.equal(error, "try 3")
        assert.deepEqual(event.payload, { n: 4 })
        assert.equal(event.subject, "counted")
      })
  },
  {
    name: "tries again after a defect and after a timeout",
    run: ({ bus }) =>
      Effect.gen(function* () {
        let tries = 0
        let done = false
        yield* bus.on(
          Counted,
          () =>
            Effect.suspend(() => {
              tries++
              if (tries === 1) return Effect.die("broken")
              if (tries === 2) return Effect.never
              done = true
              return Effect.void
            }),
          { retry: Schedule.recurs(3), timeout: 20 }
        )
        yield* countTo(bus, 1)
        yield* until("it has worked", () => done)
        assert.equal(tries, 3)
      })
  },
  {
    name: "a dead letter handler that dies does not end the subscription",
    run: ({ bus }) =>
      Effect.gen(function* () {
        let letters = 0
        yield* bus.on(Counted, () => Effect.fail("always"), {
          deadLetter: () =>
            Effect.suspend(() => {
              letters++
              return Effect.die("the dead letter handler, too")
            })
        })
        yield* countTo(bus, 1, 2)
        yield* until("both were tried", () => letters === 2)
        assert.equal((yield* bus.stats).failed, 2)
      })
  },
  {
    name: "a handler that publishes to its own event does not stop the bus",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const got: Array<number> = []
        yield* bus.on(Counted, ({ payload }) =>
          Effect.suspend(() => {
            got.push(payload.n)
            return payload.n < 50 ? countTo(bus, payload.n + 1) : Effect.void
          })
        )
        yield* countTo(bus, 0)
        yield* until("fifty-one are there", () => got.length >= 51)
        assert.deepEqual(got, [...Array(51).keys()])
      })
  },
  {
    name: "a payload that cannot be read is counted, given up, and the next is handled",
    run: ({ bus, inject }) =>
      Effect.gen(function* () {
        const got: Array<number> = []
        const letters: Array<DeadLetter> = []
        yield* bus.on(Counted, ({ payload }) => Effect.sync(() => void got.push(payload.n)), {
          deadLetter: (letter) => Effect.sync(() => void letters.push(letter))
        })
        for (const poison of [{ n: "one" }, {}, null, 5, "text", [], { n: Number.POSITIVE_INFINITY }, { n: 0.5 }])
          yield* inject("counted", poison)
        yield* inject("counted", { n: 6 })
        yield* until("the good one is there", () => got.length >= 1)
        assert.deepEqual(got, [6])
        assert.equal(letters.length, 8)
        for (const { error } of letters) assert.equal(codeOf(error), "EVENT_PAYLOAD_INVALID")
        assert.equal((yield* bus.stats).poisoned, 8)
      })
  },
  {
    name: "bytes that are no JSON are counted and end nobody",
    needs: ["bytes"],
    run: ({ bus, inject, injectBytes }) =>
      Effect.gen(function* () {
        assert.ok(injectBytes)
        const got = yield* collect(bus, "counted")
        for (const bytes of [[], [0xff, 0xfe], [0x7b], [0x7b, 0x22], [0xc3, 0x28]])
          yield* injectBytes("counted", new Uint8Array(bytes))
        yield* injectBytes("counted", new TextEncoder().encode("[".repeat(100_000)))
        yield* inject("counted", { n: 1 })
        yield* untilLength(got, 1)
        assert.deepEqual(numbers(got), [1])
        assert.equal((yield* bus.stats).poisoned, 6)
      })
  },
  {
    name: "a stream goes on after a payload that cannot be read",
    run: ({ bus, inject }) =>
      Effect.gen(function* () {
        const got: Array<string> = []
        yield* Effect.forkScoped(
          Stream.runForEach(bus.subscribe(Joined), ({ payload }) => Effect.sync(() => void got.push(payload.user)))
        )
        yield* untilSubscribed(bus, 1)
        yield* inject("chat.r.joined", { user: 5 })
        yield* inject("chat.r.joined", { user: "ada" })
        yield* until("the good one is there", () => got.length >= 1)
        assert.deepEqual(got, ["ada"])
        assert.equal((yield* bus.stats).poisoned, 1)
      })
  },
  {
    name: "__proto__ in a payload changes no prototype",
    run: ({ bus, inject }) =>
      Effect.gen(function* () {
        const got = yield* collect(bus, "counted")
        yield* inject("counted", JSON.parse(`{ "n": 1, "__proto__": { "polluted": true } }`))
        yield* untilLength(got, 1)
        assert.equal(({} as { readonly polluted?: boolean }).polluted, undefined)
      })
  },
  {
    name: "a number of handlers below one is a defect of the program",
    run: ({ bus }) =>
      Effect.gen(function* () {
        for (const concurrency of [0, -1, 1.5, Number.NaN]) {
          const exit = yield* Effect.exit(bus.on(Counted, () => Effect.void, { concurrency }))
          assert.equal(exit._tag, "Failure")
        }
        assert.equal((yield* bus.stats).subscriptions, 0)
      })
  },
  {
    name: "has no durable subscriptions, and says so",
    needs: ["volatile"],
    run: ({ bus }) =>
      Effect.gen(function* () {
        const error = yield* errorOf(bus.on(Counted, () => Effect.void, { durable: "me" }))
        assert.equal(codeOf(error), "EVENT_BUS_UNSUPPORTED")
      })
  }
]
