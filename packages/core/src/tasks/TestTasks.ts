/**
 * Tasks for tests of what enqueues them: nothing runs by itself. What was enqueued can be looked at, and a handler can be
 * run now, once, with its result or its failure as it is.
 *
 * @example
 * const test = TestTasks.TestTasks
 * yield* register({ name: "ada" })                                        // the code under test
 * assert.deepEqual((yield* test.recorded(SendMail)).map(({ payload }) => payload.to), ["ada"])
 * assert.ok(Exit.isSuccess(yield* test.simulate(SendMail, { to: "ada", text: "welcome" })))
 */
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import { makeTest } from "./internal/testing.ts"
import * as MemoryTaskStore from "./MemoryTaskStore.ts"
import type { Task } from "./Task.ts"
import type { TaskInvalid, TaskUnknown } from "./TaskError.ts"
import { Tasks } from "./Tasks.ts"

/** One task that was enqueued. */
export interface Recorded<out P> {
  readonly id: string
  readonly name: string
  readonly payload: P
  readonly priority: number
  /** None: at once. */
  readonly dueAt: Option.Option<DateTime.Utc>
}

export class TestTasks extends Context.Service<
  TestTasks,
  {
    /** What was enqueued of a task, in order; a key that was known enqueues nothing. Cancelled tasks stay recorded. */
    readonly recorded: <Name extends string, P, A, E>(
      task: Task<Name, P, A, E>
    ) => Effect.Effect<ReadonlyArray<Recorded<P>>>
    /** What was enqueued of any task, with its payload as JSON. */
    readonly all: Effect.Effect<ReadonlyArray<Recorded<unknown>>>
    /** Runs the task's handler now, as its first try, on a payload that went through its schema and back. */
    readonly simulate: <Name extends string, P, A, E>(
      task: Task<Name, P, A, E>,
      ...payload: [P] extends [void] ? [payload?: P] : [payload: P]
    ) => Effect.Effect<Exit.Exit<A, E>, TaskInvalid | TaskUnknown>
  }
>()("@mortise/core/tasks/TestTasks") {}

/** `Tasks` that record, and `TestTasks` to ask them. Handlers are registered with `Tasks.work` as ever. */
export const layerTest: Layer.Layer<Tasks | TestTasks> = Layer.effectContext(
  Effect.map(makeTest, ({ tasks, test }) => Context.make(Tasks, tasks).pipe(Context.add(TestTasks, test)))
).pipe(Layer.provide(MemoryTaskStore.layer))
