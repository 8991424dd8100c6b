import { monitorEventLoopDelay } from "node:perf_hooks"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Log from "../Log.ts"
import * as LoopDelay from "../LoopDelay.ts"

const POLL_MILLIS = 500
/** How often the loop is looked at: a delay is known to that many milliseconds. */
const RESOLUTION_MILLIS = 20

/** Warns, at most once in half a second, of a time during which the event loop did not turn; until the scope closes. */
export const watchLoop = (warnFromMillis: number): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    const witnesses = yield* LoopDelay.Witnesses
    const delay = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const made = monitorEventLoopDelay({ resolution: RESOLUTION_MILLIS })
        made.enable()
        return made
      }),
      (made) => Effect.sync(() => made.disable())
    )
    const look = Effect.suspend(() => {
      // what is recorded is the time between two looks, in nanoseconds; nothing was, where the maximum is 0
      const millis = delay.max / 1e6 - RESOLUTION_MILLIS
      delay.reset()
      if (millis < warnFromMillis) return Effect.void
      const suspects = [...witnesses].flatMap((witness) => witness(millis))
      const fields = { durationMillis: Math.round(millis), suspects: suspects.map(({ what }) => what) }
      return Log.write("performance", "Warn", LoopDelay.sentence(millis, suspects), fields)
    })
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(POLL_MILLIS), look)))
  })
