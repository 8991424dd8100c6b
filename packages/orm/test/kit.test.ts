import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Interpreter } from "@mortise/core/orm/Orm"
import * as Query from "@mortise/core/orm/Query"
import type { Table } from "@mortise/core/orm/Table"
import { runOrmKit } from "@mortise/core/testing/vitest"
import { Sqlite, SqliteTables } from "@mortise/orm"
import * as Effect from "effect/Effect"

const createAll = (orm: Interpreter, tables: ReadonlyArray<Table>) =>
  Effect.forEach(tables.flatMap(SqliteTables.createTable), (sql) => orm.run(Query.raw({ text: { sqlite: sql } })))

const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "mortise-orm-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

runOrmKit({
  name: "SQLite in a file",
  traits: ["sql", "foreign-keys", "processes"],
  open: (tables) =>
    Effect.gen(function* () {
      const file = join(yield* folder, "kit.db")
      const orm = yield* Sqlite.make({ file })
      yield* createAll(orm, tables)
      return { orm, another: Sqlite.make({ file }) }
    })
})

runOrmKit({
  name: "SQLite in memory, without generated code",
  traits: ["sql", "foreign-keys"],
  open: (tables) =>
    Effect.gen(function* () {
      const orm = yield* Sqlite.make({ file: ":memory:", generateCode: false })
      yield* createAll(orm, tables)
      return { orm }
    })
})
