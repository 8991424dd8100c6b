/** Mortise on SQLite: the engine, the store over the Orm contract, `@mortise/orm`. */
import { DatabaseSync } from "node:sqlite"
import { Orm } from "@mortise/core/orm/Orm"
import { SqliteTables } from "@mortise/orm"
import * as Sqlite from "@mortise/orm/Sqlite"
import { OrmTaskStore, TaskTable } from "@mortise/plugin-tasks"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { subjectOf } from "../engine.ts"
import type { Subject } from "../Subject.ts"

export const open = (file: string): Subject => {
  const database = new DatabaseSync(file)
  database.exec("pragma journal_mode = wal")
  for (const text of SqliteTables.createTable(TaskTable.table)) database.exec(text)
  // one connection for the whole process, as an app has it
  const orm = ManagedRuntime.make(Sqlite.layer({ file })).runSync(Orm)
  const clear = Effect.sync(() => database.exec("delete from mortise_tasks"))
  return subjectOf(OrmTaskStore.layer.pipe(Layer.provide(Layer.succeed(Orm, orm))), clear)
}
