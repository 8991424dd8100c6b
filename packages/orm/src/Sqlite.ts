/**
 * `Orm` on SQLite, over node:sqlite.
 *
 * @example
 * const Database = Sqlite.layer({ file: "data/app.db" })
 */
import { type Interpreter, Orm } from "@mortise/core/orm/Orm"
import type { ConnectionLost } from "@mortise/core/orm/OrmError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Engine from "./Engine.ts"
import { sqliteDriver } from "./internal/SqliteDriver.ts"

export interface Options extends Engine.Options {
  /** A path, whose folder is made where there is none, or `:memory:` for a database that lives as long as its scope. */
  readonly file: string
  /** How long to wait for another process that writes; default 5 seconds. */
  readonly busyTimeout?: Duration.Input
}

/** Opens a database, which is closed with the scope. The file is made where there is none. */
export const make = (options: Options): Effect.Effect<Interpreter, ConnectionLost, Scope.Scope> => {
  const busyTimeoutMillis = Duration.toMillis(Duration.fromInputUnsafe(options.busyTimeout ?? "5 seconds"))
  return Effect.map(sqliteDriver({ file: options.file, busyTimeoutMillis }), (driver) => Engine.make(driver, options))
}

export const layer = (options: Options): Layer.Layer<Orm, ConnectionLost> => Layer.effect(Orm, make(options))
