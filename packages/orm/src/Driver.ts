/** The connections of one database: what the engine asks of SQLite, PostgreSQL and others. */
import type { Any as AnyModel } from "@mortise/core/orm/Model"
import type { OrmError, ReadError, TransactionError } from "@mortise/core/orm/OrmError"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Dialect } from "./Dialect.ts"

/** A compiled statement. Its identity is what a driver remembers prepared statements by. */
export interface Statement {
  readonly sql: string
  /** Integers of the result are read as bigints. */
  readonly wide: boolean
  /** For errors: the model that is written. */
  readonly model: AnyModel | undefined
  /** Whether it has a result. */
  readonly returns: boolean
  /** Stores one row or fails, and nobody wants the number that the database gave it: there is nothing to say. */
  readonly silent?: boolean
  /** The first so many values are lists, one for each column of many rows, see `Dialect.manyRows`. */
  readonly lists?: number
}

export type StoredRow = ReadonlyArray<unknown>

/**
 * Runs statements. The engine calls it when the effect is due: a driver that is synchronous does its work at the call and
 * answers with an `Exit`.
 */
export interface Connection {
  readonly rows: (
    statement: Statement,
    values: ReadonlyArray<unknown>
  ) => Effect.Effect<ReadonlyArray<StoredRow>, OrmError>
  /** The number of rows that the statement met. */
  readonly count: (statement: Statement, values: ReadonlyArray<unknown>) => Effect.Effect<number, OrmError>
  /** Inserts a row; gives the number that the database gave it, where it did. */
  readonly insert: (statement: Statement, values: ReadonlyArray<unknown>) => Effect.Effect<unknown, OrmError>
  /**
   * Runs a statement once for each set of values, or once for all, see `Dialect.manyRows`; gives the result of each: the
   * row it returned (undefined without one), or the number that the database gave. `count` is how many rows were met.
   */
  readonly many: (
    statement: Statement,
    sets: ReadonlyArray<ReadonlyArray<unknown>>
  ) => Effect.Effect<{ readonly count: number; readonly results: ReadonlyArray<unknown> }, OrmError>
  /** Chunks of rows. */
  readonly stream: (statement: Statement, values: ReadonlyArray<unknown>) => Stream.Stream<StoredRow, ReadError>
  /** A statement without values and result: `savepoint …`. */
  readonly command: (sql: string) => Effect.Effect<void, OrmError>
}

/** A transaction of the database, which has a connection for itself. */
export interface Transaction {
  readonly connection: Connection
  readonly commit: Effect.Effect<void, TransactionError>
  /** Never fails: a connection that cannot roll back is given up, which does the same. */
  readonly rollback: Effect.Effect<void>
  /** Gives the connection back. Called once, last. */
  readonly release: Effect.Effect<void>
}

export interface Driver {
  readonly dialect: Dialect
  /** Lends a connection for one statement that only reads. */
  readonly read: <A, E>(use: (connection: Connection) => Effect.Effect<A, E>) => Effect.Effect<A, E | OrmError>
  /** Lends a connection for one statement that writes, which takes effect by itself. */
  readonly write: <A, E>(use: (connection: Connection) => Effect.Effect<A, E>) => Effect.Effect<A, E | OrmError>
  /** The rows of a select outside of transactions, as they were when it began. */
  readonly stream: (statement: Statement, values: ReadonlyArray<unknown>) => Stream.Stream<StoredRow, ReadError>
  /** Begins a transaction. `restore` makes waiting interruptible; what is given must be released. */
  readonly begin: (
    restore: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  ) => Effect.Effect<Transaction, TransactionError>
  /**
   * The same for migrations: waits as long as it takes until nobody else migrates this database, and foreign keys do not act
   * where tables have to be made anew.
   */
  readonly beginMigrating: Driver["begin"]
}
