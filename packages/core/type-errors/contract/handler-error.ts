import * as Effect from "effect/Effect"
import * as Contract from "../../src/transport/Contract.ts"
import { Chat, Closed } from "./parts.ts"

export const live = Contract.implement(Chat, { join: () => Effect.fail(new Closed()), typing: () => Effect.void })
