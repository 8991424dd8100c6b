import path from "node:path"
import { runTasksKit } from "@mortise/core/testing/vitest"
import * as Effect from "effect/Effect"
import { folder, openSqlite, prepareSqlite } from "./databases.ts"

runTasksKit({
  name: "SQLite",
  traits: ["transactions"],
  make: Effect.map(folder, (made) => {
    const file = path.join(made, "tasks.db")
    prepareSqlite(file)
    return { open: openSqlite(file) }
  })
})
