import * as Schema from "effect/Schema"
import * as Contract from "../../src/transport/Contract.ts"

export const Chat = Contract.make("chat", {
  requests: {
    join: { payload: { room: Schema.String }, requires: ["member"] },
    ping: {}
  }
})
