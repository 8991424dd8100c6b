/**
 * Hears of authentication: who got in, who did not and why, which sessions and tokens were ended. One synchronous hook, which costs one
 * look at a size where nobody listens. Audit logs and event buses stand on it; the gateway hears of what is revoked.
 *
 * A reference, so that no layer has to require it: a composition gives each app a registry of its own; outside of one,
 * all share one.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Reason } from "./AuthError.ts"

export type AuthEvent = Succeeded | Failed | Revoked

/** Somebody got in: with the credentials of a connection, or by a request that signs in. */
export interface Succeeded {
  readonly type: "succeeded"
  readonly method: string
  /** Id of the principal. */
  readonly principal: string
  readonly address: string
}
export interface Failed {
  readonly type: "failed"
  readonly method: string
  readonly reason: Reason
  /** The account that was tried, where the method knows one; as the caller wrote it. */
  readonly account: string | undefined
  readonly address: string
}
export interface Revoked {
  readonly type: "revoked"
  /** Ids of the sessions and API tokens that ended. */
  readonly ids: ReadonlyArray<string>
}

/** Called synchronously; must not throw. */
export type Listener = (event: AuthEvent) => void

export interface Registry {
  readonly listeners: Set<Listener>
}
export const makeUnsafe = (): Registry => ({ listeners: new Set() })

/** The registry of the app. */
export const AuthEvents: Context.Reference<Registry> = Context.Reference("@mortise/core/auth/AuthEvents", {
  defaultValue: makeUnsafe
})

/** Listens until the scope closes. */
export const listen = (listener: Listener): Effect.Effect<void, never, Scope.Scope> =>
  Effect.flatMap(AuthEvents, ({ listeners }) =>
    Effect.acquireRelease(
      Effect.sync(() => void listeners.add(listener)),
      () => Effect.sync(() => void listeners.delete(listener))
    )
  )

/** Tells the listeners; the event is made only where there are any. */
export const publish = (event: () => AuthEvent): Effect.Effect<void> =>
  Effect.map(AuthEvents, ({ listeners }) => {
    if (listeners.size === 0) return
    const made = event()
    for (const listener of listeners) listener(made)
  })
