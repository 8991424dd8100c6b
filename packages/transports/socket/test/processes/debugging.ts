// The app that debugging.test.ts starts as a process, with and without `--debug`. Its configuration wants few lines.
import * as App from "@mortise/core/app/App"
import { log } from "@mortise/core/app/LogPlugin"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Contract from "@mortise/core/transport/Contract"
import { contract, gateway } from "@mortise/core/transport/GatewayPlugin"
import * as Effect from "effect/Effect"
import { tcp } from "../../src/index.ts"
import { Door } from "./contract.ts"

const live = Contract.implement(Door, {
  knock: ({ name }) => Effect.as(Effect.logDebug("knocked"), `come in, ${name}`)
})
const door = Plugin.define({ name: "door", contributes: [contract(live)] })

App.run(Plugin.compose(log(), gateway(), tcp(), door()), {
  name: "door",
  config: { log: { level: "warn", sampling: { request: { limit: 1, by: "category" } } }, tcp: { port: 0 } }
})
