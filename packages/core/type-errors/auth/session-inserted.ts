import * as Effect from "effect/Effect"
import { type SessionRow, SessionStore } from "../../src/auth/SessionStore.ts"

// a flow of one's own that would forget the lockout
export const letIn = (row: SessionRow) => Effect.flatMap(SessionStore, (store) => store.insert(row))
