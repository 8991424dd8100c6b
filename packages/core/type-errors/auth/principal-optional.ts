import * as Effect from "effect/Effect"
import * as Contract from "../../src/transport/Contract.ts"
import { Desk } from "./parts.ts"

export const live = Contract.implement(Desk, {
  whoami: (_, caller) => Effect.succeed(caller.principal.id),
  maybe: (_, caller) => Effect.succeed(caller.principal.id),
  open: () => Effect.succeed("open")
})
