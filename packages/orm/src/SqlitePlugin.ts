/** SQLite as a plugin: gives the app its database. */
import * as Health from "@mortise/core/app/Health"
import * as Plugin from "@mortise/core/app/Plugin"
import { Orm } from "@mortise/core/orm/Orm"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { dbCommand } from "./DbCommand.ts"
import type { Options as EngineOptions } from "./Engine.ts"
import { atStart, Mode } from "./migrations/internal/atStart.ts"
import * as Sqlite from "./Sqlite.ts"

const config = Schema.Struct({
  /** `data/app.db` unless given; its folder is made where there is none. `:memory:` lives as long as the app. */
  file: Schema.optionalKey(Schema.NonEmptyString),
  /** How long to wait for another process that writes; 5000 unless given. */
  busyTimeoutMillis: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  /** What is done about migrations at the start: `auto` applies them, `check` refuses to start without, `off` nothing. */
  migrate: Schema.optionalKey(Mode)
}).pipe(Schema.withDecodingDefaultKey(Effect.succeed({})))

const DEFAULT_FILE = "data/app.db"
const DEFAULT_BUSY_TIMEOUT = 5000

/** Choices that are code. */
export type SqlitePluginOptions = EngineOptions

/**
 * Provides `Orm` on the file `sqlite.file`. A second database: `Plugin.as(sqlite(), "statistics", Orm, Statistics)`, whose
 * file is then `statistics.file`.
 */
export const sqlite = Plugin.define({
  name: "sqlite",
  options: Plugin.options<SqlitePluginOptions>(),
  config,
  provides: [Orm],
  layer: ({ config, options }) => {
    const orm = Sqlite.make({
      ...options,
      file: config.file ?? DEFAULT_FILE,
      busyTimeout: config.busyTimeoutMillis ?? DEFAULT_BUSY_TIMEOUT
    })
    return Layer.effect(
      Orm,
      Effect.tap(orm, (orm) => atStart(orm, config.migrate ?? "auto"))
    )
  },
  // others may be migrating, and there may be much to do
  startBudget: "15 minutes",
  contributes: [
    dbCommand,
    Health.contribute(
      "sqlite",
      Effect.map(Orm, ({ ping }) =>
        Effect.mapError(ping, ({ message }) => new Health.HealthProblem({ problem: message }))
      )
    )
  ]
})
