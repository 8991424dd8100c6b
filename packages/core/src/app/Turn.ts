/**
 * Time and turns of the event loop, for everything on the data path: the only module of core and the transports that
 * may touch timers. Tests and simulations put their own in its place, so that one clock owns every delay.
 */
import * as Context from "effect/Context"

export interface TurnShape {
  /** Milliseconds on a clock that never goes back; only differences mean something. */
  readonly now: () => number
  /** Runs `task` once, after the input of this turn of the event loop has been read. */
  readonly schedule: (task: () => void) => void
  /** Runs `task` once after `millis` milliseconds; the returned function takes that back. Keeps no process alive. */
  readonly arm: (millis: number, task: () => void) => () => void
}

const real: TurnShape = {
  now: () => performance.now(),
  // a browser has no setImmediate; a task queued there runs after the events that are already waiting
  schedule: typeof setImmediate === "function" ? (task) => void setImmediate(task) : (task) => void setTimeout(task, 0),
  arm: (millis, task) => {
    const timer: unknown = setTimeout(task, millis)
    if (typeof timer === "object" && timer !== null && "unref" in timer) (timer as { unref: () => void }).unref()
    return () => clearTimeout(timer as number)
  }
}

/** The turn that transports, gateway and clients run on; the event loop's own unless another is provided. */
export const Turn: Context.Reference<TurnShape> = Context.Reference("@mortise/core/app/Turn", {
  defaultValue: () => real
})
