/** A `Turn` whose clock only moves when a test says so: deadlines pass at once, and exactly. */
import * as Effect from "effect/Effect"
import { Turn, type TurnShape } from "../app/Turn.ts"

export interface ManualTurn extends TurnShape {
  /** Moves the clock on by `millis` milliseconds, running what is due on the way in the order of its time. */
  readonly advance: (millis: number) => void
  /** Timers that wait. */
  readonly armed: () => number
}

interface Timer {
  readonly at: number
  readonly task: () => void
}

/** Turns of the event loop stay those of where this runs: only time is held. */
export const make: Effect.Effect<ManualTurn> = Effect.map(Turn, (real) => {
  const timers = new Set<Timer>()
  let now = 0
  const next = (until: number): Timer | undefined => {
    let first: Timer | undefined
    for (const timer of timers) if (timer.at <= until && (first === undefined || timer.at < first.at)) first = timer
    return first
  }
  return {
    now: () => now,
    schedule: real.schedule,
    arm: (millis, task) => {
      const timer = { at: now + millis, task }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance: (millis) => {
      const end = now + millis
      for (let timer = next(end); timer !== undefined; timer = next(end)) {
        timers.delete(timer)
        now = timer.at
        timer.task()
      }
      now = end
    },
    armed: () => timers.size
  }
})
