import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/** Which plugin failed, at what. */
export interface Culprit {
  readonly plugin: string
  readonly phase: "layer" | "contribution" | "host"
}

// An annotation of the Cause and no wrapper around the error: catchTag finds a plugin's own errors as they are
const Annotation = Context.Service<Culprit>("@mortise/core/app/Culprit")

export const blame =
  (culprit: Culprit) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.catchCause(effect, (cause) =>
      Effect.failCause(Cause.annotate(cause, Context.make(Annotation, culprit) as Context.Context<never>))
    )

export const culpritOf = (cause: Cause.Cause<unknown>): Culprit | undefined =>
  Context.getOrUndefined(Cause.annotations(cause) as Context.Context<Culprit>, Annotation)
