import * as Effect from "effect/Effect"
import * as Plugin from "../../src/app/Plugin.ts"
import { Auth } from "../../src/auth/Auth.ts"
import * as Contract from "../../src/transport/Contract.ts"
import { contract, gateway } from "../../src/transport/GatewayPlugin.ts"
import { Desk } from "./parts.ts"

const live = Contract.implement(Desk, {
  whoami: (_, { principal }) => Effect.succeed(principal.id),
  maybe: () => Effect.succeed("maybe"),
  open: () => Effect.succeed("open")
})
const desk = Plugin.define({ name: "desk", requires: [Auth], contributes: [contract(live)] })
export const app = Plugin.compose(gateway(), desk())
