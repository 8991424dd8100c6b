/** `TaskStore` by hand on `node:sqlite`: bare statements, one row each, one transaction around them. */
import { DatabaseSync, type SQLOutputValue } from "node:sqlite"
import * as Effect from "effect/Effect"
import { TaskStoreError } from "../../../src/tasks/TaskError.ts"
import type { TaskRow, TaskState, TaskStoreShape } from "../../../src/tasks/TaskStore.ts"

const SCHEMA = `
create table if not exists tasks (
  id text primary key,
  name text not null,
  state text not null,
  rank integer not null,
  unique_key text unique,
  payload text not null,
  attempts integer not null,
  fence integer not null,
  enqueued_at integer not null,
  wake_at integer,
  finished_at integer,
  progress text,
  outcome text
);
create index if not exists tasks_ready on tasks (state, name, rank, id);
create index if not exists tasks_wake on tasks (state, wake_at);`

type SqlRow = Record<string, SQLOutputValue>

const rowOf = (sql: SqlRow): TaskRow => ({
  id: sql["id"] as string,
  name: sql["name"] as string,
  state: sql["state"] as TaskState,
  priority: 0 - (sql["rank"] as number),
  key: sql["unique_key"] as string | null,
  payload: sql["payload"] as string,
  attempts: sql["attempts"] as number,
  fence: sql["fence"] as number,
  enqueuedAt: sql["enqueued_at"] as number,
  wakeAt: sql["wake_at"] as number | null,
  finishedAt: sql["finished_at"] as number | null,
  progress: sql["progress"] as string | null,
  outcome: sql["outcome"] as string | null
})

const marks = (list: ReadonlyArray<unknown>): string => list.map(() => "?").join(",")

export const make = (file: string): TaskStoreShape & { readonly close: () => void } => {
  const db = new DatabaseSync(file, { timeout: 5000 })
  db.exec("pragma journal_mode = wal; pragma synchronous = normal;")
  db.exec(SCHEMA)
  const insert = db.prepare(
    `insert into tasks values (?, ?, ?, ?, ?, ?, 0, 0, ?, ?, null, null, null) on conflict (unique_key) do nothing`
  )
  const byKey = db.prepare("select id from tasks where unique_key = ?")
  const ready = db.prepare("select id, rank from tasks where state = 'ready' and name = ? order by rank, id limit ?")
  const take = db.prepare(
    `update tasks set state = 'running', attempts = attempts + 1, fence = fence + 1, wake_at = ? where id = ? returning *`
  )
  const settle = db.prepare(
    `update tasks set state = ?, attempts = ?, wake_at = ?, finished_at = ?, outcome = ?
     where id = ? and fence = ? and state = 'running'`
  )
  const extend = db.prepare(
    `update tasks set wake_at = ?, progress = coalesce(?, progress) where id = ? and fence = ? and state = 'running'`
  )
  const due = db.prepare(
    `update tasks set state = 'ready', wake_at = null where id in (
       select id from tasks where state = 'scheduled' and wake_at <= ? limit ?)`
  )
  const recover = db.prepare(
    `update tasks set state = 'ready', wake_at = null where id in (
       select id from tasks where state = 'running' and (wake_at <= ? or wake_at > ?) limit ?)`
  )
  const remove = db.prepare(
    `delete from tasks where id in (
       select id from tasks where state in ('succeeded', 'cancelled') and wake_at <= ? limit ?)`
  )
  const next = db.prepare("select min(wake_at) as at from tasks where state = 'scheduled'")
  const get = db.prepare("select * from tasks where id = ?")

  const atomic = <A>(operation: string, run: () => A): Effect.Effect<A, TaskStoreError> =>
    Effect.try({
      try: () => {
        db.exec("begin immediate")
        try {
          const result = run()
          db.exec("commit")
          return result
        } catch (cause) {
          db.exec("rollback")
          throw cause
        }
      },
      catch: (cause) => new TaskStoreError({ store: "sqlite", operation, message: String(cause), cause })
    })

  return {
    name: "sqlite",
    shared: true,
    whenVisible: (wake) => wake,
    close: () => db.close(),
    enqueue: (tasks) =>
      atomic("enqueue", () =>
        tasks.map(({ dueAt, enqueuedAt, id, key, name, payload, priority }) => {
          const state = dueAt === null ? "ready" : "scheduled"
          const { changes } = insert.run(id, name, state, -priority, key, payload, enqueuedAt, dueAt)
          return changes === 1 ? { id, created: true } : { id: byKey.get(key)?.["id"] as string, created: false }
        })
      ),
    claim: ({ limit, names, until }) =>
      atomic("claim", () =>
        names
          .flatMap((entry) => ready.all(entry.name, Math.min(limit, entry.limit)))
          .sort(
            (a, b) =>
              (a["rank"] as number) - (b["rank"] as number) || ((a["id"] as string) < (b["id"] as string) ? -1 : 1)
          )
          .slice(0, limit)
          .map((row) => rowOf(take.get(until, row["id"] as string) as SqlRow))
      ),
    settle: (settlements) =>
      atomic("settle", () =>
        settlements.map(
          ({ attempts, fence, finishedAt, id, outcome, state, wakeAt }) =>
            settle.run(state, attempts, wakeAt, finishedAt, outcome, id, fence).changes === 1
        )
      ),
    extend: (claims, until) =>
      atomic("extend", () =>
        claims.map(({ fence, id, progress }) => extend.run(until, progress, id, fence).changes === 1)
      ),
    move: ({ finishedAt, from, ids, to, wakeAt }) =>
      atomic("move", () => {
        const where = `where id = ? and state in (${marks(from)})`
        const anew = to === "ready" ? ", attempts = 0, outcome = null, progress = null" : ""
        const statement =
          to === "removed"
            ? db.prepare(`delete from tasks ${where}`)
            : db.prepare(`update tasks set state = ?, wake_at = ?, finished_at = ?, fence = fence + 1${anew} ${where}`)
        const values = to === "removed" ? [] : [to, wakeAt, finishedAt]
        return ids.filter((id) => statement.run(...values, id, ...from).changes === 1)
      }),
    sweep: ({ horizon, limit, now }) =>
      atomic("sweep", () => ({
        due: Number(due.run(now, limit).changes),
        recovered: Number(recover.run(now, horizon, limit).changes),
        removed: Number(remove.run(now, limit).changes),
        next: (next.get()?.["at"] ?? null) as number | null
      })),
    get: (ids) =>
      atomic("get", () =>
        ids.map((id) => {
          const row = get.get(id)
          return row === undefined ? undefined : rowOf(row)
        })
      ),
    list: ({ after = "", limit, name, state }) =>
      atomic("list", () =>
        db
          .prepare("select * from tasks where state = ? and id > ? and (? is null or name = ?) order by id limit ?")
          .all(state, after, name ?? null, name ?? null, limit)
          .map(rowOf)
      )
  }
}
