/**
 * Enqueues tasks, works on them, and says how they are.
 *
 * A task is run at least once: a worker that dies, or is stopped longer than its lease, has its tasks taken over by another.
 * It is completed at most once: what a worker says after it lost its lease is refused. A handler whose effects must happen
 * once uses the id of its run, or its `fence`, as an idempotency key of its own.
 */
import "effect/schema/SchemaJITCompiler/enable"
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { makeEngine } from "./internal/engine.ts"
import type { Any, Handler, NeedsOf, Ref, Task } from "./Task.ts"
import type { TaskCron } from "./TaskCron.ts"
import type {
  CronInvalid,
  FailureKind,
  TaskCancelled,
  TaskDead,
  TaskHandlerConflict,
  TaskInvalid,
  TaskStoreError,
  TaskUnknown
} from "./TaskError.ts"
import type { TaskState, TaskStore } from "./TaskStore.ts"

export interface EnqueueOptions {
  /** Not before so long from now. */
  readonly in?: Duration.Input
  /** Not before this moment; one that has passed means now. */
  readonly at?: DateTime.DateTime
  /** Instead of the task's own. */
  readonly priority?: number
  /** Instead of what the task's `idempotencyKey` gives: up to 512 characters. */
  readonly key?: string
}

/** What was enqueued. `created` is false where the store had a task with the same key: then it is that one. */
export interface EnqueuedRef<out A, out E> extends Ref<A, E> {
  readonly created: boolean
}

/** Why a run failed. `error` is there when the handler failed with the declared error. */
export interface Failure<out E> {
  readonly kind: FailureKind
  readonly message: string
  readonly error: Option.Option<E>
}

export interface Status<out A, out E> {
  readonly id: string
  readonly name: string
  readonly state: TaskState
  readonly priority: number
  /** Runs that were begun. */
  readonly attempts: number
  readonly enqueuedAt: DateTime.Utc
  /** Of `scheduled`: when it is due. */
  readonly dueAt: Option.Option<DateTime.Utc>
  readonly finishedAt: Option.Option<DateTime.Utc>
  /** What the handler reported last. */
  readonly progress: Option.Option<Schema.Json>
  readonly success: Option.Option<A>
  /** Why the last run failed, also while another try is due. */
  readonly failure: Option.Option<Failure<E>>
}

/** A task as it stands in the store. */
export interface Inspected extends Status<never, never> {
  readonly payload: Schema.Json
  /** The result or the error, not decoded: the task may not be known here. */
  readonly outcome: Option.Option<Schema.Json>
}

export interface ListOptions {
  readonly state: TaskState
  readonly task?: Any
  /** Only those behind this id: the last of the page before. */
  readonly after?: string
  /** Default 100, at most 1000. */
  readonly limit?: number
}

export interface Drained {
  /** Tasks that did not end in time and are ready for another worker. */
  readonly handedBack: number
}

export class Tasks extends Context.Service<
  Tasks,
  {
    /** Stores a task. Inside a transaction of the store's database it is stored, or not, together with the rest. */
    readonly enqueue: <Name extends string, P, A, E>(
      task: Task<Name, P, A, E>,
      ...args: [P] extends [void] ? [payload?: P, options?: EnqueueOptions] : [payload: P, options?: EnqueueOptions]
    ) => Effect.Effect<EnqueuedRef<A, E>, TaskInvalid | TaskStoreError>
    /** Stores many tasks at once, all or none. */
    readonly enqueueAll: <Name extends string, P, A, E>(
      task: Task<Name, P, A, E>,
      payloads: ReadonlyArray<P>,
      options?: Omit<EnqueueOptions, "key">
    ) => Effect.Effect<ReadonlyArray<EnqueuedRef<A, E>>, TaskInvalid | TaskStoreError>
    /**
     * Runs these tasks here until the scope closes, each run in a scope of its own. A process that never calls it only
     * enqueues.
     */
    readonly work: <const Handlers extends ReadonlyArray<Handler<unknown>>>(
      ...handlers: Handlers
    ) => Effect.Effect<void, TaskHandlerConflict, NeedsOf<Handlers[number]> | Scope.Scope>
    /** Enqueues by the calendar until the scope closes. */
    readonly cron: (...schedules: ReadonlyArray<TaskCron>) => Effect.Effect<void, CronInvalid, Scope.Scope>
    readonly status: <A, E>(ref: Ref<A, E>) => Effect.Effect<Status<A, E>, TaskUnknown | TaskStoreError>
    /** Waits for the result. Fails with the declared error when the last try failed with it. */
    readonly wait: <A, E>(
      ref: Ref<A, E>
    ) => Effect.Effect<A, E | TaskDead | TaskCancelled | TaskUnknown | TaskStoreError>
    /**
     * False where it has finished already, or is unknown. A running handler is interrupted: here at once, in another
     * process when that renews its lease. Whatever it comes to is refused.
     */
    readonly cancel: (id: string) => Effect.Effect<boolean, TaskStoreError>
    /** In the order of their ids, which is the order in which they were enqueued. */
    readonly list: (options: ListOptions) => Effect.Effect<ReadonlyArray<Inspected>, TaskStoreError>
    readonly inspect: (id: string) => Effect.Effect<Inspected, TaskUnknown | TaskStoreError>
    /** Takes tasks out of the dead letters and gives them all their tries again; the ids that were there. */
    readonly requeue: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<string>, TaskStoreError>
    /** Removes tasks from the dead letters; the ids that were there. */
    readonly discard: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<string>, TaskStoreError>
    /**
     * Takes no more tasks, waits for those that run, and hands back what is not done in time, without counting the run. The
     * worker stays stopped.
     */
    readonly drain: (deadline: Duration.Input) => Effect.Effect<Drained>
  }
>()("@mortise/core/tasks/Tasks") {}

export interface TasksOptions {
  /** Tasks that run at a time; default 10. With 0 this process only enqueues. */
  readonly concurrency?: number
  /**
   * How long a worker may be silent before its tasks are taken over; default 30 seconds, renewed every third of it. The same
   * for all workers of a store, and longer than their clocks differ.
   */
  readonly lease?: Duration.Input
  /** How often a store that others use as well is looked at; default 500 milliseconds. */
  readonly poll?: Duration.Input
  /** How long finished tasks can be read, and keys are remembered; default 1 day. Dead ones stay. */
  readonly retention?: Duration.Input
  /** How long a stopping app waits for tasks that run, before it hands them back; default 8 seconds. */
  readonly drain?: Duration.Input
  /** The most characters of JSON that a payload, a result or an error may have; default 1 Mi. */
  readonly maxPayloadLength?: number
}

/** Tasks in whatever store is provided; `MemoryTaskStore.layer` is core's own. */
export const layer = (options: TasksOptions = {}): Layer.Layer<Tasks, never, TaskStore> =>
  Layer.effect(Tasks, makeEngine(options))
