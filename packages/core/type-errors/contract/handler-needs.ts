import * as Effect from "effect/Effect"
import * as Plugin from "../../src/app/Plugin.ts"
import * as Contract from "../../src/transport/Contract.ts"
import { contract } from "../../src/transport/GatewayPlugin.ts"
import { Chat, Members } from "./parts.ts"

const live = Contract.implement(Chat, {
  join: ({ room }) => Effect.flatMap(Members, (members) => members.join(room)),
  typing: () => Effect.void
})
export const plugin = Plugin.define({ name: "chat", contributes: [contract(live)] })
