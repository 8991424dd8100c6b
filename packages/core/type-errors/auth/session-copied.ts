import type { Session } from "../../src/auth/Session.ts"

export const promote = (session: Session): Session => ({
  ...session,
  row: { ...session.row, principal: { id: "root", scopes: ["admin"], claims: {} } }
})
