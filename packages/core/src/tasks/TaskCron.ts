/**
 * Tasks that are enqueued by the calendar. Each run has a key made of the schedule's id and its moment, so of several
 * processes with the same schedule one enqueues it.
 *
 * Daylight saving time: a time that does not exist on that day runs at the moment the clock jumps; one that exists twice runs
 * the first time, or as `overlap` says. Runs that fall while no process is up are skipped; after a pause (a stopped process,
 * a clock set forward) the latest one is made up for.
 */
import * as Cron from "effect/Cron"
import type * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import type { Any, Task } from "./Task.ts"
import { CronInvalid } from "./TaskError.ts"

export interface CronOptions<P> {
  /** Five fields (minute hour day month weekday), or six with seconds in front: `30 2 * * *`. */
  readonly expression: string
  /** IANA name, `Europe/Berlin`, or an offset, `+02:00`; default `UTC`. */
  readonly timeZone?: string
  /** Where the local time exists twice; default `earlier`. */
  readonly overlap?: Cron.DstOverlapPolicy
  /** What each run gets; a function is given the moment of the run. */
  readonly payload: P | ((at: DateTime.Utc) => P)
  /** Names the schedule among those of the task; expression and time zone unless given. */
  readonly id?: string
}

export interface TaskCron {
  readonly task: Any
  readonly id: string
  readonly expression: string
  readonly timeZone: string
  readonly overlap: Cron.DstOverlapPolicy
  readonly payload: (at: DateTime.Utc) => unknown
}

type Arguments<P> = [P] extends [void] ? [options: Omit<CronOptions<P>, "payload">] : [options: CronOptions<P>]

/** Declares a schedule; `Tasks.cron` or the `tasks` plugin puts it to work. */
export const make = <Name extends string, P, A, E>(task: Task<Name, P, A, E>, ...[options]: Arguments<P>): TaskCron => {
  const { expression, id, overlap = "earlier", timeZone = "UTC" } = options
  const payload = "payload" in options ? options.payload : undefined
  return {
    task: task as Any,
    id: id ?? `${expression} ${timeZone}`,
    expression,
    timeZone,
    overlap,
    payload: typeof payload === "function" ? (payload as (at: DateTime.Utc) => P) : () => payload
  }
}

/** Reads the expression; an unreadable one names what is wrong with it. */
export const parse = ({ expression, overlap, task, timeZone }: TaskCron): Result.Result<Cron.Cron, CronInvalid> =>
  Result.mapError(
    Cron.parse(expression, timeZone, { onDstOverlap: overlap }),
    ({ message }) =>
      new CronInvalid({
        task: task.name,
        expression,
        timeZone,
        message: `The schedule "${expression}" (${timeZone}) of task ${task.name} cannot be read: ${message}`
      })
  )
