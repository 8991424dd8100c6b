import * as Contract from "@mortise/core/transport/Contract"
import * as Schema from "effect/Schema"

export const Work = Contract.make("work", {
  requests: { work: { payload: { n: Schema.Int }, success: Schema.Int, concurrency: 64 } }
})
