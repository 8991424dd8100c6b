import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Fiber from "effect/Fiber"

/** Milliseconds since the epoch by the Clock of the fiber that runs this; by the default one outside of fibers. */
export const timeOfDay = (): number =>
  (Fiber.getCurrent()?.getRef(Clock.Clock) ?? Context.get(Context.empty(), Clock.Clock)).currentTimeMillisUnsafe()
