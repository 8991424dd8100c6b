/**
 * The bus as a plugin, and the point where plugins put handlers.
 *
 * @example
 * const greeter = Plugin.define({
 *   name: "greeter",
 *   requires: [Rooms],
 *   contributes: [EventsPlugin.handler(Joined, ({ payload }) => greet(payload.user))]
 * })
 * const app = Plugin.compose(gateway(), EventsPlugin.events(), greeter())
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Contribution from "../app/Contribution.ts"
import * as Drain from "../app/Drain.ts"
import * as Plugin from "../app/Plugin.ts"
import type { Broker } from "./Broker.ts"
import type { Received } from "./Envelope.ts"
import type { Event, Places } from "./Event.ts"
import { EventBus, make, type OnOptions, type SubscribeError } from "./EventBus.ts"
import { broker } from "./InProcess.ts"
import { make as bridge } from "./internal/bridge.ts"
import { make as chains } from "./internal/chains.ts"

/** A handler with its services bound: subscribes until the scope closes. */
export interface Handler {
  readonly subscribe: (bus: EventBus["Service"]) => Effect.Effect<void, SubscribeError, Scope.Scope>
}

/** Where plugins put handlers; the plugin that provides `EventBus` hosts it. */
export const Handlers = Contribution.point<Handler>()("events.handlers")

/**
 * Handles an event for as long as the app runs, with the services that the contributing plugin declares. See `EventBus.on`.
 */
export const handler = <S extends string, A, R = never, R2 = never>(
  event: Event<S, A>,
  handle: (event: Received<A, Places<S>>) => Effect.Effect<unknown, unknown, R>,
  options?: OnOptions<A, Places<S>, R2>
) =>
  Contribution.contribute(
    Handlers,
    Effect.contextWith((context: Context.Context<R | R2>) =>
      Effect.succeed<Handler>({
        subscribe: (bus) =>
          Effect.contextWith((outer: Context.Context<Scope.Scope>) =>
            Effect.provideContext(bus.on(event, handle, options), Context.merge(context, outer))
          )
      })
    )
  )

/** Puts the contributed handlers to work. For plugins that provide `EventBus`. */
export const host = Contribution.host(Handlers, (handlers) =>
  Effect.flatMap(EventBus, (bus) => Effect.forEach(handlers, ({ subscribe }) => subscribe(bus), { discard: true }))
)

/**
 * The layer of a plugin that provides `EventBus` on a broker: handlers are waited for when the app stops, and what clients
 * do is published while somebody subscribes to it (`always`: on brokers that do not know who subscribes, too).
 */
export const layerOf = <E>(
  open: Effect.Effect<Broker, E, Scope.Scope>,
  options: { readonly name: string; readonly always: boolean }
): Layer.Layer<EventBus, E> =>
  Layer.effect(
    EventBus,
    Effect.gen(function* () {
      const bus = yield* make(yield* open)
      yield* bridge(bus, options.always)
      yield* chains
      yield* Drain.add(options.name, bus.idle)
      return bus
    })
  )

/** Provides `EventBus` within the process; nothing to configure. */
export const events = Plugin.define({
  name: "events",
  provides: [EventBus],
  layer: () =>
    layerOf(
      Effect.sync(() => broker()),
      { name: "events", always: false }
    ),
  hosts: [host]
})
