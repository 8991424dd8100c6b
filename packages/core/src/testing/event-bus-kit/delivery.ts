import assert from "node:assert/strict"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Event from "../../events/Event.ts"
import { until } from "../until.ts"
import {
  Counted,
  codeOf,
  collect,
  countTo,
  errorOf,
  Joined,
  Left,
  numbers,
  Rich,
  untilLength,
  untilSubscribed
} from "./fixtures.ts"
import type { EventBusCase } from "./Harness.ts"

const dateOf = (millis: number) => DateTime.toDate(DateTime.makeUnsafe(millis))
const range = (length: number): ReadonlyArray<number> => Array.from({ length }, (_, n) => n)

/** Who gets what, in which order, and until when. */
export const delivery: ReadonlyArray<EventBusCase> = [
  {
    name: "gives a handler what is published",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const got = yield* collect(bus, "counted")
        yield* countTo(bus, 7)
        yield* untilLength(got, 1)
        assert.deepEqual(numbers(got), [7])
      })
  },
  {
    name: "gives another bus of the same broker what is published",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const got = yield* collect(other, "counted")
        yield* countTo(bus, 1, 2)
        yield* untilLength(got, 2)
        assert.deepEqual(numbers(got), [1, 2])
      })
  },
  {
    name: "gives every subscriber a copy",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const all = [yield* collect(bus, "counted"), yield* collect(bus, "counted"), yield* collect(other, "counted")]
        yield* countTo(bus, 5)
        for (const got of all) yield* untilLength(got, 1)
        assert.deepEqual(all.map(numbers), [[5], [5], [5]])
      })
  },
  {
    name: "keeps the order of one publisher",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const got = yield* collect(other, "counted")
        yield* countTo(bus, ...range(500))
        yield* untilLength(got, 500)
        assert.deepEqual(numbers(got), range(500))
      })
  },
  {
    name: "publishes to nobody without complaint",
    run: ({ bus }) =>
      Effect.gen(function* () {
        yield* countTo(bus, 1)
        const got = yield* collect(bus, "counted")
        yield* countTo(bus, 2)
        yield* untilLength(got, 1)
        assert.deepEqual(numbers(got), [2], "what was published before is not delivered")
      })
  },
  {
    name: "carries id, subject, time, version and payload",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const got = yield* collect(other, "rich")
        yield* bus.publish(Rich, { at: dateOf(0), bytes: new Uint8Array([1, 2]), big: 5n, text: "é" })
        yield* untilLength(got, 1)
        const [event] = got
        assert.equal(event?.subject, "rich")
        assert.equal(event?.version, 3)
        assert.match(event?.id ?? "", /^\S{8,}$/)
        assert.ok(Number.isFinite(event?.time))
        assert.deepEqual(event?.payload, { at: "1970-01-01T00:00:00.000Z", bytes: "AQI=", big: "5", text: "é" })
      })
  },
  {
    name: "decodes dates, bytes and big integers for a subscriber of the event",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const got: Array<unknown> = []
        const value = { at: dateOf(86_400_000), bytes: new Uint8Array([0, 255]), big: 2n ** 70n, text: "\u0000🎈" }
        yield* other.on(Rich, ({ payload }) => Effect.sync(() => void got.push(payload)))
        yield* bus.publish(Rich, value)
        yield* untilLength(got, 1)
        assert.deepEqual(got, [value])
      })
  },
  {
    name: "ids are unique, on two buses as well",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const got = yield* collect(bus, "counted")
        yield* countTo(bus, ...range(50))
        yield* countTo(other, ...range(50))
        yield* untilLength(got, 100)
        assert.equal(new Set(got.map(({ id }) => id)).size, 100)
      })
  },
  {
    name: "puts places into the subject and gives them to the handler",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const got: Array<unknown> = []
        yield* other.on(Joined, ({ at, payload, subject }) =>
          Effect.sync(() => void got.push([at.room, payload.user, subject]))
        )
        yield* bus.publish(Joined, { user: "ada" }, { at: { room: "lobby" } })
        yield* untilLength(got, 1)
        assert.deepEqual(got, [["lobby", "ada", "chat.lobby.joined"]])
      })
  },
  {
    name: "* stands for one token",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const got = yield* collect(bus, "chat.*.joined")
        yield* bus.publish(Left, { user: "a" }, { at: { room: "x" } })
        yield* bus.publish(Event.make("chat.joined", { payload: {} }), {})
        yield* bus.publish(Event.make("chat.a.b.joined", { payload: {} }), {})
        yield* bus.publish(Joined, { user: "b" }, { at: { room: "x" } })
        yield* untilLength(got, 1)
        assert.deepEqual(
          got.map(({ subject }) => subject),
          ["chat.x.joined"]
        )
      })
  },
  {
    name: "> stands for one token and more",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const got = yield* collect(bus, "chat.>")
        yield* bus.publish(Event.make("chat", { payload: {} }), {})
        yield* bus.publish(Event.make("chats.a", { payload: {} }), {})
        yield* bus.publish(Event.make("chat.a", { payload: {} }), {})
        yield* bus.publish(Joined, { user: "b" }, { at: { room: "x" } })
        yield* untilLength(got, 2)
        assert.deepEqual(
          got.map(({ subject }) => subject),
          ["chat.a", "chat.x.joined"]
        )
      })
  },
  {
    name: "* and > together",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const got = yield* collect(bus, "*.x.>")
        yield* bus.publish(Event.make("a.x", { payload: {} }), {})
        yield* bus.publish(Event.make("a.y.b", { payload: {} }), {})
        yield* bus.publish(Event.make("a.x.b", { payload: {} }), {})
        yield* bus.publish(Event.make("b.x.c.d", { payload: {} }), {})
        yield* untilLength(got, 2)
        assert.deepEqual(
          got.map(({ subject }) => subject),
          ["a.x.b", "b.x.c.d"]
        )
      })
  },
  {
    name: "subjects are told apart by case",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const got = yield* collect(bus, "counted")
        yield* bus.publish(Event.make("Counted", { payload: { n: Schema.Int } }), { n: 1 })
        yield* countTo(bus, 2)
        yield* untilLength(got, 1)
        assert.deepEqual(numbers(got), [2])
      })
  },
  {
    name: "takes subjects of other alphabets",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const got = yield* collect(other, "chat.*.joined")
        yield* bus.publish(Joined, { user: "ö" }, { at: { room: "größe-日本" } })
        yield* untilLength(got, 1)
        assert.equal(got[0]?.subject, "chat.größe-日本.joined")
      })
  },
  {
    name: "one handler of a group gets each event",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const got: Array<Array<number>> = [[], [], []]
        for (const [i, one] of [bus, bus, other].entries())
          yield* one.on(Counted, ({ payload }) => Effect.sync(() => void got[i]?.push(payload.n)), { group: "workers" })
        yield* countTo(bus, ...range(60))
        yield* until("all are there", () => got.flat().length >= 60)
        assert.deepEqual(
          got.flat().sort((a, b) => a - b),
          range(60)
        )
      })
  },
  {
    name: "groups do not take from each other, nor from those without a group",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const got = { a: [] as Array<number>, b: [] as Array<number>, none: [] as Array<number> }
        const into = (list: Array<number>) => (event: { readonly payload: { readonly n: number } }) =>
          Effect.sync(() => void list.push(event.payload.n))
        yield* bus.on(Counted, into(got.a), { group: "a" })
        yield* other.on(Counted, into(got.a), { group: "a" })
        yield* other.on(Counted, into(got.b), { group: "b" })
        yield* other.on(Counted, into(got.none))
        yield* countTo(bus, 1, 2, 3)
        yield* until("all are there", () => Object.values(got).every((list) => list.length >= 3))
        for (const list of Object.values(got)) assert.deepEqual([...list].sort(), [1, 2, 3])
      })
  },
  {
    name: "ends with the scope",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const gone = yield* Scope.provide(collect(bus, "counted"), scope)
        const stays = yield* collect(bus, "counted")
        yield* countTo(bus, 1)
        yield* untilLength(gone, 1)
        yield* Scope.close(scope, Exit.void)
        yield* countTo(bus, 2)
        yield* untilLength(stays, 2)
        assert.deepEqual(numbers(gone), [1])
        assert.equal((yield* bus.stats).subscriptions, 1)
      })
  },
  {
    name: "interrupts the handler that runs when its scope closes",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        let began = false
        let interrupted = false
        const handler = Effect.onInterrupt(
          Effect.suspend(() => {
            began = true
            return Effect.never
          }),
          () => Effect.sync(() => void (interrupted = true))
        )
        yield* Scope.provide(
          bus.on(Counted, () => handler),
          scope
        )
        yield* countTo(bus, 1)
        yield* until("the handler has begun", () => began)
        yield* Scope.close(scope, Exit.void)
        assert.ok(interrupted)
      })
  },
  {
    name: "a stream gives decoded events",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.forkScoped(Stream.runCollect(Stream.take(other.subscribe(Counted), 3)))
        yield* Effect.suspend(() => other.stats).pipe(
          Effect.tap(() => bus.publish(Counted, { n: 1 })),
          Effect.repeat({ until: () => fiber.pollUnsafe() !== undefined, times: 100_000 })
        )
        const got = yield* Fiber.join(fiber)
        assert.deepEqual(
          [...got].map(({ payload }) => payload),
          [{ n: 1 }, { n: 1 }, { n: 1 }]
        )
      })
  },
  {
    name: "a stream of a pattern gives encoded payloads",
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const got: Array<unknown> = []
        yield* Effect.forkScoped(
          Stream.runForEach(other.subscribe("chat.>"), ({ payload, subject }) =>
            Effect.sync(() => void got.push([subject, payload]))
          )
        )
        const open = yield* untilSubscribed(other, 1)
        assert.equal(open, 1)
        yield* bus.publish(Joined, { user: "ada" }, { at: { room: "r" } })
        yield* untilLength(got, 1)
        assert.deepEqual(got, [["chat.r.joined", { user: "ada" }]])
      })
  },
  {
    name: "a stream that ends leaves the bus",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.forkScoped(Stream.runDrain(bus.subscribe(Counted)))
        yield* untilSubscribed(bus, 1)
        yield* Fiber.interrupt(fiber)
        assert.equal((yield* bus.stats).subscriptions, 0)
      })
  },
  {
    name: "a payload that does not fit is refused to the publisher and delivered to nobody",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const got = yield* collect(bus, "counted")
        const error = yield* errorOf(bus.publish(Counted, { n: 1.5 }))
        assert.equal(codeOf(error), "EVENT_PAYLOAD_INVALID")
        yield* countTo(bus, 2)
        yield* untilLength(got, 1)
        assert.deepEqual(numbers(got), [2])
      })
  },
  {
    name: "counts what is published, delivered and subscribed",
    run: ({ bus }) =>
      Effect.gen(function* () {
        const got = yield* collect(bus, "counted")
        yield* collect(bus, "nothing")
        yield* countTo(bus, 1, 2, 3)
        yield* untilLength(got, 3)
        const { delivered, published, subscriptions } = yield* bus.stats
        assert.deepEqual({ delivered, published, subscriptions }, { delivered: 3, published: 3, subscriptions: 2 })
      })
  },
  {
    name: "idle is done when every handler is",
    run: ({ bus }) =>
      Effect.gen(function* () {
        let handled = 0
        yield* bus.on(Counted, () =>
          Effect.andThen(
            Effect.yieldNow,
            Effect.sync(() => void handled++)
          )
        )
        const seen = yield* collect(bus, "counted")
        yield* countTo(bus, ...range(100))
        yield* untilLength(seen, 100)
        yield* bus.idle
        assert.equal(handled, 100)
      })
  },
  {
    name: "tells of interest as subscriptions come and go",
    needs: ["interest"],
    run: ({ bus, other }) =>
      Effect.gen(function* () {
        const { interest } = bus
        assert.ok(interest)
        let changes = 0
        const end = interest.listen(() => void changes++)
        assert.equal(interest.has("chat.x.joined"), false)
        const scope = yield* Scope.make()
        yield* Scope.provide(collect(other, "chat.*.joined"), scope)
        assert.equal(interest.has("chat.x.joined"), true)
        assert.equal(interest.has("chat.x.left"), false)
        yield* Scope.close(scope, Exit.void)
        assert.equal(interest.has("chat.x.joined"), false)
        assert.equal(changes, 2)
        end()
        yield* collect(other, "counted")
        assert.equal(changes, 2)
      })
  }
]
