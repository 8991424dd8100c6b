// The contract that the mistakes of this folder are made with. Holds no mistake itself.
import * as Schema from "effect/Schema"
import * as Principal from "../../src/auth/Principal.ts"
import * as Contract from "../../src/transport/Contract.ts"

export const Desk = Contract.make("desk", {
  auth: { principal: Principal.withClaims({ name: Schema.String }) },
  requests: {
    whoami: { success: Schema.String },
    maybe: { success: Schema.String, requires: "optional" },
    open: { success: Schema.String, requires: "none" }
  }
})
export const Plain = Contract.make("plain", { requests: { ping: { success: Schema.String } } })
