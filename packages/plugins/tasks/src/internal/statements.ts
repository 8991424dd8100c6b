/**
 * Statements that do a whole batch at once: it comes as one JSON text, so that each statement is prepared once, whatever
 * the size of the batch. The query builder has no words for that, nor for a claim that is flat; see decision 0066.
 */
import * as Column from "@mortise/core/orm/Column"
import * as Query from "@mortise/core/orm/Query"
import { TaskTable } from "../TaskTable.ts"

/** The fields of a batch's elements, by name and type. */
type Fields = { readonly [name: string]: "text" | "bigint" }

const columns =
  "id, name, state, rank, unique_key, payload, attempts, fence, enqueued_at, wake_at, finished_at, progress, outcome"

/** A row as the statements give it. */
const row = {
  id: Column.Text(),
  name: Column.Text(),
  state: TaskTable.columns.state,
  rank: Column.Integer(),
  unique_key: Column.Text().nullable(),
  payload: Column.Text(),
  attempts: Column.Integer(),
  fence: Column.Integer(),
  enqueued_at: Column.Integer(),
  wake_at: Column.Integer().nullable(),
  finished_at: Column.Integer().nullable(),
  progress: Column.Text().nullable(),
  outcome: Column.Text().nullable()
}

const id = { id: Column.Text() }
const batch = { batch: Column.Text() }

/** The elements of `:batch` as a table `b`. */
const sqliteBatch = (fields: Fields): string => {
  const list = Object.keys(fields).map((name) => `value ->> '${name}' as ${name}`)
  return `(select ${list.join(", ")} from json_each(:batch)) as b`
}
const postgresBatch = (fields: Fields): string => {
  const list = Object.entries(fields).map(([name, type]) => `${name} ${type}`)
  return `jsonb_to_recordset(cast(:batch as jsonb)) as b (${list.join(", ")})`
}
const claimed = "mortise_tasks.id = b.id and mortise_tasks.fence = b.fence"

/** Texts for each database; `holds`: the claims of the batch that still hold. */
const both = (text: (batchOf: (fields: Fields) => string, holds: string) => string) => ({
  // the plus keeps SQLite from reading the batch for each running task, by the index of states: ids are unique
  sqlite: text(sqliteBatch, `${claimed} and +mortise_tasks.state = 'running'`),
  postgres: text(postgresBatch, `${claimed} and mortise_tasks.state = 'running'`)
})

/** The texts of the array `:name`, as a select. */
const sqliteList = (name: string): string => `select value from json_each(:${name})`
const postgresList = (name: string): string => `select jsonb_array_elements_text(cast(:${name} as jsonb))`

const added: Fields = {
  id: "text",
  name: "text",
  state: "text",
  rank: "bigint",
  unique_key: "text",
  payload: "text",
  enqueued_at: "bigint",
  wake_at: "bigint"
}

/** Inserts those whose key is not there; gives the ids of those. */
export const insert = Query.raw({
  text: both(
    (batchOf) => `
    insert into mortise_tasks (${columns})
    select id, name, state, rank, unique_key, payload, 0, 0, enqueued_at, wake_at, null, null, null
    from ${batchOf(added)} where true
    on conflict (unique_key) do nothing
    returning id`
  ),
  slots: batch,
  columns: id
})

export const byKeys = Query.raw({
  text: {
    sqlite: `select id, unique_key from mortise_tasks where unique_key in (${sqliteList("keys")})`,
    postgres: `select id, unique_key from mortise_tasks where unique_key in (${postgresList("keys")})`
  },
  slots: { keys: Column.Text() },
  columns: { id: Column.Text(), unique_key: Column.Text() }
})

const settled: Fields = {
  id: "text",
  fence: "bigint",
  state: "text",
  attempts: "bigint",
  wake_at: "bigint",
  finished_at: "bigint",
  outcome: "text"
}

export const settle = Query.raw({
  text: both(
    (batchOf, holds) => `
    update mortise_tasks
    set state = b.state, attempts = b.attempts, wake_at = b.wake_at, finished_at = b.finished_at, outcome = b.outcome
    from ${batchOf(settled)} where ${holds}
    returning mortise_tasks.id`
  ),
  slots: batch,
  columns: id
})

export const extend = Query.raw({
  text: both(
    (batchOf, holds) => `
    update mortise_tasks set wake_at = :until, progress = coalesce(b.progress, mortise_tasks.progress)
    from ${batchOf({ id: "text", fence: "bigint", progress: "text" })} where ${holds}
    returning mortise_tasks.id`
  ),
  slots: { ...batch, until: Column.Integer() },
  columns: id
})

const moved = (listOf: (name: string) => string): string =>
  `where id in (${listOf("ids")}) and state in (${listOf("from")})`
const lists = { ids: Column.Text(), from: Column.Text() }
const moments = { wake_at: Column.Integer().nullable(), finished_at: Column.Integer().nullable() }
const move = (set: string) => {
  const text = (listOf: (name: string) => string): string => `
    update mortise_tasks set ${set}, fence = fence + 1, wake_at = :wake_at, finished_at = :finished_at
    ${moved(listOf)} returning id`
  return Query.raw({
    text: { sqlite: text(sqliteList), postgres: text(postgresList) },
    slots: { ...lists, ...moments },
    columns: id
  })
}
export const cancel = move("state = 'cancelled'")
export const requeue = move("state = 'ready', attempts = 0, outcome = null, progress = null")

