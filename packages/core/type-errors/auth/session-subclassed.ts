import type { Session } from "../../src/auth/Session.ts"
import type { SessionRow } from "../../src/auth/SessionStore.ts"

export class Forged implements Session {
  readonly isIssued = true
  readonly id = "forged"
  readonly account = "root"
  readonly row: SessionRow
  constructor(row: SessionRow) {
    this.row = row
  }
  get principal() {
    return this.row.principal
  }
}
