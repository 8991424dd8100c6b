import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import * as Effect from "effect/Effect"
import * as MemoryTaskStore from "../../src/tasks/MemoryTaskStore.ts"
import { runTasksKit } from "../../src/testing/vitest.ts"
import * as SqliteTaskStore from "./freeze/SqliteTaskStore.ts"

runTasksKit({
  name: "memory",
  traits: [],
  make: Effect.sync(() => {
    const store = MemoryTaskStore.make()
    return { open: Effect.succeed({ store }) }
  })
})

runTasksKit({
  name: "SQLite by hand",
  traits: [],
  make: Effect.gen(function* () {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(path.join(tmpdir(), "mortise-tasks-"))),
      (made) => Effect.sync(() => rmSync(made, { recursive: true }))
    )
    const open = Effect.acquireRelease(
      Effect.sync(() => SqliteTaskStore.make(path.join(folder, "tasks.db"))),
      (store) => Effect.sync(() => store.close())
    )
    return { open: Effect.map(open, (store) => ({ store })) }
  })
})
