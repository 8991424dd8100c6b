import * as Principal from "@mortise/core/auth/Principal"
import * as Contract from "@mortise/core/transport/Contract"
import { Name } from "../contract.ts"

/** What an app with accounts says of names, over the chat's connection. Signing in is `@mortise/plugin-accounts/Contract`. */
export const Names = Contract.make("names", {
  auth: { principal: Principal.Named },
  events: {
    /** The connection is out of its room, for it is not signed in any more to the account that the name belongs to. */
    lost: { payload: { name: Name }, requires: "none" }
  }
})
