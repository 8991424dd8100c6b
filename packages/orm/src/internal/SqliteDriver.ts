/**
 * SQLite over node:sqlite: one connection that writes, for one transaction at a time, and one that reads what is committed
 * meanwhile. Waiting for another process never blocks the event loop: a busy database is tried again later.
 */
import { closeSync, mkdirSync, openSync } from "node:fs"
import path from "node:path"
import { DatabaseSync } from "node:sqlite"
import {
  Busy,
  ConnectionLost,
  type OrmError,
  OutcomeUnknown,
  type ReadError,
  type TransactionError
} from "@mortise/core/orm/OrmError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type { Connection, Driver, Statement, StoredRow, Transaction } from "../Driver.ts"
import { sqliteDialect } from "../SqliteDialect.ts"
import { isDone } from "./outcome.ts"
import { chunkRows, SqliteConnection } from "./SqliteConnection.ts"
import { isBusy as isBusyError, sqliteError } from "./sqliteError.ts"

export interface SqliteOptions {
  /** A path, or `:memory:`. */
  readonly file: string
  /** How long to wait for another process that writes, in milliseconds. */
  readonly busyTimeoutMillis: number
}

const inMemory = ":memory:"
/** The others may have much to migrate. */
const migrationPatienceMillis = 600_000

type Restore = Parameters<Driver["begin"]>[0]

/**
 * Makes the file where there is none, for its owner alone: SQLite would make it readable to everybody. One that is there
 * keeps its mode. SQLite gives the mode of the file to `-wal` and `-shm`.
 */
const create = (file: string): void => {
  mkdirSync(path.dirname(file), { recursive: true })
  try {
    closeSync(openSync(file, "wx", 0o600))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause
  }
}

const opened = (file: string, readOnly: boolean): SqliteConnection => {
  if (!readOnly && file !== inMemory) create(file)
  // the driver waits by itself, without blocking the event loop as SQLite's own timeout would
  const database = new DatabaseSync(file, { readOnly, timeout: 0, enableForeignKeyConstraints: true })
  try {
    if (!readOnly && file !== inMemory) database.exec("pragma journal_mode = wal; pragma synchronous = normal")
    database.exec("pragma case_sensitive_like = on")
  } catch (cause) {
    database.close()
    throw cause
  }
  return new SqliteConnection(database)
}

/** The journal of a new file cannot be chosen while another process uses it, so this, too, is tried again. */
const open = (
  file: string,
  readOnly: boolean,
  patienceMillis: number
): Effect.Effect<SqliteConnection, ConnectionLost, Scope.Scope> => {
  const attempt = Effect.try({
    try: () => opened(file, readOnly),
    catch: (cause) => {
      const reason = cause instanceof Error ? cause.message : String(cause)
      return isBusyError(cause) ? new Busy({ reason }) : new ConnectionLost({ reason })
    }
  })
  const patient = Effect.suspend(() => patiently(patienceMillis, () => attempt))
  return Effect.acquireRelease(
    Effect.catchTag(patient, "Busy", ({ reason }) => Effect.fail(new ConnectionLost({ reason }))),
    ({ database }) => Effect.sync(() => database.isOpen && database.close())
  )
}

/** Milliseconds before the next try. */
const delay = (attempt: number): number => Math.min(50, 2 ** attempt)

const isBusy = (exit: Exit.Exit<unknown, { readonly _tag: string }>): boolean =>
  exit._tag === "Failure" && exit.cause.reasons.some((reason) => reason._tag === "Fail" && reason.error._tag === "Busy")

/** Tries again while another process holds the database. */
const patiently = <A, E extends { readonly _tag: string }>(
  millis: number,
  effect: () => Effect.Effect<A, E>
): Effect.Effect<A, E> => {
  const again = (attempt: number, until: number): Effect.Effect<A, E> =>
    Effect.flatMap(Effect.exit(Effect.suspend(effect)), (exit) =>
      !isBusy(exit)
        ? exit
        : Effect.flatMap(Clock.currentTimeMillis, (now) =>
            now >= until ? exit : Effect.andThen(Effect.sleep(delay(attempt)), again(attempt + 1, until))
          )
    )
  const first = effect()
  if (isDone(first) && !isBusy(first)) return first
  return Effect.flatMap(Clock.currentTimeMillis, (now) =>
    isDone(first)
      ? Effect.andThen(Effect.sleep(delay(0)), again(1, now + millis))
      : Effect.flatMap(Effect.exit(first), (exit) =>
          isBusy(exit) ? Effect.andThen(Effect.sleep(delay(0)), again(1, now + millis)) : exit
        )
  )
}

class SqliteDriver implements Driver {
  readonly dialect = sqliteDialect
  readonly #writer: SqliteConnection
  /** The writer itself for a database in memory, which has no second connection. */
  readonly #reader: SqliteConnection
  readonly #options: SqliteOptions
  /** Held by a transaction. */
  readonly #turn = Semaphore.makeUnsafe(1)
  #held = false

