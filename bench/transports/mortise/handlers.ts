import * as Log from "@mortise/core/app/Log"
import * as Contract from "@mortise/core/transport/Contract"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { Bench } from "./contract.ts"

/** Something a handler has to ask for. */
export class Counter extends Context.Service<Counter, { count: number }>()("bench/Counter") {}

/** One real hop through the event loop. */
const hop = Effect.promise(() => new Promise<void>((resolve) => void setImmediate(resolve)))

/** The answer is there at once: no fiber. */
export const inline = Contract.implement(Bench, {
  echo: (payload) => Effect.succeed(payload),
  hop: (payload) => Effect.as(hop, payload)
})

/** A generator that reads a service: a fiber for each request. */
export const fiber = Contract.implement(Bench, {
  echo: Effect.fnUntraced(function* (payload) {
    const counter = yield* Counter
    counter.count++
    return payload
  }),
  hop: (payload) => Effect.as(hop, payload)
})

/** The same with a line for each request that the default level refuses. */
export const fiberWithLine = Contract.implement(Bench, {
  echo: Effect.fnUntraced(function* (payload) {
    const counter = yield* Counter
    counter.count++
    yield* Log.request("echo", () => ({ id: payload.id, text: payload.t }), "Debug")
    return payload
  }),
  hop: (payload) => Effect.as(hop, payload)
})
