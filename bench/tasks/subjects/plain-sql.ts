/**
 * The limit: a queue by hand on node:sqlite, in the table of `@mortise/plugin-tasks`, with statements prepared once. It has
 * leases and fences, for they are columns, and nothing else: no schema of payloads, no fibers, no time limits, no retries.
 */
import { DatabaseSync } from "node:sqlite"
import { SqliteTables } from "@mortise/orm"
import { TaskTable } from "@mortise/plugin-tasks"
import { payloadOf, type Subject, sizes } from "../Subject.ts"

const columns =
  "id, name, state, rank, unique_key, payload, attempts, fence, enqueued_at, wake_at, finished_at, progress, outcome"

export const open = (file: string): Subject => {
  const db = new DatabaseSync(file)
  db.exec("pragma journal_mode = wal; pragma synchronous = normal")
  for (const text of SqliteTables.createTable(TaskTable.table)) db.exec(text)
  const insert = db.prepare(
    `insert into mortise_tasks (${columns}) values (?, ?, 'ready', 0, null, ?, 0, 0, ?, null, null, null, null)`
  )
  const claim = db.prepare(
    `update mortise_tasks set state = 'running', attempts = attempts + 1, fence = fence + 1, wake_at = ?
     where id in (select id from mortise_tasks where state = 'ready' and name = ? order by rank, id limit ?)
     returning id, fence, payload`
  )
  const complete = db.prepare(
    `update mortise_tasks set state = 'succeeded', wake_at = ?, finished_at = ?, outcome = ?
     where id = ? and fence = ? and state = 'running'`
  )
  let next = 0
  const add = (n: number, name = "work"): void => {
    insert.run(String(next++).padStart(26, "0"), name, JSON.stringify(payloadOf(n)), Date.now())
  }
  const atomic = (run: () => void): void => {
    db.exec("begin immediate")
    run()
    db.exec("commit")
  }
  const work = (limit: number): number => {
    const rows = claim.all(Date.now() + 30_000, "work", limit)
    const finish = (): void => {
      for (const row of rows) {
        const { n } = JSON.parse(row["payload"] as string) as { readonly n: number }
        const now = Date.now()
        complete.run(now + 86_400_000, now, JSON.stringify(n * 2), row["id"] as string, row["fence"] as number)
      }
    }
    if (rows.length > 1) atomic(finish)
    else finish()
    return rows.length
  }
  const enqueue = (count: number, name?: string): void => {
    for (let from = 0; from < count; from += sizes.batch) {
      atomic(() => {
        for (let n = from; n < Math.min(count, from + sizes.batch); n++) add(n, name)
      })
    }
  }
  const timed = (run: () => void): Promise<number> => {
    db.exec("delete from mortise_tasks")
    const began = performance.now()
    run()
    return Promise.resolve(performance.now() - began)
  }
  return {
    batched: (count) =>
      timed(() => {
        enqueue(count)
        for (let done = 0; done < count; ) done += work(sizes.claim)
      }),
    single: (count) =>
      timed(() => {
        for (let n = 0; n < count; n++) add(n)
        for (let done = 0; done < count; ) done += work(1)
      }),
    backlog: async (count, waiting) => {
      db.exec("delete from mortise_tasks")
      enqueue(waiting, "other")
      enqueue(count)
      const began = performance.now()
      for (let done = 0; done < count; ) done += work(sizes.claim)
      return performance.now() - began
    }
  }
}
