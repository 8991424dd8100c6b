/**
 * Where tasks are kept. The engine decides, a store remembers: it never reads a clock (times are epoch milliseconds that it
 * is given), never looks into a payload, and knows no handlers.
 *
 * Every claim raises the row's `fence`. What a worker says about a task names the fence of its claim, and is refused when
 * the row has another or is not running any more: a worker that was late, was stopped, or was cancelled changes nothing.
 * Each method is atomic, also against other processes, and does whole batches.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { TaskStoreError } from "./TaskError.ts"

export type TaskState = "scheduled" | "ready" | "running" | "succeeded" | "cancelled" | "dead"

export interface NewTask {
  readonly id: string
  readonly name: string
  /** Higher goes first; among equals the smaller id. */
  readonly priority: number
  /** At most one row of the store has it; null never clashes. */
  readonly key: string | null
  readonly payload: string
  readonly enqueuedAt: number
  /** Ready when this moment has come; null: at once. */
  readonly dueAt: number | null
}

export interface TaskRow extends Omit<NewTask, "dueAt"> {
  readonly state: TaskState
  /** Claims that count; see `Settlement`. */
  readonly attempts: number
  readonly fence: number
  /** `scheduled`: when it is ready. `running`: when its lease ends. `succeeded`, `cancelled`: when it is removed. */
  readonly wakeAt: number | null
  readonly finishedAt: number | null
  readonly progress: string | null
  /** The result, or why the last run failed. */
  readonly outcome: string | null
}

/** Right to speak about a running task. */
export interface Claim {
  readonly id: string
  readonly fence: number
}

/** What becomes of a running task. `attempts` is stored as it stands: a run that was handed back does not count. */
export interface Settlement extends Claim {
  readonly state: Exclude<TaskState, "running">
  readonly attempts: number
  readonly wakeAt: number | null
  readonly finishedAt: number | null
  readonly outcome: string | null
}

export interface ClaimRequest {
  /** Of each name at most `limit`; names that are not listed are left alone. */
  readonly names: ReadonlyArray<{ readonly name: string; readonly limit: number }>
  /** Of all names together. */
  readonly limit: number
  /** When the leases end. */
  readonly until: number
}

/** By whom a task is moved other than by its worker: by hand. Raises the fence. */
export interface Move {
  readonly ids: ReadonlyArray<string>
  readonly from: ReadonlyArray<TaskState>
  /** `ready` starts anew with no attempts and no outcome; `removed` deletes the row. */
  readonly to: "ready" | "cancelled" | "removed"
  readonly wakeAt: number | null
  readonly finishedAt: number | null
}

export interface SweepRequest {
  readonly now: number
  /** A lease that ends later than this cannot have been given in this time: the clock was set back since. */
  readonly horizon: number
  /** Rows per kind and call. */
  readonly limit: number
}

export interface Swept {
  /** Scheduled tasks that became ready. */
  readonly due: number
  /** Running tasks that became ready because their lease is over. */
  readonly recovered: number
  /** Finished tasks that were removed. */
  readonly removed: number
  /** When the next scheduled task is due. */
  readonly next: number | null
}

export interface TaskFilter {
  readonly state: TaskState
  readonly name?: string | undefined
  /** Only ids behind this one; results are in the order of ids. */
  readonly after?: string | undefined
  readonly limit: number
}

export interface TaskStoreShape {
  /** For errors and logs: `memory`, `orm`. */
  readonly name: string
  /** Whether other processes may change the store: then it is looked at again and again. */
  readonly shared: boolean
  /** Runs `wake` once others can see what the caller has written: at once, or when the caller's transaction is committed. */
  readonly whenVisible: (wake: Effect.Effect<void>) => Effect.Effect<void>
  /** In the order of `tasks`, which have ids of their own: the id that stands, and whether it is a new row. */
  readonly enqueue: (tasks: ReadonlyArray<NewTask>) => Effect.Effect<ReadonlyArray<Enqueued>, TaskStoreError>
  /** Makes ready tasks running: highest priority first, then smallest id. Attempts and fence of each are raised by one. */
  readonly claim: (request: ClaimRequest) => Effect.Effect<ReadonlyArray<TaskRow>, TaskStoreError>
  /** Which of them were accepted, in the order given. */
  readonly settle: (settlements: ReadonlyArray<Settlement>) => Effect.Effect<ReadonlyArray<boolean>, TaskStoreError>
  /** Renews leases, and stores progress where it is not null; which claims still hold, in the order given. */
  readonly extend: (
    claims: ReadonlyArray<Claim & { readonly progress: string | null }>,
    until: number
  ) => Effect.Effect<ReadonlyArray<boolean>, TaskStoreError>
  /** The ids that were moved. */
  readonly move: (move: Move) => Effect.Effect<ReadonlyArray<string>, TaskStoreError>
  readonly sweep: (request: SweepRequest) => Effect.Effect<Swept, TaskStoreError>
  readonly get: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<TaskRow | undefined>, TaskStoreError>
  readonly list: (filter: TaskFilter) => Effect.Effect<ReadonlyArray<TaskRow>, TaskStoreError>
}

export interface Enqueued {
  readonly id: string
  readonly created: boolean
}

export class TaskStore extends Context.Service<TaskStore, TaskStoreShape>()("@mortise/core/tasks/TaskStore") {}
