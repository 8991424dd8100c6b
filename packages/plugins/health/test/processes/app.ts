// The app that sigterm.test.ts starts as a process.
import * as App from "@mortise/core/app/App"
import * as Plugin from "@mortise/core/app/Plugin"
import { http, routes } from "@mortise/core/http/HttpPlugin"
import * as Contract from "@mortise/core/transport/Contract"
import { contract, gateway } from "@mortise/core/transport/GatewayPlugin"
import { tcp } from "@mortise/transport-socket"
import { websocket } from "@mortise/transport-websocket"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { health } from "../../src/index.ts"
import { Work } from "./contract.ts"

/** What handlers have begun. */
const begun = { messages: 0, pages: 0 }

const live = Contract.implement(Work, {
  work: ({ n }) => {
    begun.messages++
    return Effect.as(Effect.sleep("15 millis"), n)
  }
})

const worker = Plugin.define({
  name: "worker",
  layer: () =>
    Layer.effectDiscard(
      Effect.addFinalizer(() =>
        Effect.sync(() => process.stdout.write(`${JSON.stringify({ event: "begun", ...begun })}\n`))
      )
    ),
  contributes: [
    contract(live),
    routes(
      Effect.succeed([
        {
          route: {
            method: "GET",
            path: "/work",
            handler: (_, response) => {
              begun.pages++
              return Effect.map(Effect.sleep("15 millis"), () => void response.end("done"))
            }
          }
        }
      ])
    )
  ]
})

App.run(Plugin.compose(http(), gateway(), tcp(), websocket(), worker(), health()), {
  name: "worker",
  config: { http: { port: 0 }, tcp: { port: 0 }, health: { drainDelayMillis: 1500 } }
})
