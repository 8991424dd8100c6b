import * as Effect from "effect/Effect"
import * as Contract from "../../src/transport/Contract.ts"
import { Desk } from "./parts.ts"

export const live = Contract.implement(Desk, {
  whoami: (_, caller) => Effect.as(caller.authenticate({ id: "s", account: "root" }), "root"),
  maybe: () => Effect.succeed("maybe"),
  open: () => Effect.succeed("open")
})
