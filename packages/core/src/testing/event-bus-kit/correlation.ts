import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Correlation from "../../events/Correlation.ts"
import * as Event from "../../events/Event.ts"
import { Counted, collect, countTo, Get, untilLength } from "./fixtures.ts"
import type { EventBusCase } from "./Harness.ts"

const Second = Event.make("second", { payload: { n: Schema.Int } })
const Third = Event.make("third", { payload: { n: Schema.Int } })

/** Which event came of which. */
export const correlation: ReadonlyArray<EventBusCase> = [
  {
    name: "an event outside of a chain begins one of its own",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const got = yield* collect(bus, "counted")
        yield* countTo(bus, 1, 2)
        yield* untilLength(got, 2)
        for (const { causationId, correlationId, id } of got) {
          assert.equal(correlationId, id)
          assert.equal(causationId, undefined)
        }
        assert.notEqual(got[0]?.correlationId, got[1]?.correlationId)
      })
  },
  {
    name: "a chosen correlation id is carried",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const got = yield* collect(other, "counted")
        yield* Correlation.within("request-42")(countTo(bus, 1))
        yield* untilLength(got, 1)
        assert.equal(got[0]?.correlationId, "request-42")
        assert.equal(got[0]?.causationId, undefined)
      })
  },
  {
    name: "is carried over three hops and two buses, through fibers that handlers fork",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const got = yield* collect(bus, ">")
        yield* other.on(Counted, ({ payload }) =>
          Effect.andThen(Effect.yieldNow, Effect.forkChild(other.publish(Second, payload), { startImmediately: true }))
        )
        yield* bus.on(Second, ({ payload }) =>
          Effect.all([Effect.yieldNow, bus.publish(Third, payload)], { concurrency: 2 })
        )
        yield* Correlation.within("chain")(countTo(bus, 1))
        yield* untilLength(got, 3)
        const [first, second, third] = ["counted", "second", "third"].map((name) =>
          got.find(({ subject }) => subject === name)
        )
        for (const event of [first, second, third]) assert.equal(event?.correlationId, "chain")
        assert.equal(second?.causationId, first?.id)
        assert.equal(third?.causationId, second?.id)
      })
  },
  {
    name: "handlers that run at the same time have chains of their own",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const got = yield* collect(bus, "second")
        yield* bus.on(Counted, ({ payload }) => Effect.andThen(Effect.yieldNow, bus.publish(Second, payload)), {
          concurrency: 8
        })
        yield* Effect.forEach([...Array(20).keys()], (n) => Correlation.within(`chain-${n}`)(countTo(bus, n)), {
          discard: true
        })
        yield* untilLength(got, 20)
        for (const { correlationId, payload } of got)
          assert.equal(correlationId, `chain-${(payload as { readonly n: number }).n}`)
      })
  },
  {
    name: "is carried through a request to its responder",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const got = yield* collect(bus, "counted")
        yield* other.respond(Get, () => Effect.as(Effect.orDie(countTo(other, 1)), { name: "a" }))
        yield* Correlation.within("asked")(bus.request(Get, { id: "1" }))
        yield* untilLength(got, 1)
        assert.equal(got[0]?.correlationId, "asked")
        assert.ok(got[0]?.causationId)
      })
  },
  {
    name: "a consumer of a stream goes on within the chain by hand",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const got = yield* collect(bus, ">")
        yield* countTo(bus, 1)
        yield* untilLength(got, 1)
        const [first] = got
        assert.ok(first)
        yield* Correlation.causedBy(first)(bus.publish(Second, { n: 2 }))
        yield* untilLength(got, 2)
        assert.equal(got[1]?.correlationId, first.correlationId)
        assert.equal(got[1]?.causationId, first.id)
      })
  },
  {
    name: "an event of a stranger, without any of our headers, begins a chain",
    run: ({ bus, inject }) =>
      Effect.gen(function* () {
        const got = yield* collect(bus, "counted")
        yield* inject("counted", { n: 1 })
        yield* untilLength(got, 1)
        assert.ok(got[0]?.id)
        assert.equal(got[0]?.correlationId, got[0]?.id)
        assert.equal(got[0]?.version, 1)
      })
  }
]
