import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Contract from "../../src/transport/Contract.ts"

class RoomFull extends Schema.TaggedError<RoomFull>()("RoomFull", { room: Schema.String }) {}
const Message = Schema.Struct({ room: Schema.String, from: Schema.String, text: Schema.String })
export const Chat = Contract.make("chat", {
  requests: {
    join: { payload: { room: Schema.String }, success: Schema.Int, error: RoomFull },
    history: { payload: { room: Schema.String }, success: Message, stream: true },
    upload: {
      payload: { name: Schema.String, note: Schema.optionalKey(Schema.String) },
      input: Schema.Uint8Array,
      success: Schema.Int
    },
    ping: {}
  },
  signals: { typing: { payload: { room: Schema.String } } },
  events: { message: { payload: Message }, typing: { payload: { from: Schema.String }, whenSlow: "drop" }, tick: {} },
  relays: ["sealed"]
})
class Rooms extends Context.Service<
  Rooms,
  { readonly join: (room: string, id: string) => Effect.Effect<number, RoomFull> }
>()("app/Rooms") {}
class Store extends Context.Service<Store, { readonly all: Stream.Stream<typeof Message.Type> }>()("app/Store") {}

export const ChatLive = Contract.implement(Chat, {
  join: Effect.fnUntraced(function* ({ room }, caller) {
    const rooms = yield* Rooms
    const n = yield* rooms.join(room, caller.connection.id)
    caller.emit("message", { room, from: "server", text: `you are number ${n}` })
    caller.emit("tick")
    return n
  }),
  history: ({ room }) => Stream.unwrap(Effect.map(Store, (s) => Stream.filter(s.all, (m) => m.room === room))),
  upload: ({ name }, _caller, chunks) =>
    Stream.runFold(
      chunks,
      () => name.length,
      (n, c) => n + c.byteLength
    ),
  ping: () => Effect.void,
  typing: ({ room }) => Effect.logDebug(room),
  sealed: ({ to }) => Effect.succeed({ to: [to] })
})
type Needs = typeof ChatLive extends Contract.Implementation<infer X> ? X : never
const needs: [Needs] extends [Rooms | Store] ? ([Rooms | Store] extends [Needs] ? true : false) : false = true
void needs
declare const client: Contract.Client<(typeof Chat)["spec"], "closed">
export const program = Effect.gen(function* () {
  const n: number = yield* client.request.join({ room: "a" }).pipe(Effect.catchTag("RoomFull", () => Effect.succeed(0)))
  const size: number = yield* client.request.upload({ name: "x" }, Stream.make(new Uint8Array(3)))
  yield* client.request.ping()
  yield* client.signal.typing({ room: "a" })
  yield* Stream.runForEach(client.events.message, (m) => Effect.log(m.text, n, size))
  yield* client.relay.sealed("ada", new Uint8Array(2))
  // @ts-expect-error payload is checked
  yield* client.request.join({ rom: "a" })
})
const rest = {
  history: () => Stream.empty,
  upload: () => Effect.succeed(0),
  ping: () => Effect.void,
  typing: () => Effect.void,
  sealed: () => Effect.succeed({ to: [] })
} as const
// @ts-expect-error missing handler "join"
export const a = Contract.implement(Chat, rest)
export const b = Contract.implement(Chat, {
  ...rest,
  // @ts-expect-error wrong success type
  join: () => Effect.succeed("x")
})
export const c = Contract.implement(Chat, {
  ...rest,
  // @ts-expect-error undeclared error
  join: () => Effect.fail(new Error("x"))
})
export const d = Contract.implement(Chat, {
  ...rest,
  join: (p, caller) => {
    // @ts-expect-error unknown event
    caller.emit("mesage", {})
    // @ts-expect-error wrong event payload
    caller.emit("typing", { from: 1 })
    return Effect.succeed(p.room.length)
  }
})

export const e = Contract.implement(Chat, {
  ...rest,
  join: () => Effect.succeed(1),
  // @ts-expect-error superfluous handler
  jion: () => Effect.void
})
