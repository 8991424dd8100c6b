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

/** What a chain goes on from. */
export interface Cause {
  readonly id: string
  readonly correlationId: string
}

/** The chain of whatever the event causes; asks the event when somebody asks it. */
class Caused implements Correlation {
  private readonly cause: Cause
  constructor(cause: Cause) {
    this.cause = cause
  }
  get correlationId(): string {
    return this.cause.correlationId
  }
  get causationId(): string {
    return this.cause.id
  }
}

/** The chain in which an event is handled. */
export const after = (event: Cause): Correlation => new Caused(event)

/** Runs `effect` as what an event has caused; handlers run so already, consumers of streams do it by hand. */
export const causedBy =
  (event: Cause) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.provideService(effect, Current, after(event))
