/**
 * `Orm` on PostgreSQL, over the wire protocol client of effect.
 *
 * @example
 * const Database = Postgres.layer({ url: Redacted.make("postgres://app@db.example/app") })
 */

import type { ConnectionOptions } from "node:tls"
import { type Interpreter, Orm } from "@mortise/core/orm/Orm"
import type { OrmError } from "@mortise/core/orm/OrmError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Engine from "./Engine.ts"
import { postgresDriver } from "./internal/PostgresDriver.ts"

export interface Options extends Engine.Options {
  /** `postgres://user:password@host:port/database`; the fields below win over what it says. */
  readonly url?: Redacted.Redacted
  /** A name, an address, or the folder of a Unix socket; `localhost` unless given. */
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: Redacted.Redacted
  readonly database?: string
  /** `true` encrypts and checks the certificate. */
  readonly ssl?: boolean | ConnectionOptions
  /** What the server lists the sessions as. */
  readonly applicationName?: string
  /** How many sessions there may be at a time; default 10. */
  readonly maxConnections?: number
  /** How many sessions are kept open when there is nothing to do; default 0. */
  readonly minConnections?: number
  /** After so long without use a session is closed; default a minute. */
  readonly idleTimeout?: Duration.Input
  /** How long to wait for the server to let a session in; default 5 seconds. */
  readonly connectTimeout?: Duration.Input
  /** How long to wait for one of the sessions to become free; default 30 seconds. */
  readonly acquireTimeout?: Duration.Input
  /** How long the server works on a statement before it gives up; no limit unless given. */
  readonly statementTimeout?: Duration.Input
  /** Whether statements are prepared; `false` for poolers that give each statement another session. */
  readonly prepare?: boolean
}

const defined = <A extends object>(values: A): Partial<A> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<A>

const millis = (given: Duration.Input | undefined, otherwise: Duration.Input): number =>
  Duration.toMillis(Duration.fromInputUnsafe(given ?? otherwise))

/** Opens a pool, which is closed with the scope. Fails when the database does not answer. */
export const make = (options: Options): Effect.Effect<Interpreter, OrmError, Scope.Scope> => {
  const { acquireTimeout, generateCode: _, maxConnections = 10, statementTimeout, user, ...rest } = options
  return Effect.map(
    postgresDriver({
      ...defined({ ...rest, username: user }),
      // most programs prepare more statements than the client keeps by itself
      preparedStatementCacheSize: 500,
      applicationName: options.applicationName ?? "mortise",
      maxConnections,
      acquireTimeoutMillis: millis(acquireTimeout, "30 seconds"),
      statementTimeoutMillis: millis(statementTimeout, 0)
    }),
    (driver) => Engine.make(driver, options)
  )
}

export const layer = (options: Options): Layer.Layer<Orm, OrmError> => Layer.effect(Orm, make(options))
