import { request } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import * as App from "@mortise/core/app/App"
import * as Listening from "@mortise/core/app/Listening"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Client from "@mortise/core/client/Client"
import * as WebSocketConnector from "@mortise/core/client/WebSocketConnector"
import { http } from "@mortise/core/http/HttpPlugin"
import * as Contract from "@mortise/core/transport/Contract"
import { contract, gateway } from "@mortise/core/transport/GatewayPlugin"
import { websocket } from "@mortise/transport-websocket"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const Where = Contract.make("where", { requests: { am: { success: Schema.String } } })
const WhereLive = Contract.implement(Where, { am: (_, { connection }) => Effect.succeed(connection.peer.transport) })
const where = Plugin.define({ name: "where", contributes: [contract(WhereLive)] })

// the order must not matter: what needs something starts after it, and doors open last
const app = Plugin.compose(where(), websocket(), gateway(), http())

const build = Effect.fnUntraced(function* (section: NonNullable<Parameters<typeof app.build>[0]["websocket"]> = {}) {
  const running = yield* App.build(app, { http: { port: 0 }, websocket: section })
  return yield* Effect.provideContext(Listening.entries, running)
})

/** The status with which an upgrade of a page from `origin` is answered. */
const upgrade = (url: string, origin: string) =>
  Effect.callback<number | undefined>((resume) => {
    const headers = {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
      Origin: origin
    }
    const asked = request(url.replace("ws:", "http:"), { headers })
    asked.on("response", ({ statusCode }) => resume(Effect.succeed(statusCode)))
    asked.on("upgrade", ({ statusCode }, socket) => {
      socket.destroy()
      resume(Effect.succeed(statusCode))
    })
    asked.end()
    return Effect.sync(() => asked.destroy())
  })

describe("websocket()", () => {
  it.live("is reached at the path of the configuration, and told once what listens", () =>
    Effect.gen(function* () {
      const entries = yield* build({ path: "/chat" })
      assert.deepStrictEqual(entries.map(({ name }) => name).toSorted(), ["http", "websocket"])
      const url = entries.find(({ name }) => name === "websocket")?.address ?? ""
      assert.match(url, /^ws:\/\/127\.0\.0\.1:\d+\/chat$/)
      const client = yield* Client.make(Where, WebSocketConnector.make({ url }))
      assert.strictEqual(yield* client.request.am(), "websocket")
    })
  )

  it.live("lets the pages connect that the configuration names", () =>
    Effect.gen(function* () {
      const foreign = "https://a.example"
      const urlOf = (entries: ReadonlyArray<Listening.Entry>) =>
        entries.find(({ name }) => name === "websocket")?.address ?? ""
      assert.strictEqual(yield* upgrade(urlOf(yield* build()), foreign), 403)
      assert.strictEqual(yield* upgrade(urlOf(yield* build({ origins: [foreign] })), foreign), 101)
      assert.strictEqual(yield* upgrade(urlOf(yield* build({ origins: "any" })), "https://b.example"), 101)
    })
  )

  it.live("refuses a path that is none", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(App.build(app, { websocket: { path: "chat" } }))
      assert.deepStrictEqual(error._tag === "ConfigInvalid" && error.problems.map(({ path }) => path), [
        "websocket.path"
      ])
    })
  )
})
