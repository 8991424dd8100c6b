/** What a page needs to talk: a contract, the platform's WebSocket, the typed client on the json wire. */
import * as Client from "@mortise/core/client/Client"
import * as WebSocketConnector from "@mortise/core/client/WebSocketConnector"
import * as Contract from "@mortise/core/transport/Contract"
import { JsonWire } from "@mortise/core/transport/JsonWire"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

const Chat = Contract.make("chat", {
  requests: { join: { payload: { room: Schema.String }, success: Schema.Array(Schema.String) } },
  signals: { typing: { payload: { room: Schema.String } } },
  events: { message: { payload: { from: Schema.String, text: Schema.String } } }
})

const program = Effect.gen(function* () {
  const client = yield* Client.make(Chat, WebSocketConnector.make({ url: "/ws" }), { wire: JsonWire })
  yield* client.request.join({ room: "lobby" })
  yield* Stream.runForEach(client.events.message, (message) => Effect.logInfo(message.text))
})

Effect.runFork(Effect.scoped(program))
