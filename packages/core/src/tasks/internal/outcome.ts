import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import type { Json } from "effect/Schema"
import { delayAfter } from "../Retry.ts"
import type { Any } from "../Task.ts"
import type { Settlement, TaskRow } from "../TaskStore.ts"
import { type StoredFailure, writeFailure } from "./failure.ts"
import { coderOf } from "./taskCoder.ts"

/** How a run came to its end. */
export type Ended =
  | { readonly _tag: "exit"; readonly exit: Exit.Exit<unknown, unknown> }
  | { readonly _tag: "timeout" }
  | { readonly _tag: "lost" }
  | { readonly _tag: "undecodable"; readonly message: string }

export interface Terms {
  readonly now: number
  readonly retentionMillis: number
  readonly maxLength: number
  /** From 0 to 1, for the jitter of delays. */
  readonly random: number
}

/** What becomes of the task, and what the log should say of it. */
export interface Outcome {
  readonly settlement: Settlement
  readonly note: Effect.Effect<void> | undefined
}

/** The run did not count: the task is ready as if it had not been claimed. */
export const handedBack = ({ attempts, fence, id, outcome }: TaskRow): Settlement => ({
  id,
  fence,
  state: "ready",
  attempts: attempts - 1,
  wakeAt: null,
  finishedAt: null,
  outcome
})

/** Decides by the task's policy. */
export const outcomeOf = (task: Any, row: TaskRow, how: Ended, terms: Terms): Outcome => {
  if (how._tag === "exit" && Exit.isSuccess(how.exit)) {
    const text = written(coderOf(task).success.write(how.exit.value), terms)
    if (Result.isSuccess(text)) return { settlement: succeeded(row, text.success, terms), note: undefined }
    return failed(task, row, { kind: "unencodable", message: `its result: ${text.failure}` }, true, terms)
  }
  switch (how._tag) {
    case "exit":
      return ofCause(task, row, (how.exit as Exit.Failure<unknown, unknown>).cause, terms)
    case "timeout":
      return failed(
        task,
        row,
        { kind: "timeout", message: `it took longer than ${task.timeoutMillis} ms` },
        false,
        terms
      )
    case "undecodable":
      return failed(task, row, { kind: "undecodable", message: how.message }, true, terms)
    case "lost": {
      const message = "its last run was never settled: the worker died, or was stopped past its lease"
      // this claim only found out about the one before, and is no run
      return failed(task, { ...row, attempts: row.attempts - 1 }, { kind: "lost", message }, true, terms)
    }
  }
}

const succeeded = (row: TaskRow, outcome: string, { now, retentionMillis }: Terms): Settlement => ({
  id: row.id,
  fence: row.fence,
  state: "succeeded",
  attempts: row.attempts,
  wakeAt: now + retentionMillis,
  finishedAt: now,
  outcome
})

const ofCause = (task: Any, row: TaskRow, cause: Cause.Cause<unknown>, terms: Terms): Outcome => {
  const error = Cause.findError(cause)
  if (Result.isFailure(error)) {
    const squashed = Cause.squash(cause)
    const message = squashed instanceof Error ? `${squashed.name}: ${squashed.message}` : String(squashed)
    return failed(task, row, { kind: "defect", message }, false, terms, cause)
  }
  const text = written(coderOf(task).error.write(error.success), terms)
  if (Result.isFailure(text)) {
    return failed(task, row, { kind: "unencodable", message: `its error: ${text.failure}` }, true, terms, cause)
  }
  const message = error.success instanceof Error ? error.success.message : text.success
  const failure = { kind: "error", message, error: JSON.parse(text.success) as Json } as const
  return failed(task, row, failure, task.permanent(error.success), terms)
}

const written = (text: Result.Result<string, string>, { maxLength }: Terms): Result.Result<string, string> =>
  Result.isSuccess(text) && text.success.length > maxLength
    ? Result.fail(`${text.success.length} characters of JSON are more than the ${maxLength} that are stored`)
    : text

const failed = (
  task: Any,
  row: TaskRow,
  failure: StoredFailure,
  permanent: boolean,
  { now, random }: Terms,
  cause?: Cause.Cause<unknown>
): Outcome => {
  const { attempts, fence, id } = row
  const dead = permanent || attempts >= task.retry.tries
  const outcome = writeFailure(failure)
  const settlement: Settlement = dead
    ? { id, fence, state: "dead", attempts, wakeAt: null, finishedAt: now, outcome }
    : {
        id,
        fence,
        state: "scheduled",
        attempts,
        wakeAt: now + delayAfter(task.retry, attempts, random),
        finishedAt: null,
        outcome
      }
  const what = `task ${task.name} failed (${failure.kind}), try ${attempts} of ${task.retry.tries}`
  const text = dead ? `${what}: it lies in the dead letters` : what
  const details = cause === undefined ? [text, failure.message] : [text, cause]
  const log = dead || failure.kind === "defect" ? Effect.logError(...details) : Effect.logDebug(...details)
  return { settlement, note: Effect.annotateLogs(log, { task: id }) }
}
