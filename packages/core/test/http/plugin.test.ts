import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Listening from "../../src/app/Listening.ts"
import * as Plugin from "../../src/app/Plugin.ts"
import { http, routes } from "../../src/http/HttpPlugin.ts"
import { get } from "./support.ts"

const hello = Plugin.define({
  name: "hello",
  contributes: [
    routes(
      Effect.succeed([
        { route: { method: "GET", path: "/hello", handler: (_, response) => void response.end("hello") } }
      ])
    )
  ]
})
const other = Plugin.define({
  name: "other",
  contributes: [
    routes(
      Effect.succeed([{ route: { method: "GET", path: "/hello", handler: (_, response) => void response.end() } }])
    )
  ]
})

describe("the http plugin", () => {
  it.live("listens when the routes of all plugins are there, and says where", () =>
    Effect.gen(function* () {
      const { context } = yield* Plugin.compose(hello(), http()).build({ http: { port: 0 } })
      const [entry] = yield* Effect.provide(Listening.entries, context)
      assert.equal(entry?.name, "http")
      assert.equal((yield* get(entry.address + "/hello")).text, "hello")
    })
  )

  it.live("names the plugin whose route is taken", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Plugin.compose(http(), hello(), other()).build({ http: { port: 0 } }))
      assert.match(String(error.message), /GET \/hello of the plugin other/)
    })
  )

  it.live("refuses a configuration with a port out of range", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Plugin.compose(http(), hello()).build({ http: { port: 70_000 } }))
      assert.equal(error._tag, "ConfigInvalid")
      assert.match(error.message, /port/)
    })
  )
})
