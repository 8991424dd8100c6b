import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import type { Interpreter } from "@mortise/core/orm/Orm"
import { Orm } from "@mortise/core/orm/Orm"
import * as Query from "@mortise/core/orm/Query"
import type { OpenStore } from "@mortise/core/testing/TasksKit"
import * as Migrations from "@mortise/orm/migrations/Migrations"
import * as Postgres from "@mortise/orm/Postgres"
import * as Sqlite from "@mortise/orm/Sqlite"
import { postgresDatabase } from "@mortise/orm/testing"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as OrmTaskStore from "../src/OrmTaskStore.ts"
import { namespace } from "../src/TasksPlugin.ts"

/** A folder for as long as the scope. */
export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(path.join(tmpdir(), "mortise-tasks-"))),
  (made) => Effect.sync(() => rmSync(made, { recursive: true }))
)

const migrate = (orm: Interpreter) => Effect.provideService(Migrations.up([namespace]), Orm, orm)

const openStore = (orm: Interpreter): OpenStore => ({
  store: OrmTaskStore.make(orm),
  transaction: (effect) => orm.transaction(effect) as never
})

/** Makes the table in a file. */
export const prepareSqlite = (file: string) => Effect.scoped(Effect.flatMap(Sqlite.make({ file }), migrate))

/** A way to the file of its own. */
export const openSqlite = (file: string) => Effect.map(Sqlite.make({ file }), openStore)

/** The pool goes by the clock of the test, which jumps over days while sessions are opened and used: they last longer. */
const ever = "36500 days"
const postgresAt = (url: string, maxConnections = 5) =>
  Postgres.make({
    url: Redacted.make(url),
    maxConnections,
    idleTimeout: ever,
    connectTimeout: ever,
    acquireTimeout: ever
  })

/** A database for as long as the scope, with the table in it; gives its URL. */
export const preparePostgres = Effect.tap(postgresDatabase, (url) =>
  Effect.scoped(Effect.flatMap(postgresAt(url, 2), migrate))
)

/** Empties the table. */
export const clearPostgres = (url: string) =>
  Effect.scoped(
    Effect.flatMap(postgresAt(url, 1), (orm) =>
      orm.run(Query.raw({ text: { postgres: "truncate table mortise_tasks" } }))
    )
  )

/** A pool of its own. */
export const openPostgres = (url: string) => Effect.map(postgresAt(url), openStore)
