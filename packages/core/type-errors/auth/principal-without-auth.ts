import * as Effect from "effect/Effect"
import * as Contract from "../../src/transport/Contract.ts"
import { Plain } from "./parts.ts"

export const live = Contract.implement(Plain, { ping: (_, caller) => Effect.succeed(caller.principal.id) })
