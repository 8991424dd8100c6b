/** Publishes what synchronous hooks tell, while somebody subscribes to it. */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import { type AuthEvent, AuthEvents } from "../../auth/AuthEvents.ts"
import { Observers } from "../../transport/Observers.ts"
import * as ClientEvents from "../ClientEvents.ts"
import type { Shape } from "../EventBus.ts"

/** Events that wait to be published at most; one more is dropped, since a hook cannot wait. */
const MAX_WAITING = 4096

/** A hook that is there only while it is wanted. */
interface Hook {
  readonly subject: string
  readonly set: (wanted: boolean) => void
}

/** `always`: also on a bus that does not know who subscribes. */
export const make = Effect.fnUntraced(function* (
  bus: Shape,
  always: boolean
): Effect.fn.Return<void, never, Scope.Scope> {
  const { interest } = bus
  if (interest === undefined && !always) return
  const waiting = yield* Queue.dropping<Effect.Effect<void, unknown>>(MAX_WAITING)
  const publish = (event: Effect.Effect<void, unknown>): void => void Queue.offerUnsafe(waiting, event)
  const told = (error: unknown) => Effect.logWarning("An event of a client could not be published", error)
  yield* Effect.forkScoped(Effect.forever(Effect.flatMap(Queue.take(waiting), (event) => Effect.catch(event, told))))

  const hooks = yield* hooksFor(bus, publish)
  const look = (): void => {
    for (const hook of hooks) hook.set(always || interest?.has(hook.subject) === true)
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      look()
      return interest?.listen(look)
    }),
    (end) =>
      Effect.sync(() => {
        end?.()
        for (const hook of hooks) hook.set(false)
      })
  )
})

const hook = <A>(
  event: { readonly subject: string },
  listeners: Set<(seen: A) => void>,
  tell: (seen: A) => void
): Hook => ({
  subject: event.subject,
  set: (wanted) => void (wanted ? listeners.add(tell) : listeners.delete(tell))
})

/** An authenticator tells everything to one set of listeners: each hook takes what is its own. */
const authHook = <T extends AuthEvent["type"]>(
  type: T,
  event: { readonly subject: string },
  listeners: Set<(seen: AuthEvent) => void>,
  tell: (seen: Extract<AuthEvent, { readonly type: T }>) => void
): Hook =>
  hook(event, listeners, (seen: AuthEvent) => {
    if (seen.type === type) tell(seen as Extract<AuthEvent, { readonly type: T }>)
  })

const hooksFor = Effect.fnUntraced(function* (bus: Shape, publish: (event: Effect.Effect<void, unknown>) => void) {
  const { closed, message, opened } = yield* Observers
  const { listeners } = yield* AuthEvents
  const hooks: ReadonlyArray<Hook> = [
    hook(ClientEvents.Connected, opened, ({ connection, peer: { address, transport } }) =>
      publish(bus.publish(ClientEvents.Connected, { connection, transport, address }))
    ),
    hook(ClientEvents.Disconnected, closed, ({ code, connection, peer: { address, transport }, reason }) =>
      publish(bus.publish(ClientEvents.Disconnected, { connection, transport, address, code, reason }))
    ),
    hook(ClientEvents.MessageReceived, message, ({ connection, kind, message, peer: { address, transport } }) =>
      publish(bus.publish(ClientEvents.MessageReceived, { connection, transport, address, message, kind }))
    ),
    authHook("succeeded", ClientEvents.AuthenticationSucceeded, listeners, ({ address, method, principal }) =>
      publish(bus.publish(ClientEvents.AuthenticationSucceeded, { method, principal, address }))
    ),
    authHook("failed", ClientEvents.AuthenticationFailed, listeners, ({ account, address, method, reason }) =>
      publish(
        bus.publish(ClientEvents.AuthenticationFailed, {
          method,
          reason,
          address,
          ...(account === undefined ? {} : { account })
        })
      )
    )
  ]
  return hooks
})
