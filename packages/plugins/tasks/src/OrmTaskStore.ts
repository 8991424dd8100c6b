/**
 * Tasks in the app's database. What is enqueued inside a transaction of `Orm` is there when it commits and never was when it
 * does not; tables come from the migrations of the namespace `tasks`.
 */
import { type Interpreter, Orm } from "@mortise/core/orm/Orm"
import type { OrmError } from "@mortise/core/orm/OrmError"
import { TaskStoreError } from "@mortise/core/tasks/TaskError"
import {
  type ClaimRequest,
  type Enqueued,
  type NewTask,
  type TaskRow,
  TaskStore,
  type TaskStoreShape
} from "@mortise/core/tasks/TaskStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as statements from "./internal/statements.ts"

/** Elements, and characters of JSON, of one statement. */
const BATCH = 1000
const BATCH_LENGTH = 4_000_000

const rowOf = (stored: statements.StoredTask): TaskRow => ({
  id: stored.id,
  name: stored.name,
  state: stored.state,
  // not -rank, which makes 0 to -0
  priority: 0 - stored.rank,
  key: stored.unique_key,
  payload: stored.payload,
  attempts: stored.attempts,
  fence: stored.fence,
  enqueuedAt: stored.enqueued_at,
  wakeAt: stored.wake_at,
  finishedAt: stored.finished_at,
  progress: stored.progress,
  outcome: stored.outcome
})

const added = ({ dueAt, enqueuedAt, id, key, name, payload, priority }: NewTask) => ({
  id,
  name,
  state: dueAt === null ? "ready" : "scheduled",
  rank: 0 - priority,
  unique_key: key,
  payload,
  enqueued_at: enqueuedAt,
  wake_at: dueAt
})

/** JSON arrays of the items, cut where they would be too long for a statement. */
const batches = <A>(items: ReadonlyArray<A>, lengthOf: (item: A) => number): ReadonlyArray<string> => {
  const texts: Array<string> = []
  for (let from = 0, to = 0; to < items.length; from = to) {
    let length = 0
    while (to < items.length && to - from < BATCH && (to === from || length < BATCH_LENGTH)) {
      length += lengthOf(items[to++] as A)
    }
    texts.push(JSON.stringify(from === 0 && to === items.length ? items : items.slice(from, to)))
  }
  return texts
}

const byRank = (a: TaskRow, b: TaskRow): number => b.priority - a.priority || (a.id < b.id ? -1 : 1)