  constructor(writer: SqliteConnection, reader: SqliteConnection, options: SqliteOptions) {
    this.#writer = writer
    this.#reader = reader
    this.#options = options
  }

  read<A, E>(use: (connection: Connection) => Effect.Effect<A, E>): Effect.Effect<A, E | OrmError> {
    return this.#reader === this.#writer ? this.exclusive(() => use(this.#writer)) : use(this.#reader)
  }

  write<A, E>(use: (connection: Connection) => Effect.Effect<A, E>): Effect.Effect<A, E | OrmError> {
    type Failure = E & { readonly _tag: string }
    const attempt = () => this.exclusive(() => use(this.#writer)) as Effect.Effect<A, Failure>
    return patiently(this.#options.busyTimeoutMillis, attempt)
  }

  /** A statement is done at once, so nobody needs to be kept out; only a transaction has to be waited for. */
  private exclusive<A, E>(f: () => Effect.Effect<A, E>): Effect.Effect<A, E> {
    return this.#held ? this.#turn.withPermits(1)(Effect.suspend(f)) : f()
  }

  stream(statement: Statement, values: ReadonlyArray<unknown>) {
    // in memory the rows are there already; a cursor over them would see what is written meanwhile
    if (this.#reader === this.#writer) {
      const rows = Effect.suspend(() => this.read((connection) => connection.rows(statement, values)))
      const stream = Stream.fromIterableEffect(rows as Effect.Effect<ReadonlyArray<StoredRow>, ReadError>)
      return Stream.rechunk(stream, chunkRows)
    }
    // a cursor keeps its connection at the moment when it began, so it has one of its own
    return Stream.unwrap(
      Effect.map(open(this.#options.file, true, this.#options.busyTimeoutMillis), (connection) =>
        connection.stream(statement, values)
      )
    )
  }

  begin(restore: Restore): Effect.Effect<Transaction, TransactionError> {
    return this.take(restore, this.#options.busyTimeoutMillis, Effect.void, Effect.void)
  }

  /** The pragma does nothing within a transaction, so it goes before; nobody else has the connection by then. */
  beginMigrating(restore: Restore): Effect.Effect<Transaction, TransactionError> {
    const keys = (mode: "on" | "off") => this.#writer.command(`pragma foreign_keys = ${mode}`)
    const off = Effect.suspend(() => keys("off")) as Effect.Effect<void, TransactionError>
    const on = Effect.suspend(() => Effect.orDie(keys("on")))
    return this.take(restore, migrationPatienceMillis, off, on)
  }

  private take(
    restore: Restore,
    patienceMillis: number,
    before: Effect.Effect<void, TransactionError>,
    after: Effect.Effect<void>
  ): Effect.Effect<Transaction, TransactionError> {
    const writer = this.#writer
    const free = Effect.suspend(() => {
      this.#held = false
      return this.#turn.release(1)
    })
    const release = Effect.andThen(
      Effect.suspend(() => (writer.database.isOpen ? after : Effect.void)),
      free
    )
    const begin = Effect.suspend(() => patiently(patienceMillis, () => writer.command("begin immediate")))
    return restore(this.#turn.take(1)).pipe(
      Effect.andThen(
        Effect.suspend(() => {
          this.#held = true
          const begun = Effect.andThen(before, restore(begin) as Effect.Effect<void, TransactionError>)
          return Effect.onError(begun, () => release)
        })
      ),
      Effect.as({
        connection: writer,
        commit: Effect.suspend(() => patiently(this.#options.busyTimeoutMillis, () => commit(writer))),
        rollback: Effect.sync(() => {
          // SQLite has rolled back by itself after some errors
          if (writer.database.isOpen && writer.database.isTransaction) writer.database.exec("rollback")
        }),
        release
      })
    )
  }
}

const IOERR = 10

/** Makes what was written last. */
const commit = (writer: SqliteConnection): Effect.Effect<void, TransactionError> => {
  try {
    writer.database.exec("commit")
    return Exit.void
  } catch (cause) {
    const { errcode, message } = cause as { readonly errcode?: unknown; readonly message: string }
    if (typeof errcode === "number" && (errcode & 0xff) === IOERR) {
      return Exit.fail(new OutcomeUnknown({ reason: message }))
    }
    return Exit.fail(sqliteError(cause, { sql: "commit", model: undefined }) as TransactionError)
  }
}

/** Opens a database; it is closed with the scope. */
export const sqliteDriver = (options: SqliteOptions): Effect.Effect<Driver, ConnectionLost, Scope.Scope> =>
  Effect.gen(function* () {
    const writer = yield* open(options.file, false, options.busyTimeoutMillis)
    const reader = options.file === inMemory ? writer : yield* open(options.file, true, options.busyTimeoutMillis)
    return new SqliteDriver(writer, reader, options)
  })
