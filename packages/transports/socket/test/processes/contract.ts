import * as Contract from "@mortise/core/transport/Contract"
import * as Schema from "effect/Schema"

export const Door = Contract.make("door", {
  requests: { knock: { payload: { name: Schema.String, password: Schema.String }, success: Schema.String } }
})
