/** What can go wrong with tasks, beside the errors that a task itself declares. */
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"

/** The store could not do what it was asked: its database is gone, full or locked. Whether it was done may be unknown. */
export class TaskStoreError extends Errors.make<TaskStoreError>()(
  "TaskStoreError",
  { component: "tasks", code: "TASK_STORE", status: 503 },
  {
    /** Name of the store: `memory`, `orm`. */
    store: Schema.String,
    /** What was asked of it: `enqueue`, `claim`, … */
    operation: Schema.String,
    message: Schema.String,
    cause: Schema.optionalKey(Schema.Defect())
  }
) {}

/** What was to be enqueued cannot be a task; nothing was stored. */
export class TaskInvalid extends Errors.make<TaskInvalid>()(
  "TaskInvalid",
  {
    component: "tasks",
    prefix: "TASK_INVALID",
    reasons: {
      payload: { status: 422 },
      "too-large": { status: 413 },
      key: { status: 422 },
      priority: { status: 422 },
      time: { status: 422 }
    }
  },
  {
    reason: Schema.Literals(["payload", "too-large", "key", "priority", "time"]),
    task: Schema.String,
    message: Schema.String
  }
) {}

/** The store has no task of this id: there never was one, or it finished longer ago than the retention. */
export class TaskUnknown extends Errors.make<TaskUnknown>()(
  "TaskUnknown",
  { component: "tasks", code: "TASK_UNKNOWN", status: 404 },
  {
    id: Schema.String,
    message: Schema.String
  }
) {}

/** The task was cancelled before it had a result. */
export class TaskCancelled extends Errors.make<TaskCancelled>()(
  "TaskCancelled",
  { component: "tasks", code: "TASK_CANCELLED", status: 409 },
  {
    id: Schema.String,
    task: Schema.String,
    message: Schema.String
  }
) {}

/**
 * Why a run failed. `error`: with the error that the task declares. `defect`: its handler has a bug. `timeout`: it took
 * longer than the task may. `lost`: its worker died or was stopped past its lease. `undecodable`: the stored payload does
 * not fit the task's schema. `unencodable`: the handler's result or error does not.
 */
export const FailureKind = Schema.Literals(["error", "defect", "timeout", "lost", "undecodable", "unencodable"])
export type FailureKind = typeof FailureKind.Type

/** The task has used up its tries, or can never succeed: it lies in the dead letters. */
export class TaskDead extends Errors.make<TaskDead>()(
  "TaskDead",
  { component: "tasks", code: "TASK_DEAD", status: 500 },
  {
    id: Schema.String,
    task: Schema.String,
    /** Why its last run failed. */
    kind: FailureKind,
    attempts: Schema.Number,
    message: Schema.String
  }
) {}

/** Two handlers for one task: which of them should run it? */
export class TaskHandlerConflict extends Errors.make<TaskHandlerConflict>()(
  "TaskHandlerConflict",
  { component: "tasks", code: "TASK_HANDLER_CONFLICT", status: 500 },
  {
    task: Schema.String,
    message: Schema.String
  }
) {}

/** A cron expression or its time zone cannot be read, or two schedules have the same id. */
export class CronInvalid extends Errors.make<CronInvalid>()(
  "CronInvalid",
  { component: "tasks", code: "TASK_CRON_INVALID", status: 400 },
  {
    task: Schema.String,
    expression: Schema.String,
    timeZone: Schema.String,
    message: Schema.String
  }
) {}
