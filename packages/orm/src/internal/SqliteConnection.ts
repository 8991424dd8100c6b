/** One connection of node:sqlite. Everything is done at the call; answers are Exits. */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite"
import type { OrmError, ReadError } from "@mortise/core/orm/OrmError"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import type { Connection, Statement, StoredRow } from "../Driver.ts"
import { sqliteError } from "./sqliteError.ts"

/** How many statements a connection keeps prepared; the oldest goes first. */
const maxPrepared = 500
/** Rows that a stream takes at a time. */
export const chunkRows = 256

type Values = ReadonlyArray<SQLInputValue>

/** What most statements answer. */
const one = Exit.succeed(1)

export class SqliteConnection implements Connection {
  readonly database: DatabaseSync
  readonly #prepared = new Map<Statement, StatementSync>()
  /** Loops run one statement again and again. */
  #lastStatement: Statement | undefined
  #lastPrepared: StatementSync | undefined

  constructor(database: DatabaseSync) {
    this.database = database
  }

  private fresh(statement: Statement): StatementSync {
    const prepared = this.database.prepare(statement.sql)
    if (statement.returns) prepared.setReturnArrays(true)
    if (statement.wide) prepared.setReadBigInts(true)
    return prepared
  }

  private prepared(statement: Statement): StatementSync {
    if (this.#lastStatement === statement && this.#lastPrepared !== undefined) return this.#lastPrepared
    const prepared = this.#prepared.get(statement) ?? this.prepare(statement)
    this.#lastStatement = statement
    this.#lastPrepared = prepared
    return prepared
  }

  private prepare(statement: Statement): StatementSync {
    if (this.#prepared.size >= maxPrepared) {
      const [oldest] = this.#prepared.keys()
      if (oldest !== undefined) this.#prepared.delete(oldest)
    }
    const fresh = this.fresh(statement)
    this.#prepared.set(statement, fresh)
    return fresh
  }

  rows(statement: Statement, values: ReadonlyArray<unknown>): Effect.Effect<ReadonlyArray<StoredRow>, OrmError> {
    try {
      const rows = this.prepared(statement).all(...(values as Values))
      return Exit.succeed(rows as unknown as ReadonlyArray<StoredRow>)
    } catch (cause) {
      return Exit.fail(sqliteError(cause, statement))
    }
  }

  count(statement: Statement, values: ReadonlyArray<unknown>): Effect.Effect<number, OrmError> {
    try {
      const { changes } = this.prepared(statement).run(...(values as Values))
      return changes === 1 ? one : Exit.succeed(changes as number)
    } catch (cause) {
      return Exit.fail(sqliteError(cause, statement))
    }
  }

  insert(statement: Statement, values: ReadonlyArray<unknown>): Effect.Effect<unknown, OrmError> {
    try {
      const prepared = this.prepared(statement)
      if (statement.silent !== true) return Exit.succeed(prepared.run(...(values as Values)).lastInsertRowid)
      // the same without an object for what was done
      prepared.get(...(values as Values))
      return Exit.void
    } catch (cause) {
      return Exit.fail(sqliteError(cause, statement))
    }
  }

  many(statement: Statement, sets: ReadonlyArray<ReadonlyArray<unknown>>) {
    const results: Array<unknown> = []
    let count = 0
    try {
      const prepared = this.prepared(statement)
      for (const values of sets) {
        if (statement.silent === true) {
          prepared.get(...(values as Values))
          count++
          results.push(undefined)
        } else if (statement.returns) {
          const row = prepared.get(...(values as Values))
          if (row !== undefined) count++
          results.push(row)
        } else {
          const { changes, lastInsertRowid } = prepared.run(...(values as Values))
          count += Number(changes)
          results.push(lastInsertRowid)
        }
      }
      return Exit.succeed({ count, results })
    } catch (cause) {
      return Exit.fail(sqliteError(cause, statement))
    }
  }

  /** Reads on as the consumer does. A statement of its own: one that is remembered could be run again meanwhile. */
  stream(statement: Statement, values: ReadonlyArray<unknown>): Stream.Stream<StoredRow, ReadError> {
    return Stream.suspend(() => {
      let rows: Iterator<unknown>
      try {
        rows = this.fresh(statement).iterate(...(values as Values))
      } catch (cause) {
        return Stream.fail(sqliteError(cause, statement) as ReadError)
      }
      return Stream.unfold(rows, (rows) =>
        Effect.suspend(() => {
          const chunk: Array<StoredRow> = []
          try {
            while (chunk.length < chunkRows) {
              const next = rows.next()
              if (next.done === true) break
              chunk.push(next.value as StoredRow)
            }
          } catch (cause) {
            return Effect.fail(sqliteError(cause, statement) as ReadError)
          }
          return Effect.succeed(Arr.isArrayNonEmpty(chunk) ? ([chunk, rows] as const) : undefined)
        })
      ).pipe(Stream.ensuring(Effect.sync(() => void rows.return?.())), Stream.flattenArray)
    })
  }

  command(sql: string): Effect.Effect<void, OrmError> {
    try {
      this.database.exec(sql)
      return Exit.void
    } catch (cause) {
      return Exit.fail(sqliteError(cause, { sql, model: undefined }))
    }
  }
}
