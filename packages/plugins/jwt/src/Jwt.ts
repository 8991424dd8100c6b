/**
 * JSON Web Tokens (RFC 7519) that somebody else has signed, as credentials. What a token may be is fixed beforehand (RFC
 * 8725): one algorithm, issuer, audience, type; nothing in a token chooses any of it.
 */
import type * as Auth from "@mortise/core/auth/Auth"
import { type AuthenticationFailed, failed } from "@mortise/core/auth/AuthError"
import * as Credentials from "@mortise/core/auth/Credentials"
import type { Principal } from "@mortise/core/auth/Principal"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import { errors, type JWTPayload, jwtVerify } from "jose"
import { type JwtKeyInvalid, type Keys, keysOf } from "./Keys.ts"
import { principalOf } from "./principal.ts"

/** The algorithms of RFC 7518 §3.1 and RFC 8037 that may be chosen. There is no `none` among them. */
export const algorithms = [
  "EdDSA",
  "ES256",
  "ES384",
  "ES512",
  "PS256",
  "PS384",
  "PS512",
  "RS256",
  "RS384",
  "RS512",
  "HS256",
  "HS384",
  "HS512"
] as const
export type Algorithm = (typeof algorithms)[number]

export interface JwtOptions {
  /** The one algorithm that is taken. */
  readonly algorithm: Algorithm
  /**
   * What it is checked with. For `HS…` the secret itself, at least as long as the hash (RFC 7518 §3.2); for the others a
   * public key: PEM (`-----BEGIN PUBLIC KEY-----`), a JWK, or a JWK Set whose keys are told apart by `kid`.
   */
  readonly key: Redacted.Redacted<string>
  readonly issuer: string
  readonly audience: string
  /** The `typ` of the header, which keeps tokens that are meant for something else out; @default "JWT" */
  readonly type?: string | undefined
  /** How far the clocks of issuer and server may be apart, in seconds; @default 0 */
  readonly clockToleranceSeconds?: number | undefined
  /**
   * Whom a token makes its bearer. By default `sub` is the id, `scope` (RFC 8693 §4.2) the scopes, and what is not
   * registered in RFC 7519 §4.1 the claims. `undefined` refuses the token.
   */
  readonly principal?: ((payload: JWTPayload) => Principal | undefined) | undefined
}

/** Longest token that is looked at, in characters. */
export const maxTokenLength = 8 * 1024
/** RFC 7515 §3.1; a signature may be empty here, so that `none` is refused and not passed on to others. */
const COMPACT = /^[\w-]+\.[\w-]*\.[\w-]*$/
const METHOD = "jwt"

/** The authenticator. Fails where the key is not one for the algorithm. */
export const make = (options: JwtOptions): Effect.Effect<Auth.Authenticator, JwtKeyInvalid> =>
  Effect.map(keysOf(options.algorithm, options.key), (keys) => ({
    name: METHOD,
    reads: ["authorization"],
    authenticate: (credentials) => {
      const token = Credentials.authorization(credentials, "Bearer")
      return token === undefined || !COMPACT.test(token) ? Effect.succeed(undefined) : verify(token, keys, options)
    }
  }))

const verify = Effect.fnUntraced(function* (token: string, keys: Keys, options: JwtOptions) {
  if (token.length > maxTokenLength) return yield* failed(METHOD, "malformed")
  const now = yield* Clock.currentTimeMillis
  const { payload } = yield* Effect.tryPromise({
    try: () =>
      jwtVerify(token, ({ kid }) => keys(kid), {
        algorithms: [options.algorithm],
        issuer: options.issuer,
        audience: options.audience,
        typ: options.type ?? "JWT",
        requiredClaims: ["exp", "sub"],
        clockTolerance: options.clockToleranceSeconds ?? 0,
        currentDate: new Date(now)
      }),
    catch: (thrown) => thrown
  }).pipe(Effect.catch((thrown) => refused(thrown)))
  const principal = (options.principal ?? principalOf)(payload)
  if (principal === undefined) return yield* failed(METHOD, "invalid")
  const tolerance = (options.clockToleranceSeconds ?? 0) * 1000
  return {
    principal,
    method: METHOD,
    expiresAt: (payload.exp as number) * 1000 + tolerance
  } satisfies Auth.Authenticated
})

/** What jose says, in the words of auth; what is not about the token is a bug. */
const refused = (thrown: unknown): Effect.Effect<never, AuthenticationFailed> => {
  if (thrown instanceof errors.JWTExpired) return Effect.fail(failed(METHOD, "expired"))
  if (thrown instanceof errors.JWTInvalid || thrown instanceof errors.JWSInvalid)
    return Effect.fail(failed(METHOD, "malformed"))
  return thrown instanceof errors.JOSEError ? Effect.fail(failed(METHOD, "invalid")) : Effect.die(thrown)
}
