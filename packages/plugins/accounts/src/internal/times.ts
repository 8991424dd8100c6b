import * as DateTime from "effect/DateTime"

export const dateOf = (millis: number): Date => DateTime.toDateUtc(DateTime.makeUnsafe(millis))
