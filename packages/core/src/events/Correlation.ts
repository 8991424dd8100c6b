/**
 * Which chain of events the running fiber belongs to. Handlers run within the chain of their event, so whatever they
 * publish carries its correlation id on; a gateway or a task sets it where a chain begins.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

export interface Correlation {
  readonly correlationId: string
  /** Id of the event that is being handled; undefined at the beginning of a chain. */
  readonly causationId: string | undefined
}

/** The chain of the fiber; undefined outside of one, where each publish begins a chain of its own. */
export const Current: Context.Reference<Correlation | undefined> = Context.Reference<Correlation | undefined>(
  "@mortise/core/events/Correlation",
  { defaultValue: () => undefined }
)

/** Runs `effect` at the beginning of a chain: what it publishes has this correlation id. */
export const within =
  (correlationId: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.provideService(effect, Current, { correlationId, causationId: undefined })

/** Runs `effect` as what an event has caused; handlers run so already, consumers of streams do it by hand. */
export const causedBy =
  (event: { readonly id: string; readonly correlationId: string }) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.provideService(effect, Current, { correlationId: event.correlationId, causationId: event.id })
