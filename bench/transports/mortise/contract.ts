import * as Contract from "@mortise/core/transport/Contract"
import * as Schema from "effect/Schema"

export const Echo = Schema.Struct({
  id: Schema.Int,
  t: Schema.String,
  u: Schema.String,
  r: Schema.String,
  s: Schema.Int,
  b: Schema.String
})

/** What the servers of the bench are asked; `limit/hello.ts` has the same messages. */
export const Bench = Contract.make("bench", {
  requests: {
    echo: { payload: Echo, success: Echo },
    /** The handler suspends, so that answers would wait for each other if they might not run at the same time. */
    hop: { payload: Echo, success: Echo, concurrency: 128 }
  }
})
