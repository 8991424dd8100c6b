import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as App from "@mortise/core/app/App"
import * as Listening from "@mortise/core/app/Listening"
import * as Client from "@mortise/core/client/Client"
import * as WebSocketConnector from "@mortise/core/client/WebSocketConnector"
import { JsonWire } from "@mortise/core/transport/JsonWire"
import * as Tcp from "@mortise/transport-socket/Tcp"
import * as Unix from "@mortise/transport-socket/Unix"
import * as Effect from "effect/Effect"
import { app } from "../src/app.ts"
import { Chat } from "../src/contract.ts"
import { settings } from "./settings.ts"

const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "chat-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

/** The whole app on free ports, and ways to reach it; everything ends with the test. */
export const start = Effect.fnUntraced(function* (
  limits: { readonly chat?: { readonly membersPerRoom: number } } = {}
) {
  const path = join(yield* folder, "chat.sock")
  const ports = { http: { port: 0 }, tcp: { port: 0 }, unix: { path } }
  const running = yield* App.build(app, { ...ports, ...(yield* settings), ...limits })
  const listening = yield* Effect.provideContext(Listening.entries, running)
  const address = (name: string): string => listening.find((entry) => entry.name === name)?.address ?? ""
  const port = Number(new URL(address("tcp")).port)
  return {
    page: address("http"),
    webSocket: address("websocket"),
    socketPath: path,
    overUnix: Client.make(Chat, Unix.connector({ path })),
    overTcp: Client.make(Chat, Tcp.connector({ port })),
    overWebSocket: Client.make(Chat, WebSocketConnector.make({ url: address("websocket") }), { wire: JsonWire })
  }
})
