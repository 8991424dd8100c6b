/** The databases that the runner is tested on, each fresh and its own. */

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import type { Interpreter } from "@mortise/core/orm/Orm"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Postgres from "../../src/Postgres.ts"
import * as Sqlite from "../../src/Sqlite.ts"
import { available, database } from "../postgres.ts"

export interface Harness {
  readonly dialect: "sqlite" | "postgres"
  /** Where a new database is: what `open` takes, and what a child process is told. */
  readonly place: Effect.Effect<string, unknown, Scope.Scope>
  readonly open: (place: string) => Effect.Effect<Interpreter, unknown, Scope.Scope>
}

export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(path.join(tmpdir(), "mortise-"))),
  (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true }))
)

export const sqlite: Harness = {
  dialect: "sqlite",
  place: Effect.map(folder, (made) => path.join(made, "test.db")),
  open: (file) => Sqlite.make({ file })
}

export const postgres: Harness = {
  dialect: "postgres",
  place: database,
  open: (url) => Postgres.make({ url: Redacted.make(url), maxConnections: 4 })
}

export const harnesses: ReadonlyArray<Harness> = available ? [sqlite, postgres] : [sqlite]
