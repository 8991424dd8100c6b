/** Tasks in the memory of this process: for tests, development, and work that may be lost with the process. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { MemoryTable } from "./internal/MemoryTable.ts"
import { TaskStore, type TaskStoreShape } from "./TaskStore.ts"

/** A store with nothing in it. */
export const make = (): TaskStoreShape => {
  const table = new MemoryTable()
  return {
    name: "memory",
    shared: false,
    whenVisible: (wake) => wake,
    enqueue: (tasks) => Effect.sync(() => tasks.map((task) => table.add(task))),
    claim: (request) => Effect.sync(() => table.claim(request)),
    settle: (settlements) =>
      Effect.sync(() =>
        settlements.map((settlement) => {
          const entry = table.held(settlement)
          if (entry === undefined) return false
          const { attempts, finishedAt, outcome, state, wakeAt } = settlement
          table.change(entry, { attempts, finishedAt, outcome, state, wakeAt })
          return true
        })
      ),
    extend: (claims, until) =>
      Effect.sync(() =>
        claims.map((claim) => {
          const entry = table.held(claim)
          if (entry === undefined) return false
          table.change(entry, { wakeAt: until, progress: claim.progress ?? entry.row.progress })
          return true
        })
      ),
    move: ({ finishedAt, from, ids, to, wakeAt }) =>
      Effect.sync(() =>
        ids.filter((id) => {
          const entry = table.find(id)
          if (entry === undefined || !from.includes(entry.row.state)) return false
          if (to === "removed") table.remove(entry)
          else {
            const anew = to === "ready" ? { attempts: 0, outcome: null, progress: null } : {}
            table.change(entry, { ...anew, state: to, wakeAt, finishedAt, fence: entry.row.fence + 1 })
          }
          return true
        })
      ),
    sweep: (request) => Effect.sync(() => table.sweep(request)),
    get: (ids) => Effect.sync(() => ids.map((id) => table.find(id)?.row)),
    list: ({ after = "", limit, name, state }) =>
      Effect.sync(() =>
        table
          .rows()
          .filter((row) => row.state === state && row.id > after && (name === undefined || row.name === name))
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .slice(0, limit)
      )
  }
}

/** A store of its own for each time that it is built. */
export const layer: Layer.Layer<TaskStore> = Layer.sync(TaskStore, make)