/** A store over a database that is at hand. Its table must be there. */
export const make = (orm: Interpreter): TaskStoreShape => {
  const failed =
    (operation: string) =>
    <A>(effect: Effect.Effect<A, OrmError>): Effect.Effect<A, TaskStoreError> =>
      Effect.mapError(
        effect,
        (cause) =>
          new TaskStoreError({
            store: "orm",
            operation,
            message: `The tasks in the database (${orm.dialect}) could not be reached, ${operation}: ${cause.message}`,
            cause
          })
      )

  /** All batches, or none. */
  const inBatches = <A>(
    items: ReadonlyArray<A>,
    lengthOf: (item: A) => number,
    run: (batch: string) => Effect.Effect<ReadonlyArray<{ readonly id: string }>, OrmError>
  ): Effect.Effect<ReadonlySet<string>, OrmError> => {
    const [first, ...more] = batches(items, lengthOf)
    if (first === undefined) return Effect.succeed(new Set())
    if (more.length === 0) return Effect.map(run(first), (rows) => new Set(rows.map(({ id }) => id)))
    return orm.transaction(
      Effect.map(Effect.forEach([first, ...more], run), (all) => new Set(all.flat().map(({ id }) => id)))
    )
  }

  const enqueue = (tasks: ReadonlyArray<NewTask>): Effect.Effect<ReadonlyArray<Enqueued>, OrmError> =>
    Effect.flatMap(
      inBatches(
        tasks.map(added),
        ({ payload }) => payload.length,
        (batch) => orm.run(statements.insert, { batch })
      ),
      (created) => {
        const known = tasks.filter(({ id }) => !created.has(id))
        if (known.length === 0) return Effect.succeed(tasks.map(({ id }) => ({ id, created: true })))
        const keys = JSON.stringify([...new Set(known.map(({ key }) => key))])
        return Effect.flatMap(orm.run(statements.byKeys, { keys }), (found) => {
          const ids = new Map(found.map(({ id, unique_key }) => [unique_key, id]))
          const gone = known.filter(({ key }) => !ids.has(key as string))
          const answers = Effect.succeed(
            tasks.map(({ id, key }) =>
              created.has(id) ? { id, created: true } : { id: ids.get(key as string) ?? id, created: false }
            )
          )
          if (gone.length === 0) return answers
          // the task that had the key was removed in between: now it is free
          return Effect.flatMap(enqueue(gone), (again) => {
            const second = new Map(gone.map(({ id }, i) => [id, again[i] as Enqueued]))
            return Effect.map(answers, (all) => all.map((answer, i) => second.get((tasks[i] as NewTask).id) ?? answer))
          })
        })
      }
    )

  const claim = ({ limit, names, until }: ClaimRequest): Effect.Effect<ReadonlyArray<TaskRow>, OrmError> => {
    const some = names.slice(0, statements.MAX_NAMES)
    const rest = names.slice(statements.MAX_NAMES)
    if (some.length === 0 || limit === 0) return Effect.succeed([])
    const parameters: { [slot: string]: string | number } = { limit, until }
    for (const [n, entry] of some.entries()) {
      parameters[`name${n}`] = entry.name
      parameters[`limit${n}`] = Math.min(limit, entry.limit)
    }
    return Effect.flatMap(orm.run(statements.claim(some.length), parameters as never), (stored) => {
      const rows = stored.map(rowOf).sort(byRank)
      if (rest.length === 0) return Effect.succeed(rows)
      return Effect.map(claim({ names: rest, limit: limit - rows.length, until }), (more) => [...rows, ...more])
    })
  }

  const sweep: TaskStoreShape["sweep"] = ({ horizon, limit, now }) =>
    Effect.gen(function* () {
      const isDue = (at: number | null | undefined): boolean => at !== null && at !== undefined && at <= now
      const [pending] = yield* orm.run(statements.pending)
      const due = isDue(pending?.scheduled) ? yield* orm.run(statements.due, { now, limit }) : 0
      const over = isDue(pending?.first_lease) || (pending?.last_lease ?? 0) > horizon
      const recovered = over ? yield* orm.run(statements.recover, { now, horizon, limit }) : 0
      let removed = 0
      for (const state of ["succeeded", "cancelled"] as const) {
        if (isDue(pending?.[state])) removed += yield* orm.run(statements.purge, { now, limit, state })
      }
      const after = due > 0 ? (yield* orm.run(statements.pending))[0] : pending
      return { due, recovered, removed, next: after?.scheduled ?? null }
    }).pipe(failed("sweep"))

  return {
    name: "orm",
    shared: true,
    whenVisible: (wake) => orm.afterCommit(wake),
    enqueue: (tasks) => enqueue(tasks).pipe(failed("enqueue")),
    claim: (request) => claim(request).pipe(failed("claim")),
    settle: (settlements) => {
      const items = settlements.map(({ attempts, fence, finishedAt, id, outcome, state, wakeAt }) => ({
        id,
        fence,
        state,
        attempts,
        wake_at: wakeAt,
        finished_at: finishedAt,
        outcome
      }))
      return inBatches(
        items,
        ({ outcome }) => outcome?.length ?? 0,
        (batch) => orm.run(statements.settle, { batch })
      ).pipe(
        Effect.map((accepted) => settlements.map(({ id }) => accepted.has(id))),
        failed("settle")
      )
    },
    extend: (claims, until) =>
      inBatches(
        claims.map(({ fence, id, progress }) => ({ id, fence, progress })),
        ({ progress }) => progress?.length ?? 0,
        (batch) => orm.run(statements.extend, { batch, until })
      ).pipe(
        Effect.map((held) => claims.map(({ id }) => held.has(id))),
        failed("extend")
      ),
    move: ({ finishedAt, from, ids, to, wakeAt }) => {
      const states = JSON.stringify(from)
      return inBatches(
        ids,
        (id) => id.length,
        (batch) =>
          to === "removed"
            ? orm.run(statements.remove, { ids: batch, from: states })
            : orm.run(to === "ready" ? statements.requeue : statements.cancel, {
                ids: batch,
                from: states,
                wake_at: wakeAt,
                finished_at: finishedAt
              })
      ).pipe(
        Effect.map((moved) => ids.filter((id) => moved.has(id))),
        failed("move")
      )
    },
    sweep,
    get: (ids) =>
      Effect.map(orm.run(statements.get, { ids: JSON.stringify(ids) }), (stored) => {
        const rows = new Map(stored.map((row) => [row.id, rowOf(row)]))
        return ids.map((id) => rows.get(id))
      }).pipe(failed("get")),
    list: ({ after = "", limit, name, state }) =>
      Effect.map(
        name === undefined
          ? orm.run(statements.list, { state, after, limit })
          : orm.run(statements.listOf, { state, after, limit, name }),
        (stored) => stored.map(rowOf)
      ).pipe(failed("list"))
  }
}

/** The store over the app's database. */
export const layer: Layer.Layer<TaskStore, never, Orm> = Layer.effect(TaskStore, Effect.map(Orm, make))
