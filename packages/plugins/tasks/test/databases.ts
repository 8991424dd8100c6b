import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { OpenStore } from "@mortise/core/testing/TasksKit"
import * as Sqlite from "@mortise/orm/Sqlite"
import { createTable } from "@mortise/orm/SqliteTables"
import * as Effect from "effect/Effect"
import * as OrmTaskStore from "../src/OrmTaskStore.ts"
import { TaskTable } from "../src/TaskTable.ts"

/** A folder for as long as the scope. */
export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(path.join(tmpdir(), "mortise-tasks-"))),
  (made) => Effect.sync(() => rmSync(made, { recursive: true }))
)

/** Makes the table in a file. */
export const prepareSqlite = (file: string): void => {
  const database = new DatabaseSync(file)
  database.exec("pragma journal_mode = wal")
  for (const statement of createTable(TaskTable.table)) database.exec(statement)
  database.close()
}

/** A way to the file of its own. */
export const openSqlite = (file: string) =>
  Effect.map(
    Sqlite.make({ file }),
    (orm): OpenStore => ({
      store: OrmTaskStore.make(orm),
      transaction: (effect) => orm.transaction(effect) as never
    })
  )
