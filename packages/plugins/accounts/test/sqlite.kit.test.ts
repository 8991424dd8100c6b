import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { runAuthKit } from "@mortise/core/testing/vitest"
import * as Sqlite from "@mortise/orm/Sqlite"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { dumpOf, migrate, storesOf } from "./database.ts"

runAuthKit({
  name: "SQLite",
  traits: ["durable", "breaks"],
  make: Effect.gen(function* () {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(path.join(tmpdir(), "mortise-auth-"))),
      (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true }))
    )
    const open = Sqlite.make({ file: path.join(folder, "app.db") })
    const scope = yield* Effect.acquireRelease(Scope.make(), (made) => Scope.close(made, Exit.void))
    const orm = yield* Scope.provide(open, scope)
    yield* migrate(orm)
    return {
      context: storesOf(orm),
      dump: dumpOf(orm),
      reopen: Effect.map(open, storesOf),
      break: Scope.close(scope, Exit.void)
    }
  })
})
