// The app that admin.test.ts starts as a process, in a folder of its own.
import * as App from "@mortise/core/app/App"
import * as Log from "@mortise/core/app/Log"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Contract from "@mortise/core/transport/Contract"
import { contract, gateway } from "@mortise/core/transport/GatewayPlugin"
import { tcp } from "@mortise/transport-socket"
import * as Effect from "effect/Effect"
import { admin } from "../../src/index.ts"
import { Echo } from "./contract.ts"

const live = Contract.implement(Echo, {
  echo: ({ text }) => Effect.as(Log.write("request", "Debug", "echoed", { text, apiToken: "hunter2hunter2" }), text)
})

App.run(Plugin.compose(gateway(), tcp(), admin(), Plugin.define({ name: "echo", contributes: [contract(live)] })()), {
  name: "echo",
  config: { tcp: { port: 0 } }
})
