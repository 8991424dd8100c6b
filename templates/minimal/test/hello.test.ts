import { assert, describe, it } from "@effect/vitest"
import * as App from "@mortise/core/app/App"
import * as Listening from "@mortise/core/app/Listening"
import * as Client from "@mortise/core/client/Client"
import * as WebSocketConnector from "@mortise/core/client/WebSocketConnector"
import * as Effect from "effect/Effect"
import { app } from "../src/app.ts"
import { config } from "../src/config.ts"
import { Greeter, NotOnTheList } from "../src/contract.ts"

/** The whole app on a free port, and a client of it; both end with the test. */
const connect = Effect.gen(function* () {
  const running = yield* App.build(app, { ...config, http: { port: 0 } })
  const listening = yield* Effect.provideContext(Listening.entries, running)
  const url = listening.find(({ name }) => name === "websocket")?.address ?? "nothing listens"
  return yield* Client.make(Greeter, WebSocketConnector.make({ url }))
})

describe("hello", () => {
  it.live("greets by name", () =>
    Effect.gen(function* () {
      const client = yield* connect
      assert.strictEqual(yield* client.request.hello({ name: "Ada" }), "Hello, Ada!")
    })
  )

  it.live("fails with the error that the contract declares", () =>
    Effect.gen(function* () {
      const client = yield* connect
      const error = yield* Effect.flip(client.request.hello({ name: "Nobody" }))
      assert.deepStrictEqual(error, new NotOnTheList({ name: "Nobody" }))
    })
  )

  it.live("says where a payload does not fit the contract", () =>
    Effect.gen(function* () {
      const client = yield* connect
      const error = yield* Effect.flip(client.request.hello({ name: "<script>" }))
      assert.deepStrictEqual(error._tag === "RequestFault" && error.path, ["name"])
    })
  )
})
