/** What can go wrong with tasks, beside the errors that a task itself declares. */
import * as Schema from "effect/Schema"

/** The store could not do what it was asked: its database is gone, full or locked. Whether it was done may be unknown. */
export class TaskStoreError extends Schema.TaggedError<TaskStoreError>()("TaskStoreError", {
  /** Name of the store: `memory`, `orm`. */
  store: Schema.String,
  /** What was asked of it: `enqueue`, `claim`, … */
  operation: Schema.String,
  message: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  readonly code = "TASK_STORE"
}

/** What was to be enqueued cannot be a task; nothing was stored. */
export class TaskInvalid extends Schema.TaggedError<TaskInvalid>()("TaskInvalid", {
  reason: Schema.Literals(["payload", "too-large", "key", "priority", "time"]),
  task: Schema.String,
  message: Schema.String
}) {
  /** Stable code of the error catalogue, for example `TASK_INVALID_TOO_LARGE`. */
  get code(): string {
    return `TASK_INVALID_${this.reason.toUpperCase().replaceAll("-", "_")}`
  }
}

/** The store has no task of this id: there never was one, or it finished longer ago than the retention. */
export class TaskUnknown extends Schema.TaggedError<TaskUnknown>()("TaskUnknown", {
  id: Schema.String,
  message: Schema.String
}) {
  readonly code = "TASK_UNKNOWN"
}

/** The task was cancelled before it had a result. */
export class TaskCancelled extends Schema.TaggedError<TaskCancelled>()("TaskCancelled", {
  id: Schema.String,
  task: Schema.String,
  message: Schema.String
}) {
  readonly code = "TASK_CANCELLED"
}

/**
 * Why a run failed. `error`: with the error that the task declares. `defect`: its handler has a bug. `timeout`: it took
 * longer than the task may. `lost`: its worker died or was stopped past its lease. `undecodable`: the stored payload does
 * not fit the task's schema. `unencodable`: the handler's result or error does not.
 */
export const FailureKind = Schema.Literals(["error", "defect", "timeout", "lost", "undecodable", "unencodable"])
export type FailureKind = typeof FailureKind.Type

/** The task has used up its tries, or can never succeed: it lies in the dead letters. */
export class TaskDead extends Schema.TaggedError<TaskDead>()("TaskDead", {
  id: Schema.String,
  task: Schema.String,
  /** Why its last run failed. */
  kind: FailureKind,
  attempts: Schema.Number,
  message: Schema.String
}) {
  readonly code = "TASK_DEAD"
}

/** Two handlers for one task: which of them should run it? */
export class TaskHandlerConflict extends Schema.TaggedError<TaskHandlerConflict>()("TaskHandlerConflict", {
  task: Schema.String,
  message: Schema.String
}) {
  readonly code = "TASK_HANDLER_CONFLICT"
}

/** A cron expression or its time zone cannot be read, or two schedules have the same id. */
export class CronInvalid extends Schema.TaggedError<CronInvalid>()("CronInvalid", {
  task: Schema.String,
  expression: Schema.String,
  timeZone: Schema.String,
  message: Schema.String
}) {
  readonly code = "TASK_CRON_INVALID"
}
