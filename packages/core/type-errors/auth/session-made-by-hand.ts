import type { Session } from "../../src/auth/Session.ts"
import type { SessionRow } from "../../src/auth/SessionStore.ts"

export const make = (row: SessionRow): Session => ({
  row,
  id: row.id,
  principal: row.principal,
  account: row.account,
  isIssued: true
})
