/** PostgreSQL as a plugin: gives the app its database. */
import * as Health from "@mortise/core/app/Health"
import * as Plugin from "@mortise/core/app/Plugin"
import { Orm } from "@mortise/core/orm/Orm"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { dbCommand } from "./DbCommand.ts"
import type { Options as EngineOptions } from "./Engine.ts"
import { atStart, Mode } from "./migrations/internal/atStart.ts"
import * as Postgres from "./Postgres.ts"

const Url = Schema.String.check(
  Schema.isNonEmpty({ expected: "an address, postgres://user:password@host:port/database" })
)
const Millis = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

const config = Schema.Struct({
  /** `postgres://user:password@host:port/database`; or the parts of it one by one. */
  url: Schema.optionalKey(Schema.RedactedFromValue(Url)),
  /** `localhost` unless given; the folder of a Unix socket when it begins with `/`. */
  host: Schema.optionalKey(Schema.NonEmptyString),
  /** 5432 unless given. */
  port: Schema.optionalKey(Schema.Port),
  user: Schema.optionalKey(Schema.NonEmptyString),
  password: Schema.optionalKey(Schema.RedactedFromValue(Schema.String)),
  database: Schema.optionalKey(Schema.NonEmptyString),
  /** Whether the connection is encrypted and the server's certificate checked; what the url says unless given. */
  ssl: Schema.optionalKey(Schema.Boolean),
  /** How many sessions there may be at a time; 10 unless given. */
  maxConnections: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  /** How long to wait for one of them to become free; 30000 unless given. */
  acquireTimeoutMillis: Schema.optionalKey(Millis),
  /** How long the server works on a statement; 0, which is no limit, unless given. */
  statementTimeoutMillis: Schema.optionalKey(Millis),
  /** Whether statements are prepared; `false` behind a pooler that gives each statement another session. */
  prepare: Schema.optionalKey(Schema.Boolean),
  /** What is done about migrations at the start: `auto` applies them, `check` refuses to start without, `off` nothing. */
  migrate: Schema.optionalKey(Mode)
}).check(
  Schema.makeFilter(({ database, host, url }) =>
    url !== undefined && (host !== undefined || database !== undefined)
      ? { path: ["url"], issue: "Expected either url, or host and database" }
      : undefined
  )
)

/** Choices that are code. */
export type PostgresPluginOptions = EngineOptions

/**
 * Provides `Orm` on the database at `postgres.url`. A second database: `Plugin.as(postgres(), "archive", Orm, Archive)`,
 * whose address is then `archive.url`.
 */
export const postgres = Plugin.define({
  name: "postgres",
  options: Plugin.options<PostgresPluginOptions>(),
  config,
  provides: [Orm],
  layer: ({ config, options }) => {
    const { acquireTimeoutMillis, migrate = "auto", statementTimeoutMillis, ...rest } = config
    const orm = Postgres.make({
      ...options,
      ...rest,
      ...(acquireTimeoutMillis === undefined ? {} : { acquireTimeout: acquireTimeoutMillis }),
      ...(statementTimeoutMillis === undefined ? {} : { statementTimeout: statementTimeoutMillis })
    })
    return Layer.effect(
      Orm,
      Effect.tap(orm, (orm) => atStart(orm, migrate))
    )
  },
  // others may be migrating, and there may be much to do
  startBudget: "15 minutes",
  contributes: [
    dbCommand,
    Health.contribute(
      "postgres",
      Effect.map(Orm, ({ ping }) =>
        Effect.mapError(ping, ({ message }) => new Health.HealthProblem({ problem: message }))
      )
    )
  ]
})
