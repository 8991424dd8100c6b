import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Ref } from "../Task.ts"
import { TaskCancelled, TaskDead, type TaskStoreError, TaskUnknown } from "../TaskError.ts"
import type { TaskRow, TaskStoreShape } from "../TaskStore.ts"
import type { Tasks } from "../Tasks.ts"
import type { EngineClock } from "./EngineClock.ts"
import { inspectedOf, statusOf } from "./status.ts"
import type { Waiting } from "./Waiting.ts"

interface Given {
  readonly store: TaskStoreShape
  readonly clock: EngineClock
  readonly waiting: Waiting
  readonly pollMillis: number
  readonly retentionMillis: number
  /** Tasks were moved by hand. */
  readonly moved: (ids: ReadonlyArray<string>) => Effect.Effect<void>
}

const MAX_PAGE = 1000

/** What a finished task came to; undefined while it has not. */
const resultOf = <A, E>(
  { id, task }: Ref<A, E>,
  row: TaskRow
): Effect.Effect<A, E | TaskDead | TaskCancelled> | undefined => {
  const { failure, state, success } = statusOf(task, row)
  if (state === "cancelled") {
    return Effect.fail(new TaskCancelled({ id, task: task.name, message: `Task ${task.name} (${id}) was cancelled` }))
  }
  if (state !== "succeeded" && state !== "dead") return undefined
  if (Option.isSome(success)) return Effect.succeed(success.value)
  const { error, kind, message } = Option.getOrElse(failure, () => ({
    kind: "lost" as const,
    message: "why is not known",
    error: Option.none<E>()
  }))
  if (Option.isSome(error)) return Effect.fail(error.value)
  const text = `Task ${task.name} (${id}) is dead after ${row.attempts} tries: ${message}`
  return Effect.fail(new TaskDead({ id, task: task.name, kind, attempts: row.attempts, message: text }))
}

/** The part of `Tasks` that looks at what is stored, and moves it by hand. */
export const reading = (
  given: Given
): Pick<Tasks["Service"], "status" | "wait" | "cancel" | "list" | "inspect" | "requeue" | "discard"> => {
  const { clock, moved, pollMillis, retentionMillis, store, waiting } = given
  const row = (id: string): Effect.Effect<TaskRow, TaskUnknown | TaskStoreError> =>
    Effect.flatMap(store.get([id]), ([found]) => {
      if (found !== undefined) return Effect.succeed(found)
      const message = `There is no task ${id}: it never was, or it finished longer ago than the retention`
      return Effect.fail(new TaskUnknown({ id, message }))
    })
  const move = (request: Parameters<TaskStoreShape["move"]>[0]) => Effect.tap(store.move(request), moved)
  return {
    status: ({ id, task }) => Effect.map(row(id), (found) => statusOf(task, found)),
    wait: (ref) =>
      Effect.flatten(
        waiting.until(
          ref.id,
          pollMillis,
          Effect.map(row(ref.id), (found) => resultOf(ref, found))
        )
      ),
    cancel: (id) =>
      Effect.suspend(() => {
        const now = clock.now()
        return Effect.map(
          move({
            ids: [id],
            from: ["scheduled", "ready", "running"],
            to: "cancelled",
            wakeAt: now + retentionMillis,
            finishedAt: now
          }),
          (ids) => ids.length > 0
        )
      }),
    list: ({ after, limit = 100, state, task }) =>
      Effect.map(
        store.list({ state, name: task?.name, after, limit: Math.max(1, Math.min(MAX_PAGE, Math.trunc(limit) || 1)) }),
        (rows) => rows.map(inspectedOf)
      ),
    inspect: (id) => Effect.map(row(id), inspectedOf),
    requeue: (ids) => move({ ids, from: ["dead"], to: "ready", wakeAt: null, finishedAt: null }),
    discard: (ids) => move({ ids, from: ["dead"], to: "removed", wakeAt: null, finishedAt: null })
  }
}
