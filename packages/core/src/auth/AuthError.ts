/** What can go wrong when somebody shows credentials. */
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"

/**
 * Why credentials were not taken. `unrecognized`: no authenticator knows what was shown. `malformed`: it has not the form
 * that it claims. `invalid`: it is wrong; an unknown name and a wrong password are the same. `expired`, `revoked`: it was
 * right once. `locked`: too many failures, come back later. `overloaded`: the server has too many to check at once.
 */
export const Reason = Schema.Literals([
  "unrecognized",
  "malformed",
  "invalid",
  "expired",
  "revoked",
  "locked",
  "overloaded"
])
export type Reason = typeof Reason.Type

/** Credentials were shown and not taken. The message is for whoever showed them: it holds nothing that helps to guess. */
export class AuthenticationFailed extends Errors.make<AuthenticationFailed>()(
  "AuthenticationFailed",
  {
    component: "auth",
    prefix: "AUTH",
    reasons: {
      unrecognized: { status: 401 },
      malformed: { status: 401 },
      invalid: { status: 401 },
      expired: { status: 401 },
      revoked: { status: 401 },
      locked: { status: 429, retryable: true },
      overloaded: { status: 429, retryable: true }
    }
  },
  {
    reason: Reason,
    /** Name of the authenticator or the flow: `basic`, `bearer`, `accounts`. */
    method: Schema.String,
    message: Schema.String,
    /** The account that was tried, where the method knows one; as the caller wrote it. For logs, not for the caller. */
    account: Schema.optionalKey(Schema.String),
    /** When another try makes sense, in milliseconds from now; with `locked` and `overloaded`. */
    retryAfterMillis: Schema.optionalKey(Schema.Finite)
  }
) {}

/** The stores that authentication needs do not answer. Nobody gets in: it fails closed. */
export class AuthUnavailable extends Errors.make<AuthUnavailable>()(
  "AuthUnavailable",
  { component: "auth", code: "AUTH_UNAVAILABLE", status: 503, retryable: true },
  {
    /** What was asked: `SessionStore.find`. */
    operation: Schema.String,
    message: Schema.String,
    cause: Schema.optionalKey(Schema.Defect())
  }
) {}

const told: { readonly [reason in Reason]: string } = {
  unrecognized: "Nobody here knows credentials of this kind",
  malformed: "The credentials are malformed",
  invalid: "The credentials are not right",
  expired: "The credentials have expired: log in again",
  revoked: "The credentials were revoked: log in again",
  locked: "Too many failed attempts: try again later",
  overloaded: "Too many are logging in at once: try again soon"
}

/** The failure of `method` for `reason`, in the words that every method uses for it. */
export const failed = (
  method: string,
  reason: Reason,
  about: { readonly account?: string; readonly retryAfterMillis?: number } = {}
): AuthenticationFailed => new AuthenticationFailed({ method, reason, message: told[reason], ...about })
