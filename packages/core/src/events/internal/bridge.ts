/** Publishes what synchronous hooks tell, while somebody subscribes to it. */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
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

const hooksFor = (bus: Shape, publish: (event: Effect.Effect<void, unknown>) => void) =>
  Effect.map(
    Observers,
    (observers): ReadonlyArray<Hook> => [
      hook(ClientEvents.Connected, observers.opened, ({ connection, peer: { address, transport } }) =>
        publish(bus.publish(ClientEvents.Connected, { connection, transport, address }))
      ),
      hook(ClientEvents.Disconnected, observers.closed, ({ code, connection, peer: { address, transport }, reason }) =>
        publish(bus.publish(ClientEvents.Disconnected, { connection, transport, address, code, reason }))
      ),
      hook(
        ClientEvents.MessageReceived,
        observers.message,
        ({ connection, kind, message, peer: { address, transport } }) =>
          publish(bus.publish(ClientEvents.MessageReceived, { connection, transport, address, message, kind }))
      )
    ]
  )