export const remove = Query.raw({
  text: {
    sqlite: `delete from mortise_tasks ${moved(sqliteList)} returning id`,
    postgres: `delete from mortise_tasks ${moved(postgresList)} returning id`
  },
  slots: lists,
  columns: id
})

/** What a sweep would find, read off the ends of one index. */
export const pending = Query.raw({
  text: both(
    () => `
    select
      (select min(wake_at) from mortise_tasks where state = 'scheduled') as scheduled,
      (select min(wake_at) from mortise_tasks where state = 'running') as first_lease,
      (select max(wake_at) from mortise_tasks where state = 'running') as last_lease,
      (select min(wake_at) from mortise_tasks where state = 'succeeded') as succeeded,
      (select min(wake_at) from mortise_tasks where state = 'cancelled') as cancelled`
  ),
  columns: {
    scheduled: Column.Integer().nullable(),
    first_lease: Column.Integer().nullable(),
    last_lease: Column.Integer().nullable(),
    succeeded: Column.Integer().nullable(),
    cancelled: Column.Integer().nullable()
  }
})

/** A batch of rows that nobody else works on at the moment. */
const some = (where: string) => ({
  sqlite: `select id from mortise_tasks where ${where} order by wake_at limit :limit`,
  postgres: `select id from mortise_tasks where ${where} order by wake_at limit :limit for update skip locked`
})
/** PostgreSQL may run a select behind `in` several times, each time for other rows; one that makes an array runs once. */
const within = { sqlite: (rows: string) => `id in (${rows})`, postgres: (rows: string) => `id = any (array(${rows}))` }
const each = (texts: { readonly sqlite: string; readonly postgres: string }, text: (where: string) => string) => ({
  sqlite: text(within.sqlite(texts.sqlite)),
  postgres: text(within.postgres(texts.postgres))
})
const now = { now: Column.Integer(), limit: Column.Integer() }
const toReady = (where: string): string => `update mortise_tasks set state = 'ready', wake_at = null where ${where}`

export const due = Query.raw({ text: each(some("state = 'scheduled' and wake_at <= :now"), toReady), slots: now })

export const recover = Query.raw({
  text: each(some("state = 'running' and (wake_at <= :now or wake_at > :horizon)"), toReady),
  slots: { ...now, horizon: Column.Integer() }
})

export const purge = Query.raw({
  text: each(some("state = :state and wake_at <= :now"), (where) => `delete from mortise_tasks where ${where}`),
  slots: { ...now, state: Column.Text() }
})

export const get = Query.raw({
  text: {
    sqlite: `select ${columns} from mortise_tasks where id in (${sqliteList("ids")})`,
    postgres: `select ${columns} from mortise_tasks where id in (${postgresList("ids")})`
  },
  slots: { ids: Column.Text() },
  columns: row
})

const page = (more: string): string =>
  `select ${columns} from mortise_tasks where state = :state and id > :after ${more} order by id limit :limit`
const place = { state: Column.Text(), after: Column.Text(), limit: Column.Integer() }

export const list = Query.raw({ text: both(() => page("")), slots: place, columns: row })
export const listOf = Query.raw({
  text: both(() => page("and name = :name")),
  slots: { ...place, name: Column.Text() },
  columns: row
})

/**
 * A claim of tasks of so many names: each name's next rows from the index, together in order, and no more than the limit.
 * Others that claim at the same time pass over rows that this one holds.
 */
const claimOf = (names: number) => {
  const rows = (lock: string): string => {
    const next = Array.from(
      { length: names },
      (_, n) =>
        `select * from (select id, rank from mortise_tasks where state = 'ready' and name = :name${n}
         order by rank, id limit :limit${n}${lock}) as next${n}`
    )
    return `select id from (${next.join(" union all ")}) as next order by rank, id limit :limit`
  }
  const text = (where: string): string => `
    update mortise_tasks set state = 'running', attempts = attempts + 1, fence = fence + 1, wake_at = :until
    where ${where} returning ${columns}`
  const slots: { [name: string]: ReturnType<typeof Column.Text> | ReturnType<typeof Column.Integer> } = {}
  for (let n = 0; n < names; n++) {
    slots[`name${n}`] = Column.Text()
    slots[`limit${n}`] = Column.Integer()
  }
  return Query.raw({
    text: each({ sqlite: rows(""), postgres: rows(" for update skip locked") }, text),
    slots: { ...slots, limit: Column.Integer(), until: Column.Integer() },
    columns: row
  })
}

const claims = new Map<number, ReturnType<typeof claimOf>>()

/** SQLite joins up to 500 selects. */
export const MAX_NAMES = 400

export const claim = (names: number): ReturnType<typeof claimOf> => {
  let known = claims.get(names)
  if (known === undefined) claims.set(names, (known = claimOf(names)))
  return known
}

export type StoredTask = {
  readonly [K in keyof typeof row]: (typeof row)[K]["~types"]["type"]
}
