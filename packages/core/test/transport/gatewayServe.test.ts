import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Client from "../../src/client/Client.ts"
import { turns, until } from "../../src/testing/until.ts"
import * as Contract from "../../src/transport/Contract.ts"
import * as Gateway from "../../src/transport/Gateway.ts"
import * as Memory from "../../src/transport/Memory.ts"
import { Rooms } from "../../src/transport/Rooms.ts"
import { type Listener, TransportError } from "../../src/transport/Transport.ts"
import * as Transports from "../../src/transport/Transports.ts"

class Greeting extends Context.Service<Greeting, string>()("test/Greeting") {}
const Hello = Contract.make("hello", {
  requests: { hi: { success: Schema.String }, count: { success: Schema.String, stream: true } },
  signals: { wave: {} },
  events: { hello: { payload: { text: Schema.String } } }
})
const HelloLive = Contract.implement(Hello, {
  hi: () => Effect.map(Greeting, (greeting) => greeting),
  count: () => Stream.fromEffect(Effect.map(Greeting, (greeting) => greeting)),
  wave: () => Effect.void
})

const setup = (...doors: ReadonlyArray<Memory.Memory>) =>
  Layer.build(Layer.merge(Gateway.layer(), Transports.layer(...doors.map(({ listener }) => listener))))

