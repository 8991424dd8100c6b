import * as Effect from "effect/Effect"

/** Configuration of the app under test, beside free ports. */
export const settings = Effect.succeed({})
