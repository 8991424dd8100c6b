import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import { type Any, MAX_PRIORITY } from "../Task.ts"
import { TaskInvalid } from "../TaskError.ts"
import type { NewTask } from "../TaskStore.ts"
import type { EnqueueOptions } from "../Tasks.ts"
import type { EngineClock } from "./EngineClock.ts"
import { coderOf } from "./taskCoder.ts"

const MAX_KEY = 512

export interface Maker {
  readonly clock: EngineClock
  readonly id: (now: number) => string
  readonly maxLength: number
}

const invalid = (task: Any, reason: TaskInvalid["reason"], message: string): Result.Result<never, TaskInvalid> =>
  Result.fail(new TaskInvalid({ reason, task: task.name, message: `Task ${task.name} was not enqueued: ${message}` }))

/** When the task is due, undefined where it cannot be told; null: now. */
const dueAt = ({ at, in: delay }: EnqueueOptions, { clock }: Maker): number | null | undefined => {
  if (at === undefined && delay === undefined) return null
  if (at !== undefined && delay !== undefined) return undefined
  const now = clock.now()
  const due =
    delay === undefined
      ? clock.fromWall(DateTime.toEpochMillis(at as DateTime.DateTime))
      : now + Duration.toMillis(Duration.fromInputUnsafe(delay))
  if (!Number.isSafeInteger(Math.round(due))) return undefined
  return due <= now ? null : Math.round(due)
}

/** The key of a task in the store. Keys of users and of schedules never meet. */
const keyOf = (task: Any, payload: unknown, options: EnqueueOptions): string | undefined => {
  const make = task.idempotencyKey as ((payload: unknown) => string) | undefined
  return options.key ?? make?.(payload)
}

/** Checks and encodes what is to be enqueued. `cronKey` takes the place of any other key. */
export const newTask = (
  maker: Maker,
  task: Any,
  payload: unknown,
  options: EnqueueOptions,
  cronKey?: string
): Result.Result<NewTask, TaskInvalid> => {
  const priority = options.priority ?? task.priority
  if (!Number.isSafeInteger(priority) || Math.abs(priority) > MAX_PRIORITY) {
    return invalid(task, "priority", `its priority ${priority} is no whole number within ±${MAX_PRIORITY}`)
  }
  const due = dueAt(options, maker)
  if (due === undefined) return invalid(task, "time", `give "in" or "at", and a moment that exists`)
  const text = coderOf(task).payload.write(payload)
  if (Result.isFailure(text)) return invalid(task, "payload", `its payload does not fit: ${text.failure}`)
  if (text.success.length > maker.maxLength) {
    const length = `${text.success.length} characters of JSON, and ${maker.maxLength} are allowed`
    return invalid(task, "too-large", `its payload has ${length}. Store it elsewhere and enqueue where it is`)
  }
  const key = cronKey === undefined ? keyOf(task, payload, options) : cronKey
  if (key !== undefined && (key.length === 0 || key.length > MAX_KEY || !key.isWellFormed() || key.includes("\0"))) {
    return invalid(task, "key", `its idempotency key must be text of 1 to ${MAX_KEY} characters`)
  }
  const now = maker.clock.now()
  return Result.succeed({
    id: maker.id(now),
    name: task.name,
    priority,
    key: key === undefined ? null : `${task.name}:${cronKey === undefined ? "key" : "cron"}:${key}`,
    payload: text.success,
    enqueuedAt: now,
    dueAt: due
  })
}