describe("Gateway.serve", () => {
  it.live("listens on every transport, or on those that are named, and gives their addresses", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const doors = [Memory.make({ name: "a" }), Memory.make({ name: "b" })] as const
        const context = yield* setup(...doors)
        const serve = (options: Gateway.ServeOptions) =>
          Gateway.serve(HelloLive, options).pipe(
            Effect.provideContext(context),
            Effect.provideService(Greeting, "hi there")
          )
        assert.deepStrictEqual(yield* serve({ on: ["b"] }), ["memory:b"])
        const client = yield* Client.make(Hello, doors[1].connector)
        assert.strictEqual(yield* client.request.hi(), "hi there")
        assert.deepStrictEqual(yield* Stream.runCollect(client.request.count()), ["hi there"])
        const closed = yield* Effect.flip(Client.make(Hello, doors[0].connector))
        assert.strictEqual(closed._tag, "TransportError")
      })
    )
  )

  it.live("listens again where it could not before", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const door = Memory.make()
        let busy = true
        const listener: Listener = {
          ...door.listener,
          listen: (admit) =>
            busy
              ? Effect.fail(new TransportError({ reason: "listen", transport: "memory", message: "It is taken." }))
              : door.listener.listen(admit)
        }
        const context = yield* Layer.build(Layer.merge(Gateway.layer(), Transports.layer(listener)))
        const { listen } = yield* Effect.provideContext(Gateway.Gateway, context)
        assert.strictEqual((yield* Effect.flip(listen([listener])))._tag, "TransportError")
        busy = false
        assert.deepStrictEqual(yield* listen([listener]), ["memory:memory"])
        assert.deepStrictEqual(yield* listen([listener]), [], "once is enough")
      })
    )
  )

  it.live("tells what it serves, and where", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const door = Memory.make({ name: "a" })
        const context = yield* setup(door)
        const { messages } = yield* Effect.provideContext(Gateway.Gateway, context)
        assert.deepStrictEqual(yield* messages, [])
        const Other = Contract.make("other", { requests: { hi: { success: Schema.Int } } })
        yield* Gateway.serve(HelloLive).pipe(
          Effect.andThen(Gateway.serve(Contract.implement(Other, { hi: () => Effect.succeed(1) }), { on: ["a"] })),
          Effect.provideContext(context),
          Effect.provideService(Greeting, "hi there")
        )
        assert.deepStrictEqual(
          (yield* messages).map(({ message, on }) => [message.kind, message.name, on && [...on]]),
          [
            ["request", "hello.hi", undefined],
            ["request", "hello.count", undefined],
            ["signal", "hello.wave", undefined],
            ["event", "hello.hello", undefined],
            ["request", "other.hi", ["a"]]
          ]
        )
      })
    )
  )

  it.live("says when nothing of a connection runs any more", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const door = Memory.make()
        const context = yield* setup(door)
        const gateway = yield* Effect.provideContext(Gateway.Gateway, context)
        const Slow = Contract.make("slow", { requests: { ask: {} }, signals: { tell: {} } })
        const latch = yield* Latch.make()
        let begun = 0
        const wait = Effect.andThen(
          Effect.sync(() => void begun++),
          latch.await
        )
        yield* Effect.provideContext(
          Gateway.serve(Contract.implement(Slow, { ask: () => Effect.void, tell: () => wait })),
          context
        )
        const client = yield* Client.make(Slow, door.connector)
        const { id } = client.connection
        yield* gateway.idle(id)
        yield* gateway.idle("nobody")
        yield* client.signal.tell()
        yield* until("it runs", () => begun === 1)
        const idle = yield* Effect.forkScoped(gateway.idle(id))
        yield* turns(50)
        assert.isUndefined(idle.pollUnsafe(), "the handler runs")
        yield* latch.open
        yield* Fiber.join(idle)
      })
    )
  )

  it.live("listens once where several contracts are served", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const door = Memory.make()
        const context = yield* setup(door)
        const Other = Contract.make("other", { requests: { hi: { success: Schema.Int } } })
        const OtherLive = Contract.implement(Other, { hi: () => Effect.succeed(1) })
        const first = Gateway.serve(HelloLive).pipe(
          Effect.provideContext(context),
          Effect.provideService(Greeting, "x")
        )
        assert.deepStrictEqual(yield* first, ["memory:memory"])
        assert.deepStrictEqual(yield* Effect.provideContext(Gateway.serve(OtherLive), context), [])
        const client = yield* Client.make(Other, door.connector)
        assert.strictEqual(yield* client.request.hi(), 1)
      })
    )
  )

  it.live("lists the known where a name is unknown", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const context = yield* setup(Memory.make({ name: "tcp" }), Memory.make({ name: "unix" }))
        const served = Gateway.serve(HelloLive, { on: ["unixs"] }).pipe(
          Effect.provideContext(context),
          Effect.provideService(Greeting, "x")
        )
        const error = yield* Effect.flip(served)
        assert.ok(error._tag === "TransportError" && error.reason === "unknown-transport")
        assert.match(error.message, /tcp, unix.*did you mean "unix"/)
      })
    )
  )

  it.live("refuses what is declared and not served yet, naming it", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const context = yield* setup(Memory.make())
        const calls = Contract.implement(Contract.make("calls", { calls: { ask: {} } }), {})
        const fed = Contract.implement(
          Contract.make("fed", { requests: { upload: { input: Schema.Uint8Array, success: Schema.Int } } }),
          { upload: () => Effect.succeed(1) }
        )
        for (const [implementation, name] of [
          [calls, "calls.ask"],
          [fed, "fed.upload"]
        ] as const) {
          const error = yield* Effect.flip(Effect.provideContext(Gateway.serve(implementation), context))
          assert.ok(error._tag === "ServeError")
          assert.ok(error.message.includes(name), error.message)
        }
      })
    )
  )

  it.live("stops listening, and closes what is open, with its scope", () =>
    Effect.gen(function* () {
      const door = Memory.make()
      const client = yield* Effect.scoped(
        Effect.gen(function* () {
          const context = yield* setup(door)
          yield* Gateway.serve(HelloLive).pipe(Effect.provideContext(context), Effect.provideService(Greeting, "x"))
          // outlives the server's scope
          return yield* Effect.provideService(Client.make(Hello, door.connector), Scope.Scope, yield* Scope.make())
        })
      )
      assert.strictEqual((yield* client.connection.closed)._tag, "ConnectionClosed")
      assert.strictEqual((yield* Effect.flip(Effect.scoped(Client.make(Hello, door.connector))))._tag, "TransportError")
    })
  )

  it.live("has nobody to publish to before it is served, and says so as a defect", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const context = yield* setup(Memory.make())
        const rooms = Context.get(context, Rooms)
        const exit = yield* Effect.exit(rooms.publishAll(Hello.events.hello, { text: "x" }))
        assert.ok(exit._tag === "Failure" && String(exit.cause).includes("hello.hello"))
      })
    )
  )
})
