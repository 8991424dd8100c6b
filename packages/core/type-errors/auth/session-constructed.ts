import { Session } from "../../src/auth/Session.ts"
import type { SessionRow } from "../../src/auth/SessionStore.ts"

export const make = (row: SessionRow): Session => new Session(row)
