/**
 * The one question of authentication: who is it that shows these credentials? Authenticators answer it, tried in order;
 * the gateway asks it for each connection that shows some.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import type { PeerInfo } from "../transport/Transport.ts"
import { type AuthenticationFailed, type AuthUnavailable, failed } from "./AuthError.ts"
import * as AuthEvents from "./AuthEvents.ts"
import { type Credentials, maxLength, read } from "./Credentials.ts"
import type { Principal } from "./Principal.ts"

/** Somebody is known: who, how, and for how long. */
export interface Authenticated {
  readonly principal: Principal
  /** Name of the authenticator. */
  readonly method: string
  /** Id of the session, where there is one: a connection loses its principal when that session is revoked. */
  readonly session?: string
  /** Id of the API token, where there is one: the same is true of it. */
  readonly token?: string
  /** When it ends, in milliseconds since the epoch; never where absent. */
  readonly expiresAt?: number
}

/**
 * One way to be known. Answers `undefined` where nothing of its kind was shown, so that the next one is asked; a failure
 * ends the search.
 */
export interface Authenticator {
  readonly name: string
  /** Names of the headers it reads, in lower case. None: it is asked for every connection, whatever it shows. */
  readonly reads: ReadonlyArray<string>
  readonly authenticate: (
    credentials: Credentials,
    peer: PeerInfo
  ) => Effect.Effect<Authenticated | undefined, AuthenticationFailed | AuthUnavailable>
}

export class Auth extends Context.Service<
  Auth,
  {
    /**
     * Who shows these credentials; `undefined` is nobody: nothing was shown. What was shown and is not taken fails.
     * While the app starts, it waits until its authenticators are there.
     */
    readonly authenticate: (
      credentials: Credentials,
      peer: PeerInfo
    ) => Effect.Effect<Authenticated | undefined, AuthenticationFailed | AuthUnavailable>
    /** Whether any of these names is one of credentials: a quick way past those who show nothing. */
    readonly concerns: (names: Iterable<string>) => boolean
    /** Whether there is an authenticator that wants to be asked about those who show nothing, too. */
    readonly asksAll: () => boolean
  }
>()("@mortise/core/auth/Auth") {}

type Begin = (authenticators: ReadonlyArray<Authenticator>) => void
const begins = new WeakMap<Auth["Service"], Begin>()

/** An `Auth` whose authenticators come later, by `begin`: in a composition they are there once all layers are. */
export const makeDeferred: Effect.Effect<Auth["Service"]> = Effect.sync(() => {
  const ready = Latch.makeUnsafe()
  // until the authenticators are known, everybody has to wait for them
  let begun = false
  let asksAll = true
  let authenticators: ReadonlyArray<Authenticator> = []
  // credentials of a scheme that nobody reads are refused, not overlooked
  const reads = new Set(["authorization"])

  const search = Effect.fnUntraced(function* (credentials: Credentials, peer: PeerInfo) {
    yield* ready.await
    let shown = false
    for (const name of credentials.keys()) {
      if (!reads.has(name)) continue
      shown = true
      if ((read(credentials, name) as string).length > maxLength) return yield* failed("credentials", "malformed")
    }
    for (const authenticator of authenticators) {
      const known = yield* authenticator.authenticate(credentials, peer)
      if (known !== undefined) return known
    }
    return shown ? yield* failed("credentials", "unrecognized") : undefined
  })

  const auth = Auth.of({
    authenticate: (credentials, peer) =>
      search(credentials, peer).pipe(
        Effect.tap((known) => (known === undefined ? Effect.void : succeeded(known, peer))),
        Effect.tapErrorTag("AuthenticationFailed", (error) => failedAt(error, peer))
      ),
    concerns: (names) => {
      for (const name of names) if (!begun || reads.has(name.toLowerCase())) return true
      return false
    },
    asksAll: () => asksAll
  })
  begins.set(auth, (list) => {
    begun = true
    authenticators = list
    asksAll = list.some((one) => one.reads.length === 0)
    for (const { reads: names } of list) for (const name of names) reads.add(name.toLowerCase())
    ready.openUnsafe()
  })
  return auth
})

/** Gives a deferred `Auth` its authenticators, and lets go of who waits. */
export const begin = (auth: Auth["Service"], authenticators: ReadonlyArray<Authenticator>): Effect.Effect<void> =>
  Effect.sync(() => begins.get(auth)?.(authenticators))

const succeeded = ({ method, principal }: Authenticated, { address }: PeerInfo) =>
  AuthEvents.publish(() => ({ type: "succeeded", method, principal: principal.id, address }))
const failedAt = ({ account, method, reason }: AuthenticationFailed, { address }: PeerInfo) =>
  AuthEvents.publish(() => ({ type: "failed", method, reason, account, address }))

/** Tries `authenticators` in order. */
export const make = (authenticators: ReadonlyArray<Authenticator>): Effect.Effect<Auth["Service"]> =>
  Effect.tap(makeDeferred, (auth) => begin(auth, authenticators))

export const layer = (...authenticators: ReadonlyArray<Authenticator>): Layer.Layer<Auth> =>
  Layer.effect(Auth, make(authenticators))
