import path from "node:path"
import { runTasksKit } from "@mortise/core/testing/vitest"
import * as Effect from "effect/Effect"
import { folder, openSqlite, prepareSqlite } from "./databases.ts"

runTasksKit({
  name: "SQLite",
  traits: ["transactions"],
  make: Effect.gen(function* () {
    const file = path.join(yield* folder, "tasks.db")
    yield* prepareSqlite(file)
    return { open: openSqlite(file) }
  })
})
