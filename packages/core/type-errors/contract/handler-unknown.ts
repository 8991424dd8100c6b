import * as Effect from "effect/Effect"
import * as Contract from "../../src/transport/Contract.ts"
import { Chat } from "./parts.ts"

export const live = Contract.implement(Chat, {
  join: () => Effect.succeed(1),
  typing: () => Effect.void,
  leave: () => Effect.void
})
