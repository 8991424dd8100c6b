import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Client from "../../src/client/Client.ts"
import { until } from "../../src/testing/until.ts"
import * as Contract from "../../src/transport/Contract.ts"
import * as Gateway from "../../src/transport/Gateway.ts"
import * as Memory from "../../src/transport/Memory.ts"
import * as Observers from "../../src/transport/Observers.ts"
import { Rooms } from "../../src/transport/Rooms.ts"
import * as Traffic from "../../src/transport/Traffic.ts"
import * as Transports from "../../src/transport/Transports.ts"

const Desk = Contract.make("desk", {
  requests: {
    echo: { payload: { text: Schema.String }, success: Schema.String },
    later: { success: Schema.String },
    never: {},
    refuse: { error: Schema.Struct({ why: Schema.String }) },
    bug: {},
    count: { success: Schema.Int, stream: true }
  },
  events: { told: { payload: { n: Schema.Int } } }
})
const live = Contract.implement(Desk, {
  echo: ({ text }) => Effect.succeed(text),
  later: () => Effect.as(Effect.sleep("5 millis"), "later"),
  never: () => Effect.never,
  refuse: () => Effect.fail({ why: "closed" }),
  bug: () => Effect.die("bug"),
  count: () => Stream.make(1, 2, 3)
})

const withGateway = <A, E>(
  use: (given: {
    readonly observers: Observers.Registry
    readonly memory: ReturnType<typeof Memory.make>
    readonly context: Context.Context<Gateway.Gateway | Rooms>
  }) => Effect.Effect<A, E, Scope.Scope>
) => {
  const observers = Observers.makeUnsafe()
  return Effect.scoped(
    Effect.gen(function* () {
      const memory = Memory.make()
      const context = yield* Layer.build(Layer.merge(Gateway.layer(), Transports.layer(memory.listener)))
      yield* Effect.provideContext(Gateway.serve(live), context)
      return yield* use({ observers, memory, context })
    })
  ).pipe(Effect.provideService(Observers.Observers, observers))
}

describe("Traffic", () => {
  it.live("counts connections, messages and bytes on both sides of every frame", () =>
    withGateway(
      Effect.fnUntraced(function* ({ context, memory }) {
        const traffic = yield* Traffic.record
        assert.strictEqual(yield* Traffic.record, traffic)
        const client = yield* Client.make(Desk, memory.connector)
        const counters = traffic.transport("memory")
        assert.strictEqual(counters.opened, 1)
        assert.strictEqual(counters.connections.size, 1)
        const before = { ...counters }
        yield* client.request.echo({ text: "x" })
        const one = counters.bytesReceived - before.bytesReceived
        const back = counters.bytesSent - before.bytesSent
        for (let i = 0; i < 99; i++) yield* client.request.echo({ text: "x" })
        assert.strictEqual(counters.messagesReceived - before.messagesReceived, 100)
        assert.strictEqual(counters.messagesSent - before.messagesSent, 100)
        // ids grow by a byte or two
        assert.isAtLeast(counters.bytesReceived - before.bytesReceived, 100 * one)
        assert.isAtMost(counters.bytesReceived - before.bytesReceived, 102 * (one + 2))
        assert.isAtLeast(counters.bytesSent - before.bytesSent, 100 * back)
        const sent = counters.messagesSent
        yield* Context.get(context, Rooms).publishAll(Desk.events.told, { n: 1 })
        assert.strictEqual(counters.messagesSent, sent + 1)
        const { close, connections } = Context.get(context, Gateway.Gateway)
        for (const { id } of yield* connections) yield* close(id, 1000, "bye")
        yield* until("the connection is gone", () => counters.connections.size === 0)
        assert.strictEqual(counters.pendingBytes, 0)
      })
    )
  )

  it.live("counts how each handler ended, and its time in one bucket", () =>
    withGateway(
      Effect.fnUntraced(function* ({ memory }) {
        const traffic = yield* Traffic.record
        const client = yield* Client.make(Desk, memory.connector)
        yield* Effect.all([client.request.echo({ text: "" }), client.request.echo({ text: "" })])
        yield* client.request.later()
        yield* Effect.flip(client.request.refuse())
        yield* Effect.exit(client.request.bug())
        assert.deepStrictEqual(yield* Stream.runCollect(client.request.count()), [1, 2, 3])
        const stuck = yield* Effect.forkChild(client.request.never(), { startImmediately: true })
        yield* Fiber.interrupt(stuck)
        yield* until("the handler has ended", () => traffic.handler("desk.never").outcomes.interrupted === 1)
        const of = (name: string) => traffic.handler(`desk.${name}`)
        const handled = (name: string) => of(name).buckets.reduce((all, one) => all + one, 0)
        assert.strictEqual(of("echo").outcomes.success, 2)
        assert.strictEqual(handled("echo"), of("echo").outcomes.success)
        assert.strictEqual(of("later").outcomes.success, 1)
        assert.strictEqual(of("later").buckets[0], 0)
        assert.isAtLeast(of("later").seconds, 0.004)
        assert.strictEqual(of("refuse").outcomes.error, 1)
        assert.strictEqual(of("bug").outcomes.defect, 1)
        assert.strictEqual(of("count").outcomes.success, 1)
        assert.strictEqual(handled("count"), 0)
        assert.deepStrictEqual(
          [...traffic.handlers.keys()].filter((name) => !name.startsWith("desk.")),
          []
        )
      })
    )
  )

  it.live("keys nothing by what a client makes up", () =>
    withGateway(
      Effect.fnUntraced(function* ({ memory }) {
        const traffic = yield* Traffic.record
        const Other = Contract.make("other", { requests: { made: { payload: { up: Schema.String } } } })
        const made = yield* Effect.exit(
          Effect.flatMap(Client.make(Other, memory.connector), (client) => client.request.made({ up: "x" }))
        )
        assert.strictEqual(made._tag, "Failure")
        assert.deepStrictEqual([...traffic.handlers.keys()], [])
        assert.deepStrictEqual([...traffic.transports.keys()], ["memory"])
      })
    )
  )

  it.live("counts nothing where nobody asked", () =>
    withGateway(
      Effect.fnUntraced(function* ({ memory, observers }) {
        const client = yield* Client.make(Desk, memory.connector)
        yield* client.request.echo({ text: "x" })
        assert.isUndefined(observers.traffic)
        const traffic = yield* Traffic.record
        yield* client.request.echo({ text: "x" })
        assert.strictEqual(traffic.transports.size, 0)
      })
    )
  )
})
