import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Json } from "effect/Schema"
import type { Any, Task } from "../Task.ts"
import type { TaskRow } from "../TaskStore.ts"
import type { Failure, Inspected, Status } from "../Tasks.ts"
import { readFailure } from "./failure.ts"
import { coderOf } from "./taskCoder.ts"

const moment = (millis: number | null): Option.Option<DateTime.Utc> =>
  millis === null ? Option.none() : Option.some(DateTime.makeUnsafe(millis))

const json = (text: string | null): Option.Option<Json> => {
  if (text === null) return Option.none()
  try {
    return Option.some(JSON.parse(text) as Json)
  } catch {
    return Option.none()
  }
}

const about = (row: TaskRow) => ({
  id: row.id,
  name: row.name,
  state: row.state,
  priority: row.priority,
  attempts: row.attempts,
  enqueuedAt: DateTime.makeUnsafe(row.enqueuedAt),
  dueAt: row.state === "scheduled" ? moment(row.wakeAt) : Option.none(),
  finishedAt: moment(row.finishedAt),
  progress: json(row.progress)
})

/** The outcome of any row but a succeeded one is a failure. */
const failureOf = <E>(row: TaskRow, task: Any | undefined): Failure<E> | undefined => {
  const stored = row.state === "succeeded" ? undefined : readFailure(row.outcome)
  if (stored === undefined) return undefined
  const error =
    task === undefined || stored.error === undefined
      ? Option.none()
      : Result.getSuccess(coderOf(task).error.read(JSON.stringify(stored.error)) as Result.Result<E, string>)
  return { kind: stored.kind, message: stored.message, error }
}

export const statusOf = <A, E>(task: Task<string, never, A, E>, row: TaskRow): Status<A, E> => {
  if (row.state === "succeeded") {
    const value = coderOf(task).success.read(row.outcome ?? "null") as Result.Result<A, string>
    if (Result.isSuccess(value)) return { ...about(row), success: Option.some(value.success), failure: Option.none() }
    const failure = { kind: "undecodable", message: `its result: ${value.failure}`, error: Option.none() } as const
    return { ...about(row), success: Option.none(), failure: Option.some(failure) }
  }
  return { ...about(row), success: Option.none(), failure: Option.fromUndefinedOr(failureOf<E>(row, task)) }
}

export const inspectedOf = (row: TaskRow): Inspected => ({
  ...about(row),
  success: Option.none(),
  failure: Option.fromUndefinedOr(failureOf<never>(row, undefined)),
  payload: Option.getOrElse(json(row.payload), () => null),
  outcome: json(row.outcome)
})
