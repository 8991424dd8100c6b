import * as Effect from "effect/Effect"
import * as Plugin from "../../src/app/Plugin.ts"
import * as Contract from "../../src/transport/Contract.ts"
import { contract } from "../../src/transport/GatewayPlugin.ts"
import { Chat } from "./parts.ts"

const live = Contract.implement(Chat, { join: () => Effect.succeed(1) })

// one mistake, one error: the plugin on top of it has nothing to say
export const chat = Plugin.define({ name: "chat", contributes: [contract(live)] })
