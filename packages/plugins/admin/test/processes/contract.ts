import * as Contract from "@mortise/core/transport/Contract"
import * as Schema from "effect/Schema"

export const Echo = Contract.make("echo", {
  requests: { echo: { payload: { text: Schema.String }, success: Schema.String } }
})
