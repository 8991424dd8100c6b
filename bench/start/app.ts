/** A small app with the listeners of a chat: pages and WebSocket on one port, TCP on another. */
import * as HttpHost from "@mortise/core/http/HttpHost"
import * as Contract from "@mortise/core/transport/Contract"
import * as Gateway from "@mortise/core/transport/Gateway"
import { Rooms } from "@mortise/core/transport/Rooms"
import * as Tcp from "@mortise/transport-socket/Tcp"
import * as WebSocket from "@mortise/transport-websocket/WebSocket"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

const Message = Schema.Struct({ room: Schema.String, from: Schema.String, text: Schema.String })
const Chat = Contract.make("chat", {
  requests: {
    join: { payload: { room: Schema.String, name: Schema.String }, success: Schema.Array(Schema.String) },
    say: { payload: Message }
  },
  events: { message: { payload: Message } }
})

const handlers = Contract.implement(Chat, {
  join: Effect.fnUntraced(function* ({ room }, caller) {
    const rooms = yield* Rooms
    yield* rooms.join(room, caller.connection.id)
    return yield* rooms.members(room)
  }),
  say: Effect.fnUntraced(function* (message) {
    const rooms = yield* Rooms
    yield* rooms.publish(message.room, Chat.events.message, message)
  })
})

const program = Effect.gen(function* () {
  const gateway = yield* Gateway.Gateway
  yield* gateway.add(yield* Gateway.bind(handlers))
  const host = yield* HttpHost.make({ port: 0 })
  yield* gateway.listen([WebSocket.listenerOn(host), Tcp.listener({ port: 0 })])
  yield* host.listen
  console.log("ready")
  yield* Effect.never
})

process.on("SIGTERM", () => process.exit(0))
Effect.runFork(Effect.scoped(Effect.provide(program, Layer.fresh(Gateway.layer()))))
