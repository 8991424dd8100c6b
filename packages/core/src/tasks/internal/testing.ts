import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Any, Handler, Run } from "../Task.ts"
import { TaskHandlerConflict, TaskInvalid, TaskUnknown } from "../TaskError.ts"
import { type NewTask, TaskStore } from "../TaskStore.ts"
import type { Tasks } from "../Tasks.ts"
import type { Recorded, TestTasks } from "../TestTasks.ts"
import { makeEngine } from "./engine.ts"
import { coderOf } from "./taskCoder.ts"

const recordedOf = ({ dueAt, id, name, priority }: NewTask, payload: unknown): Recorded<never> => ({
  id,
  name,
  priority,
  payload: payload as never,
  dueAt: dueAt === null ? Option.none() : Option.some(DateTime.makeUnsafe(dueAt))
})

/** The engine on a store that takes down what it is given, and with a `work` that only remembers handlers. */
export const makeTest = Effect.gen(function* () {
  const store = yield* TaskStore
  const enqueued: Array<NewTask> = []
  const recording = {
    ...store,
    enqueue: (rows: ReadonlyArray<NewTask>) =>
      Effect.tap(store.enqueue(rows), (answers) =>
        Effect.sync(() => void enqueued.push(...rows.filter((_, i) => answers[i]?.created === true)))
      )
  }
  const engine = yield* Effect.provideService(makeEngine({}), TaskStore, recording)
  const handlers = new Map<string, (payload: unknown, run: Run) => Effect.Effect<unknown, unknown>>()

  const remember = ({ handle, task }: Handler<unknown>) =>
    Effect.acquireRelease(
      Effect.contextWith((context) => {
        if (handlers.has(task.name)) {
          const message = `Task ${task.name} has two handlers`
          return Effect.fail(new TaskHandlerConflict({ task: task.name, message }))
        }
        handlers.set(
          task.name,
          (payload, run) =>
            Effect.scoped(Effect.provideContext(handle(payload as never, run), context)) as Effect.Effect<
              unknown,
              unknown
            >
        )
        return Effect.void
      }),
      () => Effect.sync(() => handlers.delete(task.name))
    )

  const simulate = (task: Any, payload: unknown) =>
    Effect.gen(function* () {
      const handle = handlers.get(task.name)
      if (handle === undefined) {
        return yield* new TaskUnknown({ id: task.name, message: `Task ${task.name} has no handler here` })
      }
      const { payload: coder } = coderOf(task)
      const value = Result.flatMap(coder.write(payload), coder.read)
      if (Result.isFailure(value)) {
        const message = `Task ${task.name} was not run: its payload does not fit: ${value.failure}`
        return yield* new TaskInvalid({ reason: "payload", task: task.name, message })
      }
      const enqueuedAt = DateTime.toEpochMillis(yield* DateTime.now)
      const last = task.retry.tries === 1
      const run: Run = { id: "simulated", attempt: 1, last, fence: 1, enqueuedAt, progress: () => Effect.void }
      return yield* Effect.exit(Effect.suspend(() => handle(value.success, run)))
    })

  const test = {
    recorded: (task: Any) =>
      Effect.sync(() =>
        enqueued
          .filter(({ name }) => name === task.name)
          .map((row) => recordedOf(row, Result.getOrThrow(coderOf(task).payload.read(row.payload))))
      ),
    all: Effect.sync(() => enqueued.map((row) => recordedOf(row, JSON.parse(row.payload)))),
    simulate
  }
  const work = (...all: ReadonlyArray<Handler<unknown>>) => Effect.forEach(all, remember, { discard: true })
  return {
    // the types of tasks and handlers are proven where these are called
    tasks: { ...engine, work } as unknown as Tasks["Service"],
    test: test as unknown as TestTasks["Service"]
  }
})
