import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import type { NewTask, Settlement, TaskRow, TaskStoreShape } from "../../tasks/TaskStore.ts"
import type { TasksHarness } from "./Harness.ts"

/** A moment from which the cases of a store count: it reads no clock, so any will do. */
export const T = 1_750_000_000_000
export const LEASE = 30_000

/** An id that sorts by `n`. */
export const id = (n: number): string => `task-${String(n).padStart(8, "0")}`

export const fresh = (n: number, more: Partial<NewTask> = {}): NewTask => ({
  id: id(n),
  name: "kit.plain",
  priority: 0,
  key: null,
  payload: `{"n":${n}}`,
  enqueuedAt: T,
  dueAt: null,
  ...more
})

/** A store with these tasks in it. */
export const storeWith = Effect.fnUntraced(function* (harness: TasksHarness, ...tasks: ReadonlyArray<NewTask>) {
  const { open } = yield* harness.make
  const { store } = yield* open
  if (tasks.length > 0) yield* store.enqueue(tasks)
  return store
})

export const claim = (
  store: TaskStoreShape,
  limit = 10,
  names: ReadonlyArray<string> = ["kit.plain"],
  until = T + LEASE
) => store.claim({ names: names.map((name) => ({ name, limit })), limit, until })

export const one = Effect.fnUntraced(function* (store: TaskStoreShape) {
  const rows = yield* claim(store, 1)
  assert.equal(rows.length, 1, "one task was to be claimed")
  return rows[0] as TaskRow
})

export const succeeded = ({ attempts, fence, id }: TaskRow, more: Partial<Settlement> = {}): Settlement => ({
  id,
  fence,
  state: "succeeded",
  attempts,
  wakeAt: T + 86_400_000,
  finishedAt: T + 5,
  outcome: '"done"',
  ...more
})

export const dead = (row: TaskRow): Settlement =>
  succeeded(row, { state: "dead", wakeAt: null, outcome: '{"kind":"error","message":"no"}' })

export const sweep = (store: TaskStoreShape, now: number, limit = 100) =>
  store.sweep({ now, horizon: now + 2 * LEASE, limit })

export const read = Effect.fnUntraced(function* (store: TaskStoreShape, id: string) {
  const [row] = yield* store.get([id])
  assert.ok(row !== undefined, `there is no row ${id}`)
  return row
})

export const ids = (rows: ReadonlyArray<{ readonly id: string }>): ReadonlyArray<string> => rows.map(({ id }) => id)
