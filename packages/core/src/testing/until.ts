/** Waiting in tests: for a condition, with a bound, never for a length of time. */
import * as Effect from "effect/Effect"
import { Turn } from "../app/Turn.ts"

/** Milliseconds after which a wait gives up unless it is told otherwise. */
export const defaultPatience = 10_000

/** Polls `condition` until it holds; dies with a message that names `what` when it does not within `millis` milliseconds. */
export const until = (what: string, condition: () => boolean, millis: number = defaultPatience): Effect.Effect<void> =>
  Effect.gen(function* () {
    const turn = yield* Turn
    const from = turn.now()
    yield* Effect.callback<void>((resume) => {
      let polls = 0
      let cancelled = false
      const poll = () => {
        if (cancelled) return
        let holds: boolean
        try {
          holds = condition()
        } catch (cause) {
          return resume(Effect.die(cause))
        }
        if (holds) return resume(Effect.void)
        if (turn.now() - from > millis) return resume(Effect.die(new Error(`waited ${millis} ms in vain: ${what}`)))
        // a few turns at full speed, then not at the cost of whoever is waited for
        if (++polls < 20) turn.schedule(poll)
        else turn.arm(1, poll)
      }
      poll()
      return Effect.sync(() => {
        cancelled = true
      })
    })
  })

/** Lets `count` turns of the event loop pass: for showing that something does *not* happen. */
export const turns = (count: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    const turn = yield* Turn
    yield* Effect.callback<void>((resume) => {
      let left = count
      const next = () => {
        if (left-- <= 0) resume(Effect.void)
        else turn.schedule(next)
      }
      next()
    })
  })
