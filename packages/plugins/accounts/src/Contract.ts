/** What a client may ask about accounts. Imports no node module: pages and terminals make clients of it. */

import * as Errors from "@mortise/core/app/Errors"
import * as Principal from "@mortise/core/auth/Principal"
import * as Contract from "@mortise/core/transport/Contract"
import * as Schema from "effect/Schema"

/** An unknown name and a wrong password are the same; which it was is not told. */
export class InvalidCredentials extends Errors.make<InvalidCredentials>()(
  "InvalidCredentials",
  { component: "accounts", code: "ACCOUNTS_INVALID_CREDENTIALS", status: 401 },
  {
    message: Schema.String
  }
) {}
/** Too many failures for this account from this address, or too many who log in at once. */
export class TryLater extends Errors.make<TryLater>()(
  "TryLater",
  { component: "accounts", code: "ACCOUNTS_TRY_LATER", status: 429, retryable: true },
  {
    message: Schema.String,
    retryAfterMillis: Schema.Finite
  }
) {}
/** The name or the password cannot be one; the message says why. */
export class Refused extends Errors.make<Refused>()(
  "Refused",
  { component: "accounts", code: "ACCOUNTS_REFUSED", status: 422 },
  {
    field: Schema.Literals(["name", "password"]),
    message: Schema.String
  }
) {}
export class NameTaken extends Errors.make<NameTaken>()(
  "NameTaken",
  { component: "accounts", code: "ACCOUNTS_NAME_TAKEN", status: 409 },
  { message: Schema.String }
) {}
/** The database does not answer. Where it broke off in the middle, the change may have been made. */
export class Unavailable extends Errors.make<Unavailable>()(
  "Unavailable",
  { component: "accounts", code: "ACCOUNTS_UNAVAILABLE", status: 503, retryable: true },
  { message: Schema.String }
) {}

/** Somebody is let in. The token resumes the session on other connections: `Credentials.bearer(token)` or `resume`. */
export const LoggedIn = Schema.Struct({
  account: Schema.String,
  name: Schema.String,
  session: Schema.String,
  token: Schema.String
})
export type LoggedIn = typeof LoggedIn.Type

export const SessionInfo = Schema.Struct({
  id: Schema.String,
  /** Whether it is the one of this connection. */
  isThis: Schema.Boolean,
  createdAt: Schema.Date,
  lastSeenAt: Schema.Date,
  expiresAt: Schema.Date,
  address: Schema.String,
  device: Schema.String
})

const name = Schema.String.check(Schema.isMaxLength(200))
// as many bytes as are hashed, and no more than so many characters
const password = Schema.String.check(Schema.isMaxLength(4096))
const device = Schema.optionalKey(Schema.String.check(Schema.isMaxLength(200)))

export const Accounts = Contract.make("accounts", {
  auth: { principal: Principal.Named },
  requests: {
    /** Makes an account and signs this connection in. */
    register: {
      payload: { name, password, device },
      success: LoggedIn,
      error: Schema.Union([Refused, NameTaken, TryLater, Unavailable]),
      requires: "none"
    },
    /** Signs this connection in. */
    login: {
      payload: { name, password, device },
      success: LoggedIn,
      error: Schema.Union([InvalidCredentials, TryLater, Unavailable]),
      requires: "none"
    },
    /** Signs this connection in with the token of a session. */
    resume: {
      payload: { token: Schema.String.check(Schema.isMaxLength(200)) },
      success: Schema.Struct({ account: Schema.String, name: Schema.String, session: Schema.String }),
      error: Schema.Union([InvalidCredentials, Unavailable]),
      requires: "none"
    },
    /** Ends this connection's session, everywhere. */
    logout: { error: Unavailable },
    /** Ends all other sessions; gives how many. */
    changePassword: {
      payload: { current: password, next: password },
      success: Schema.Int,
      error: Schema.Union([Refused, InvalidCredentials, TryLater, Unavailable])
    },
    sessions: { success: Schema.Array(SessionInfo), error: Unavailable },
    /** Ends one of the caller's sessions; says whether there was one. */
    revoke: {
      payload: { session: Schema.String.check(Schema.isMaxLength(200)) },
      success: Schema.Boolean,
      error: Unavailable
    },
    whoami: { success: Schema.Struct({ account: Schema.String, name: Schema.String }) }
  }
})
