/**
 * Passwords: hashed with argon2id in the PHC string format, so that a hash says how it was made. Hashing is what a login
 * costs, so it is bounded: so many at a time, so many waiting, and the rest is refused at once.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"
import type { AuthenticationFailed } from "./AuthError.ts"

/** A password that is not hashed: `reason` says which rule it breaks. There are no rules of composition (NIST SP 800-63B). */
export class PasswordRefused extends Errors.make<PasswordRefused>()(
  "PasswordRefused",
  { component: "auth", code: "AUTH_PASSWORD_REFUSED", status: 422 },
  {
    /** `too-short`: in characters. `too-long`: in bytes. `not-text`: half of a surrogate pair stands alone. */
    reason: Schema.Literals(["too-short", "too-long", "not-text"]),
    message: Schema.String
  }
) {}

/** Costs of argon2id. The default is OWASP's first choice: 19 MiB, 2 passes, 1 lane. */
export interface Argon2Parameters {
  /** KiB. */
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}
export const defaultParameters: Argon2Parameters = { memory: 19_456, passes: 2, parallelism: 1 }

export class Password extends Context.Service<
  Password,
  {
    /** A hash to keep. Fails with `overloaded` where too many wait. */
    readonly hash: (
      password: Redacted.Redacted<string>
    ) => Effect.Effect<string, PasswordRefused | AuthenticationFailed>
    /**
     * Whether a password is the one of a hash. Without a hash (there is no such account) it does the same work and says
     * no, so that nobody learns from the time which accounts there are. Fails with `overloaded` where too many wait.
     */
    readonly verify: (
      password: Redacted.Redacted<string>,
      hash: string | undefined
    ) => Effect.Effect<boolean, AuthenticationFailed>
    /** Whether a hash was made with less than today's costs, or in a way that is not known here. */
    readonly needsRehash: (hash: string) => boolean
  }
>()("@mortise/core/auth/Password") {}

export interface Options {
  readonly parameters?: Argon2Parameters
  /** Hashes at a time: as many as there are processors. */
  readonly concurrency?: number
  /** Hashes that wait for their turn before further ones are refused with `overloaded`: 64. */
  readonly maxWaiting?: number
  /** Fewest characters of a new password: 8. */
  readonly minLength?: number
}
