/** The ways to be known that need nothing but core. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { PeerInfo } from "../transport/Transport.ts"
import * as ApiToken from "./ApiToken.ts"
import type { ApiTokenStore } from "./ApiTokenStore.ts"
import type { Authenticated, Authenticator } from "./Auth.ts"
import { type AuthenticationFailed, type AuthUnavailable, failed } from "./AuthError.ts"
import * as Credentials from "./Credentials.ts"
import { parseBasic } from "./internal/basic.ts"
import { nameKey } from "./internal/nameKey.ts"
import { equalSecrets } from "./internal/tokens.ts"
import * as Lockout from "./Lockout.ts"
import type { Principal } from "./Principal.ts"
import * as Session from "./Session.ts"
import type { SessionStore } from "./SessionStore.ts"

export type { Authenticated, Authenticator } from "./Auth.ts"

type Checked<A, R> = Effect.Effect<A, AuthenticationFailed | AuthUnavailable, R>

/** Binds the services that `authenticate` needs, from where this runs. */
const bound = <R>(
  name: string,
  reads: ReadonlyArray<string>,
  authenticate: (credentials: Credentials.Credentials, peer: PeerInfo) => Checked<Authenticated | undefined, R>
): Effect.Effect<Authenticator, never, R> =>
  Effect.map(Effect.context<R>(), (context) => ({
    name,
    reads,
    authenticate: (credentials, peer) => Effect.provideContext(authenticate(credentials, peer), context)
  }))

/** Everybody is `principal`, unless others before it know better. For programs on one machine, and for tests. */
export const none = (principal: Principal): Authenticator => ({
  name: "none",
  reads: [],
  authenticate: () => Effect.succeed({ principal, method: "none" })
})

/**
 * Name and password (RFC 7617). `verify` answers `undefined` for a wrong one and for a name that there is not, in the same
 * time (`Password.verify` does). It runs only where the lockout of (name, address) lets it.
 */
export const basic = <R>(options: {
  readonly verify: (
    username: string,
    password: Redacted.Redacted<string>,
    peer: PeerInfo
  ) => Checked<Principal | undefined, R>
}): Effect.Effect<Authenticator, never, R | Lockout.Lockout> =>
  bound("basic", ["authorization"], (credentials, peer) => {
    const text = Credentials.authorization(credentials, "Basic")
    if (text === undefined) return Effect.succeed(undefined)
    const parsed = parseBasic(text)
    if (parsed === undefined) return Effect.fail(failed("basic", "malformed"))
    const [account, password] = parsed
    const check = Effect.flatMap(options.verify(account, Redacted.make(password), peer), (principal) =>
      principal === undefined
        ? Effect.fail(failed("basic", "invalid", { account }))
        : Effect.succeed({ principal, method: "basic" })
    )
    // one count for all spellings, and for the other ways to log in by this name
    return Lockout.attempt({ account: nameKey(account), address: peer.address, method: "basic" }, check)
  })

/** How a token is checked: `undefined` where it is none of this kind, so that the next authenticator may know it. */
export interface TokenCheck<R> {
  readonly name?: string
  readonly verify: (
    token: Redacted.Redacted<string>,
    peer: PeerInfo
  ) => Checked<Omit<Authenticated, "method"> | undefined, R>
}

/** A token behind `Authorization: Bearer` (RFC 6750 §2.1). */
export const bearer = <R>({ name = "bearer", verify }: TokenCheck<R>): Effect.Effect<Authenticator, never, R> =>
  bound(name, ["authorization"], (credentials, peer) => {
    const token = Credentials.authorization(credentials, "Bearer")
    return token === undefined ? Effect.succeed(undefined) : known(name, verify(Redacted.make(token), peer))
  })

/** A key in a header whose name you choose. */
export const apiKey = <R>({
  header = "x-api-key",
  name = "apiKey",
  verify
}: TokenCheck<R> & {
  /** @default "x-api-key" */
  readonly header?: string
}): Effect.Effect<Authenticator, never, R> => {
  const key = header.toLowerCase()
  return bound(name, [key], (credentials, peer) => {
    const token = credentials.get(key)
    return token === undefined ? Effect.succeed(undefined) : known(name, verify(token, peer))
  })
}

const known = <R>(method: string, check: Checked<Omit<Authenticated, "method"> | undefined, R>) =>
  Effect.map(check, (found) => (found === undefined ? undefined : { ...found, method }))

/** Session tokens, behind `Authorization: Bearer`. */
export const sessions: Effect.Effect<Authenticator, never, SessionStore> = bearer({
  name: "session",
  verify: (token) =>
    ours(
      Effect.map(Session.verify(token), ({ id, principal, row }) => ({
        principal,
        session: id,
        expiresAt: row.expiresAt
      }))
    )
})

const apiToken = (token: Redacted.Redacted<string>) =>
  ours(
    Effect.map(ApiToken.verify(token), ({ expiresAt, id, principal }) => ({
      principal,
      token: id,
      ...(expiresAt === undefined ? {} : { expiresAt })
    }))
  )

/** API tokens, behind `Authorization: Bearer`. */
export const apiTokens: Effect.Effect<Authenticator, never, ApiTokenStore> = bearer({
  name: "apiToken",
  verify: apiToken
})

/** API tokens in a header whose name you choose; @default "x-api-key" */
export const apiTokensIn = (header?: string): Effect.Effect<Authenticator, never, ApiTokenStore> =>
  apiKey({ name: "apiToken", verify: apiToken, ...(header === undefined ? {} : { header }) })

/** A token of another kind is for the next authenticator. */
const ours = <A, R>(check: Checked<A, R>): Checked<A | undefined, R> =>
  Effect.catchIf(
    check,
    (error) => error._tag === "AuthenticationFailed" && error.reason === "unrecognized",
    () => Effect.succeed(undefined)
  )

/** Tokens that are written down in the configuration, each with whom it makes its bearer. */
export const fixed = (
  tokens: ReadonlyArray<{ readonly token: Redacted.Redacted<string>; readonly principal: Principal }>
): TokenCheck<never>["verify"] => {
  return (token) =>
    Effect.sync(() => {
      const text = Redacted.value(token)
      let found: Principal | undefined
      // all of them are compared, so that the time says nothing of which it was
      for (const one of tokens) if (equalSecrets(text, Redacted.value(one.token))) found ??= one.principal
      return found === undefined ? undefined : { principal: found }
    })
}
