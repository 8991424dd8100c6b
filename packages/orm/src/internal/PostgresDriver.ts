/** PostgreSQL by its own wire protocol: a pool of sessions, each for one statement, or for one transaction, at a time. */
import type { PgConnection } from "@effect/sql-pg/PgConnection"
import * as PgPool from "@effect/sql-pg/PgPool"
import {
  type ConnectionLost,
  type OrmError,
  type ReadError,
  Timeout,
  TransactionAborted,
  type TransactionError
} from "@mortise/core/orm/OrmError"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { SqlError } from "effect/sql/SqlError"
import type { Connection, Driver, Statement, StoredRow, Transaction } from "../Driver.ts"
import { postgresDialect } from "../PostgresDialect.ts"
import { PostgresConnection } from "./PostgresConnection.ts"
import { type At, notConnected, postgresError } from "./postgresError.ts"

export interface PostgresOptions extends Omit<PgPool.Config, "multiplex" | "types"> {
  /** How long to wait for a session to become free, in milliseconds. */
  readonly acquireTimeoutMillis: number
  /** How long a statement may take, in milliseconds; 0 for no limit. */
  readonly statementTimeoutMillis: number
  readonly maxConnections: number
}

type Restore = Parameters<Driver["begin"]>[0]

/** Any number will do, as long as nobody else uses it: "mortise" and a 1. */
const migrationLock = 0x6d6f_7274_6973_6501n

class PostgresDriver implements Driver {
  readonly dialect = postgresDialect
  readonly #pool: PgPool.PgPool
  readonly #options: PostgresOptions
  #busy = 0

  constructor(pool: PgPool.PgPool, options: PostgresOptions) {
    this.#pool = pool
    this.#options = options
  }

  private at(whenGone: At["whenGone"]) {
    return { whenGone, statementTimeoutMillis: this.#options.statementTimeoutMillis }
  }

  private get tooLong(): Effect.Effect<never, Timeout> {
    const { acquireTimeoutMillis: millis, maxConnections } = this.#options
    const waitedFor = `one of ${maxConnections} connections, all of which are in use`
    return Effect.fail(new Timeout({ waitedFor, millis }))
  }

  /** A session until the scope closes. */
  private acquire(
    from: Effect.Effect<PgConnection, SqlError, Scope.Scope>
  ): Effect.Effect<PgConnection, ConnectionLost | Timeout, Scope.Scope> {
    return from.pipe(
      Effect.mapError(notConnected),
      Effect.timeoutOrElse({ duration: this.#options.acquireTimeoutMillis, orElse: () => this.tooLong })
    )
  }

  private lend<A, E>(
    whenGone: At["whenGone"],
    use: (connection: Connection) => Effect.Effect<A, E>
  ): Effect.Effect<A, E | OrmError> {
    return Effect.suspend(() => {
      this.#busy++
      const lent = (session: PgConnection) => use(new PostgresConnection(session, this.at(whenGone)))
      // only who has to wait needs a clock
      const effect: Effect.Effect<A, E | OrmError | SqlError> =
        this.#busy <= this.#options.maxConnections
          ? this.#pool.use(lent)
          : Effect.scoped(Effect.flatMap(this.acquire(this.#pool.get), lent))
      return Effect.mapError(effect, (error) => (error instanceof SqlError ? notConnected(error) : error)).pipe(
        Effect.onExit(() => Effect.sync(() => void this.#busy--))
      )
    })
  }

  read<A, E>(use: (connection: Connection) => Effect.Effect<A, E>): Effect.Effect<A, E | OrmError> {
    return this.lend("lost", use)
  }

  write<A, E>(use: (connection: Connection) => Effect.Effect<A, E>): Effect.Effect<A, E | OrmError> {
    return this.lend("unknown", use)
  }

  stream(statement: Statement, values: ReadonlyArray<unknown>): Stream.Stream<StoredRow, ReadError> {
    return Stream.unwrap(
      Effect.gen({ self: this }, function* () {
        // what is only read may be given up: closing the scope ends the session's transaction, or the session
        const { connection } = yield* Effect.acquireRelease(
          this.open((wait) => wait, ["begin read only"]),
          ({ release, rollback }) => Effect.andThen(rollback, release)
        )
        return connection.stream(statement, values)
      })
    ) as Stream.Stream<StoredRow, ReadError>
  }

  begin(restore: Restore): Effect.Effect<Transaction, TransactionError> {
    return this.open(restore, ["begin"])
  }

  beginMigrating(restore: Restore): Effect.Effect<Transaction, TransactionError> {
    // others may have much to migrate, and so may we
    return this.open(restore, [
      "begin",
      "set local statement_timeout = 0",
      `select pg_advisory_xact_lock(${migrationLock})`
    ])
  }

  private open(restore: Restore, commands: ReadonlyArray<string>): Effect.Effect<Transaction, TransactionError> {
    return Effect.gen({ self: this }, function* () {
      const scope = yield* Scope.make()
      this.#busy++
      const release = Effect.andThen(
        Scope.close(scope, Exit.void),
        Effect.sync(() => void this.#busy--)
      )
      const opened = Effect.gen({ self: this }, function* () {
        const session = yield* restore(Scope.provide(this.acquire(this.#pool.reserve), scope))
        const connection = new PostgresConnection(session, this.at("lost"))
        const rollback = this.rollback(session)
        yield* Effect.onError(
          Effect.forEach(commands, (sql) => restore(connection.command(sql)), { discard: true }),
          () => rollback
        )
        return { connection, commit: this.commit(session), rollback, release } satisfies Transaction
      })
      return yield* Effect.onError(opened, () => release) as Effect.Effect<Transaction, TransactionError>
    })
  }

  private commit(session: PgConnection): Effect.Effect<void, TransactionError> {
    return session.query("commit", [], false).pipe(
      Effect.mapError((error) => {
        const at = { model: undefined, sql: "commit", ...this.at("unknown") }
        return postgresError(error, at) as TransactionError
      }),
      // PostgreSQL answers so to the commit of a transaction in which a statement failed
      Effect.flatMap(({ command }) =>
        command === "ROLLBACK" ? Effect.fail(new TransactionAborted({ reason: "a statement failed" })) : Effect.void
      )
    )
  }

  private rollback(session: PgConnection): Effect.Effect<void> {
    return Effect.catch(Effect.asVoid(session.query("rollback", [], false)), () => this.#pool.invalidate(session))
  }
}

/** Opens a pool, which is closed with the scope. Fails when the database cannot be reached. */
export const postgresDriver = (options: PostgresOptions): Effect.Effect<Driver, OrmError, Scope.Scope> =>
  Effect.gen(function* () {
    const { statementTimeoutMillis, startupParameters } = options
    const pool = yield* PgPool.make({
      ...options,
      startupParameters: { ...startupParameters, statement_timeout: String(statementTimeoutMillis) }
    }).pipe(Effect.mapError(notConnected))
    const driver = new PostgresDriver(pool, options)
    yield* driver.read((connection) => connection.command("select 1"))
    return driver
  })
