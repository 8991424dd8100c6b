// The contract that the mistakes of this folder are made with. Holds no mistake itself.
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Contract from "../../src/transport/Contract.ts"

export class RoomFull extends Schema.TaggedError<RoomFull>()("RoomFull", { room: Schema.String }) {}
export class Closed extends Schema.TaggedError<Closed>()("Closed", {}) {}
export class Members extends Context.Service<
  Members,
  { readonly join: (room: string) => Effect.Effect<number, RoomFull> }
>()("shop/Members") {}

export const Chat = Contract.make("chat", {
  requests: { join: { payload: { room: Schema.String }, success: Schema.Int, error: RoomFull } },
  signals: { typing: { payload: { room: Schema.String } } },
  events: { joined: { payload: { name: Schema.String } } }
})
