import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Client from "../../src/client/Client.ts"
import { BinaryWire } from "../../src/transport/BinaryWire.ts"
import * as Contract from "../../src/transport/Contract.ts"
import * as Gateway from "../../src/transport/Gateway.ts"
import { JsonWire } from "../../src/transport/JsonWire.ts"
import * as Memory from "../../src/transport/Memory.ts"
import { Rooms } from "../../src/transport/Rooms.ts"
import * as Transports from "../../src/transport/Transports.ts"

class RoomFull extends Schema.TaggedError<RoomFull>()("RoomFull", { room: Schema.String }) {}
const Chat = Contract.make("chat", {
  requests: {
    join: { payload: { room: Schema.String }, success: Schema.Array(Schema.String), error: RoomFull },
    count: { payload: { to: Schema.Int }, success: Schema.Int, stream: true },
    bytes: {
      payload: { bytes: Schema.Uint8Array, at: Schema.Date },
      success: Schema.Struct({ bytes: Schema.Uint8Array, at: Schema.Date })
    },
    ping: {}
  },
  signals: { say: { payload: { room: Schema.String, text: Schema.String } } },
  events: { said: { payload: { from: Schema.String, text: Schema.String } } },
  relays: ["sealed"]
})
class Names extends Context.Service<Names, { readonly greeting: string }>()("test/Names") {}
const ChatLive = Contract.implement(Chat, {
  join: Effect.fnUntraced(function* ({ room }, caller) {
    if (room === "full") return yield* new RoomFull({ room })
    const rooms = yield* Rooms
    yield* rooms.join(room, caller.connection.id)
    const names = yield* Names
    caller.emit("said", { from: "server", text: names.greeting })
    return yield* rooms.members(room)
  }),
  count: ({ to }) => Stream.range(1, to),
  bytes: (payload) => Effect.succeed(payload),
  ping: () => Effect.void,
  say: Effect.fnUntraced(function* ({ room, text }, caller) {
    const rooms = yield* Rooms
    yield* rooms.publish(room, Chat.events.said, { from: caller.connection.id, text })
  }),
  sealed: ({ to }) => Effect.succeed({ to: [to] })
})

const setup = Effect.gen(function* () {
  const memory = Memory.make()
  const context = yield* Layer.build(
    Layer.mergeAll(Gateway.layer(), Transports.layer(memory.listener), Layer.succeed(Names, { greeting: "héllo" }))
  )
  yield* Effect.provideContext(Gateway.serve(ChatLive), context)
  return { memory, context }
})

for (const wire of [JsonWire, BinaryWire]) {
  describe(`gateway and client over ${wire.name}`, () => {
    it.live("answers, streams, tells events, relays", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { memory } = yield* setup
          const a = yield* Client.make(Chat, memory.connector, { wire })
          const b = yield* Client.make(Chat, memory.connector, { wire })
          const heard = yield* Effect.forkChild(Stream.runCollect(Stream.take(b.events.said, 3)), {
            startImmediately: true
          })
          assert.deepStrictEqual(yield* a.request.join({ room: "r" }), [a.connection.id])
          assert.deepStrictEqual(yield* b.request.join({ room: "r" }), [a.connection.id, b.connection.id])
          yield* a.signal.say({ room: "r", text: "one" })
          yield* a.signal.say({ room: "r", text: "two ☃" })
          assert.deepStrictEqual(
            (yield* Fiber.join(heard)).map((m) => m.text),
            ["héllo", "one", "two ☃"]
          )
          const full = yield* Effect.flip(a.request.join({ room: "full" }))
          assert.deepStrictEqual(full, new RoomFull({ room: "full" }))
          assert.deepStrictEqual(
            yield* Stream.runCollect(a.request.count({ to: 5000 })),
            Array.from({ length: 5000 }, (_, i) => i + 1)
          )
          const value = { bytes: Uint8Array.of(1, 2, 255), at: new Date(1e12) }
          assert.deepStrictEqual(yield* a.request.bytes(value), value)
          assert.strictEqual(yield* a.request.ping(), undefined)
          const relayed = yield* Effect.forkChild(Stream.runHead(a.relayed.sealed), { startImmediately: true })
          assert.strictEqual(yield* b.relay.sealed(a.connection.id, Uint8Array.of(0xff, 0xfe)), 1)
          const got = yield* Fiber.join(relayed)
          assert.deepStrictEqual(got._tag === "Some" ? got.value : undefined, {
            from: b.connection.id,
            bytes: Uint8Array.of(0xff, 0xfe)
          })
          const nobody = yield* Effect.flip(b.relay.sealed("nobody", Uint8Array.of(1)))
          assert.strictEqual(nobody._tag === "RequestFault" ? nobody.fault : nobody._tag, "NO_RECIPIENT")
        })
      )
    )
  })
}
