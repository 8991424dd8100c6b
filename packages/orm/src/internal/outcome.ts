/** Effects that may be done already: what a synchronous driver answers is an `Exit`, and goes on without a detour. */
import { QueryInvalid, RowInvalid, UnsupportedFeature, ValueInvalid } from "@mortise/core/orm/OrmError"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

type Thrown = ValueInvalid | RowInvalid | QueryInvalid | UnsupportedFeature

const isExpected = (error: unknown): error is Thrown =>
  error instanceof ValueInvalid ||
  error instanceof RowInvalid ||
  error instanceof QueryInvalid ||
  error instanceof UnsupportedFeature

/** What coders and renderers throw is an error of the caller; anything else is a bug. */
export const thrown = (error: unknown): Exit.Exit<never, Thrown> =>
  isExpected(error) ? Exit.fail(error) : Exit.die(error)

export const attempt = <A, E, R>(f: () => Effect.Effect<A, E, R>): Effect.Effect<A, E | Thrown, R> => {
  try {
    return f()
  } catch (error) {
    return thrown(error)
  }
}

/** Whether it is done already: `Exit.isExit` for what is an Effect, asked once or twice for each statement. */
export const isDone = <A, E, R>(effect: Effect.Effect<A, E, R>): effect is Exit.Exit<A, E> => "~effect/Exit" in effect

/** As `Effect.map`, for functions that throw expected errors. */
export const mapped = <A, B, E>(effect: Effect.Effect<A, E>, f: (value: A) => B): Effect.Effect<B, E | Thrown> => {
  if (isDone(effect)) {
    if (effect._tag === "Failure") return effect as Exit.Exit<never, E>
    try {
      return Exit.succeed(f(effect.value))
    } catch (error) {
      return thrown(error)
    }
  }
  return Effect.flatMap(effect, (value) => attempt(() => Exit.succeed(f(value))))
}
