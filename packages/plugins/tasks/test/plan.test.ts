import path from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import type * as Query from "@mortise/core/orm/Query"
import * as Sqlite from "@mortise/orm/Sqlite"
import * as Effect from "effect/Effect"
import * as statements from "../src/internal/statements.ts"
import * as OrmTaskStore from "../src/OrmTaskStore.ts"
import { folder, prepareSqlite } from "./databases.ts"

const BACKLOG = 200_000

/** How SQLite would run a statement, a line for each step. */
const planOf = (file: string, query: { readonly node: Query.QueryNode }): ReadonlyArray<string> => {
  const { node } = query
  assert.isTrue(node._tag === "raw")
  const text = (node as Extract<Query.QueryNode, { readonly _tag: "raw" }>).text["sqlite"] as string
  const database = new DatabaseSync(file)
  const plan = database.prepare(`explain query plan ${text}`).all()
  database.close()
  return plan.map((step) => String(step["detail"]))
}

describe("a backlog", () => {
  it.live(`of ${BACKLOG} tasks, also of names that nobody works on, is never read through`, () =>
    Effect.gen(function* () {
      const file = path.join(yield* folder, "tasks.db")
      yield* prepareSqlite(file)
      const orm = yield* Sqlite.make({ file })
      const store = OrmTaskStore.make(orm)
      const common = { key: null, payload: "{}", enqueuedAt: 0 }
      yield* store.enqueue(
        Array.from({ length: BACKLOG }, (_, n) => ({
          ...common,
          id: String(n).padStart(8, "0"),
          name: n % 4 === 0 ? "mine" : "foreign",
          priority: n % 4 === 1 ? 9 : 0,
          dueAt: n % 2 === 1 ? 1_000_000 + n : null
        }))
      )
      const rows = yield* store.claim({ names: [{ name: "mine", limit: 3 }], limit: 3, until: 5 })
      assert.deepStrictEqual(
        rows.map(({ id }) => id),
        ["00000000", "00000004", "00000008"]
      )
      const swept = yield* store.sweep({ now: 10, horizon: 100, limit: 10 })
      assert.deepStrictEqual(swept, { due: 0, recovered: 3, removed: 0, next: 1_000_001 })

      const scans = /^SCAN mortise_tasks/
      for (const [name, query] of Object.entries({
        claim: statements.claim(2),
        settle: statements.settle,
        extend: statements.extend,
        pending: statements.pending,
        due: statements.due,
        recover: statements.recover,
        purge: statements.purge,
        get: statements.get,
        byKeys: statements.byKeys,
        cancel: statements.cancel
      })) {
        const plan = planOf(file, query as never)
        assert.isAbove(plan.filter((step) => /^SEARCH mortise_tasks/.test(step)).length, 0, `${name}: ${plan}`)
        assert.deepStrictEqual(
          plan.filter((step) => scans.test(step)),
          [],
          `${name}: ${plan.join("; ")}`
        )
      }
      const claim = planOf(file, statements.claim(2) as never)
      // each name's rows come in order from the index, up to the limit: what is sorted is what was found
      assert.strictEqual(claim.filter((step) => step.includes("mortise_tasks_state_name_rank_id_index")).length, 2)
    })
  )
})
