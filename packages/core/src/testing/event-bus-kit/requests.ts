import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Event from "../../events/Event.ts"
import { until } from "../until.ts"
import { Ask, Counted, codeOf, collect, errorOf, Get, NotThere } from "./fixtures.ts"
import type { EventBusCase } from "./Harness.ts"

/** Requests and their answers. */
export const requests: ReadonlyArray<EventBusCase> = [
  {
    name: "answers a request",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        yield* other.respond(Get, ({ payload }) => Effect.succeed({ name: `name of ${payload.id}` }))
        assert.deepEqual(yield* bus.request(Get, { id: "7" }), { name: "name of 7" })
      })
  },
  {
    name: "answers with the places of the subject",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        yield* other.respond(Ask, ({ at, payload }) => Effect.succeed({ n: payload.n + at.room.length }))
        assert.deepEqual(yield* bus.request(Ask, { n: 1 }, { at: { room: "abc" } }), { n: 4 })
      })
  },
  {
    name: "answers a thousand requests at a time, each with its own",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        yield* other.respond(Ask, ({ payload }) => Effect.as(Effect.yieldNow, { n: payload.n * 2 }))
        const ask = (n: number) => bus.request(Ask, { n }, { at: { room: "r" }, timeout: "30 seconds" })
        const answers = yield* Effect.forEach([...Array(1000).keys()], ask, { concurrency: 100 })
        assert.deepEqual(
          answers,
          Array.from({ length: 1000 }, (_, n) => ({ n: n * 2 }))
        )
      })
  },
  {
    name: "a declared error comes back as itself",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        yield* other.respond(Get, ({ payload }) => Effect.fail(new NotThere({ id: payload.id })))
        const error = yield* errorOf(bus.request(Get, { id: "9" }))
        assert.ok(error instanceof NotThere)
        assert.equal(error.id, "9")
        assert.equal((yield* other.stats).failed, 0)
      })
  },
  {
    name: "says at once when there are no responders",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const error = yield* errorOf(bus.request(Get, { id: "1" }, { timeout: "1 hour" }))
        assert.equal(codeOf(error), "EVENT_NO_RESPONDERS")
      })
  },
  {
    name: "says at once when the last responder has left",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        yield* Scope.provide(
          other.respond(Get, () => Effect.succeed({ name: "a" })),
          scope
        )
        yield* bus.request(Get, { id: "1" })
        yield* Scope.close(scope, Exit.void)
        // another bus learns of it a moment later
        let code: unknown
        for (let i = 0; i < 1000 && code !== "EVENT_NO_RESPONDERS"; i++)
          code = codeOf(yield* errorOf(bus.request(Get, { id: "1" }, { timeout: 100 })))
        assert.equal(code, "EVENT_NO_RESPONDERS")
      })
  },
  {
    name: "gives up waiting at the deadline",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        yield* other.respond(Get, () => Effect.never)
        const error = yield* errorOf(bus.request(Get, { id: "1" }, { timeout: 30 }))
        assert.equal(codeOf(error), "EVENT_REQUEST_TIMEOUT")
      })
  },
  {
    name: "a listener that does not answer counts as somebody who might",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        yield* collect(other, "users.>")
        const error = yield* errorOf(bus.request(Get, { id: "1" }, { timeout: 30 }))
        assert.equal(codeOf(error), "EVENT_REQUEST_TIMEOUT")
      })
  },
  {
    name: "a responder that breaks is told as a reference, without what broke",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        yield* other.respond(Get, () => Effect.die(new Error("the password is hunter2")))
        const error = yield* errorOf(bus.request(Get, { id: "1" }))
        assert.equal(codeOf(error), "EVENT_RESPONDER_FAILED")
        assert.doesNotMatch(JSON.stringify(error) + String(error), /hunter2/)
        assert.match(String((error as { readonly reference?: unknown }).reference), /^\S+$/)
      })
  },
  {
    name: "a responder that takes too long is interrupted, and the one who asks is told",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        let interrupted = false
        const never = Effect.onInterrupt(Effect.never, () => Effect.sync(() => void (interrupted = true)))
        yield* other.respond(Get, () => never, { timeout: 20 })
        assert.equal(codeOf(yield* errorOf(bus.request(Get, { id: "1" }))), "EVENT_RESPONDER_FAILED")
        assert.ok(interrupted)
      })
  },
  {
    name: "a request that cannot be read is told, and the next is answered",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        yield* other.respond(Get, () => Effect.succeed({ name: "a" }))
        const Wrong = Event.request("users.get", { payload: { id: Schema.Number }, success: { name: Schema.String } })
        assert.equal(codeOf(yield* errorOf(bus.request(Wrong, { id: 5 }))), "EVENT_RESPONDER_FAILED")
        assert.deepEqual(yield* bus.request(Get, { id: "1" }), { name: "a" })
        assert.equal((yield* other.stats).poisoned, 1)
      })
  },
  {
    name: "an answer that cannot be read is an error of the one who asks",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        yield* other.respond(Get, () => Effect.succeed({ name: "a" }))
        const Wrong = Event.request("users.get", { payload: { id: Schema.String }, success: { age: Schema.Number } })
        assert.equal(codeOf(yield* errorOf(bus.request(Wrong, { id: "1" }))), "EVENT_PAYLOAD_INVALID")
      })
  },
  {
    name: "responders share requests, also across buses",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        let answered = 0
        for (const one of [bus, bus, other])
          yield* one.respond(Ask, ({ payload }) =>
            Effect.sync(() => {
              answered++
              return { n: payload.n }
            })
          )
        for (let n = 0; n < 30; n++) yield* bus.request(Ask, { n }, { at: { room: "r" } })
        assert.equal(answered, 30)
      })
  },
  {
    name: "a responder that is full says that it is busy",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const gate = Latch.makeUnsafe(false)
        let began = 0
        yield* other.respond(
          Ask,
          ({ payload }) =>
            Effect.suspend(() => {
              began++
              return Effect.as(gate.await, { n: payload.n })
            }),
          { concurrency: 1, maxPending: 1 }
        )
        const ask = (n: number) => bus.request(Ask, { n }, { at: { room: "r" } })
        const first = yield* Effect.forkScoped(ask(1))
        yield* until("the first is being answered", () => began === 1)
        const more = yield* Effect.forEach([2, 3], (n) =>
          Effect.forkScoped(Effect.exit(ask(n)), { startImmediately: true })
        )
        yield* until("one was refused", () => more.some((fiber) => fiber.pollUnsafe() !== undefined))
        yield* gate.open
        assert.deepEqual(yield* Fiber.join(first), { n: 1 })
        const exits = yield* Effect.forEach(more, Fiber.join)
        assert.deepEqual(exits.map(Exit.isSuccess).sort(), [false, true])
      })
  },
  {
    name: "events published to the subject of a request are handled, and answered to nobody",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const got: Array<string> = []
        yield* other.respond(Get, ({ payload }) => {
          got.push(payload.id)
          return Effect.succeed({ name: "a" })
        })
        yield* bus.publish(Event.make("users.get", { payload: { id: Schema.String } }), { id: "quiet" })
        yield* until("it was handled", () => got.length >= 1)
        assert.deepEqual(got, ["quiet"])
      })
  },
  {
    name: "a request whose payload does not fit reaches nobody",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        let asked = 0
        yield* other.respond(Ask, ({ payload }) => {
          asked++
          return Effect.succeed(payload)
        })
        const error = yield* errorOf(bus.request(Ask, { n: 0.5 }, { at: { room: "r" } }))
        assert.equal(codeOf(error), "EVENT_PAYLOAD_INVALID")
        yield* bus.request(Ask, { n: 1 }, { at: { room: "r" } })
        assert.equal(asked, 1)
      })
  },
  {
    name: "whoever asks and is interrupted leaves nothing behind",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        let began = 0
        yield* other.respond(Ask, ({ payload }) => {
          began++
          return payload.n === 0 ? Effect.never : Effect.succeed(payload)
        })
        const fiber = yield* Effect.forkScoped(bus.request(Ask, { n: 0 }, { at: { room: "r" }, timeout: "1 hour" }))
        yield* until("it is being answered", () => began === 1)
        yield* Fiber.interrupt(fiber)
        assert.deepEqual(yield* bus.request(Ask, { n: 1 }, { at: { room: "r" } }), { n: 1 })
        const got = yield* collect(bus, "counted")
        yield* bus.publish(Counted, { n: 1 })
        yield* until("the bus goes on", () => got.length === 1)
      })
  }
]
