import { AuthUnavailable } from "@mortise/core/auth/AuthError"
import * as Effect from "effect/Effect"

export const unavailableBecause = (operation: string, cause: { readonly message: string }): AuthUnavailable =>
  new AuthUnavailable({ operation, message: `${operation} failed: ${cause.message}`, cause })

/** Any error of the database, as the stores of auth say it: nobody gets in. */
export const unavailable =
  (operation: string) =>
  <A, E extends { readonly message: string }, R>(
    effect: Effect.Effect<A, E, R>
  ): Effect.Effect<A, AuthUnavailable, R> =>
    Effect.mapError(effect, (cause) => unavailableBecause(operation, cause))

/** Text that can stand in a database; what cannot is in no row. */
export const isKeepable = (text: string): boolean => !text.includes("\0") && text.isWellFormed()
