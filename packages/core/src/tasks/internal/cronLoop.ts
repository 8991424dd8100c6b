import * as Cron from "effect/Cron"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { TaskCron } from "../TaskCron.ts"
import type { EngineClock } from "./EngineClock.ts"

/** The wall clock is looked at again after so long, because it may be set meanwhile. */
const LONGEST_SLEEP_MILLIS = 60_000
const RETRY_MILLIS = 1000

/** The latest moment of the schedule behind `after` and not behind `until`. */
const latest = (cron: Cron.Cron, after: number, until: number): number | undefined => {
  const first = Cron.next(cron, after).getTime()
  if (first > until) return undefined
  // almost always one moment; after a long pause the last of many, found from the other end
  const last = Cron.prev(cron, until + 1).getTime()
  return Math.max(first, last)
}

/**
 * Enqueues each run behind `since` when its moment has come, until it is interrupted. `enqueue` says false when it
 * has to be tried again.
 */
export const cronLoop = (
  schedule: TaskCron,
  cron: Cron.Cron,
  clock: EngineClock,
  since: number,
  enqueue: (payload: unknown, key: string) => Effect.Effect<boolean>
): Effect.Effect<never> =>
  Effect.suspend(() => {
    let seen = since
    return Effect.suspend(() => {
      const now = clock.now()
      const moment = latest(cron, seen, now)
      if (moment === undefined) {
        const next = Cron.next(cron, now).getTime()
        return Effect.sleep(Math.min(LONGEST_SLEEP_MILLIS, Math.max(1, next - now)))
      }
      const at = DateTime.makeUnsafe(moment)
      const key = `${schedule.id} ${DateTime.formatIso(at)}`
      return Effect.flatMap(
        Effect.suspend(() => enqueue(schedule.payload(at), key)),
        (done) => {
          if (done) seen = now
          return done ? Effect.void : Effect.sleep(RETRY_MILLIS)
        }
      )
    }).pipe(Effect.forever)
  })
