/** Events and small tools that the cases share. */
import assert from "node:assert/strict"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Received } from "../../events/Envelope.ts"
import * as Event from "../../events/Event.ts"
import type { Shape, SubscribeError } from "../../events/EventBus.ts"
import { until } from "../until.ts"

export const Counted = Event.make("counted", { payload: { n: Schema.Int } })
export const Joined = Event.make("chat.{room}.joined", { payload: { user: Schema.String } })
export const Left = Event.make("chat.{room}.left", { payload: { user: Schema.String } })
export const Rich = Event.make("rich", {
  version: 3,
  payload: { at: Schema.Date, bytes: Schema.Uint8Array, big: Schema.BigInt, text: Schema.String }
})
export class NotThere extends Schema.TaggedError<NotThere>()("NotThere", { id: Schema.String }) {}
export const Get = Event.request("users.get", {
  payload: { id: Schema.String },
  success: { name: Schema.String },
  error: NotThere
})
export const Ask = Event.request("rooms.{room}.ask", { payload: { n: Schema.Int }, success: { n: Schema.Int } })

/** What a handler of this pattern has got, in order. */
export const collect = (
  bus: Shape,
  pattern: string
): Effect.Effect<Array<Received<unknown>>, SubscribeError, Scope.Scope> =>
  Effect.gen(function* () {
    const got: Array<Received<unknown>> = []
    yield* bus.on(pattern, (event) => Effect.sync(() => void got.push(event)))
    return got
  })

export const numbers = (got: ReadonlyArray<{ readonly payload: unknown }>): ReadonlyArray<number> =>
  got.map(({ payload }) => (payload as { readonly n: number }).n)

/** Publishes `counted` for each number, one after another. */
export const countTo = (bus: Shape, ...values: ReadonlyArray<number>) =>
  Effect.forEach(values, (n) => bus.publish(Counted, { n }), { discard: true })

/** The typed error of an effect that has to fail. */
export const errorOf = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<E, never, R> =>
  Effect.map(Effect.exit(effect), (exit) => {
    assert.ok(Exit.isFailure(exit), "it has to fail")
    const error = Cause.findError(exit.cause)
    assert.ok(Result.isSuccess(error), `it has to fail with an error: ${Cause.pretty(exit.cause)}`)
    return error.success
  })

export const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code

/** Waits until so many have come, and shows that no more have when the sentinel is there. */
export const untilLength = (got: ReadonlyArray<unknown>, length: number): Effect.Effect<void> =>
  until(`${length} events`, () => got.length >= length)

/** Waits until the streams that were started hold their subscriptions. */
export const untilSubscribed = (bus: Shape, count: number): Effect.Effect<number> =>
  Effect.gen(function* () {
    let now = 0
    for (let i = 0; i < 1000 && now < count; i++) {
      now = (yield* bus.stats).subscriptions
      let polled = false
      yield* until("a turn has passed", () => {
        const before = polled
        polled = true
        return before
      })
    }
    // a broker on the network takes a moment longer than the count: a round trip to nobody orders what follows
    yield* Effect.ignore(bus.request(Event.request("nobody.here", { payload: {}, success: {} }), {}, { timeout: 1000 }))
    return now
  })
