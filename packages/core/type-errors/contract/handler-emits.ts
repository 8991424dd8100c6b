import * as Effect from "effect/Effect"
import * as Contract from "../../src/transport/Contract.ts"
import { Chat } from "./parts.ts"

export const live = Contract.implement(Chat, {
  join: (_payload, caller) =>
    Effect.as(
      Effect.sync(() => caller.emit("joined", { nam: "ada" })),
      1
    ),
  typing: () => Effect.void
})
