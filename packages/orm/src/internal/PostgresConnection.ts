/** One session of PostgreSQL. */
import type { PgConnection } from "@effect/sql-pg/PgConnection"
import type { OrmError, ReadError } from "@mortise/core/orm/OrmError"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Connection, Statement, StoredRow } from "../Driver.ts"
import { columnOf } from "../PostgresDialect.ts"
import { type At, postgresError } from "./postgresError.ts"

/** Rows that a stream takes at a time. */
const chunkRows = 256

type Values = ReadonlyArray<unknown>

let cursors = 0

export class PostgresConnection implements Connection {
  readonly session: PgConnection
  readonly #at: Pick<At, "whenGone" | "statementTimeoutMillis">

  constructor(session: PgConnection, at: Pick<At, "whenGone" | "statementTimeoutMillis">) {
    this.session = session
    this.#at = at
  }

  private said<A>(
    effect: Effect.Effect<A, Parameters<typeof postgresError>[0]>,
    { model, sql }: Pick<Statement, "model" | "sql">
  ): Effect.Effect<A, OrmError> {
    return Effect.mapError(effect, (error) => postgresError(error, { model, sql, ...this.#at }))
  }

  rows(statement: Statement, values: Values): Effect.Effect<ReadonlyArray<StoredRow>, OrmError> {
    return this.said(this.session.queryValues(statement.sql, values), statement)
  }

  count(statement: Statement, values: Values): Effect.Effect<number, OrmError> {
    return Effect.map(this.said(this.session.query(statement.sql, values), statement), ({ rowCount }) => rowCount)
  }

  /** The number is in what the statement returns, see `Dialect.generatedKey`. */
  insert(statement: Statement, values: Values): Effect.Effect<unknown, OrmError> {
    return this.said(this.session.query(statement.sql, values), statement)
  }

  many(statement: Statement, sets: ReadonlyArray<Values>) {
    const [first] = sets
    const { lists = 0 } = statement
    // rows of nothing but defaults have no columns to make lists of
    if (first === undefined || lists === 0) return this.each(statement, sets)
    const columns = first.slice(0, lists).map((_, at) => columnOf(sets.map((set) => set[at])))
    const values = [...columns, ...first.slice(lists)]
    return statement.returns
      ? Effect.map(this.rows(statement, values), (rows) => ({ count: rows.length, results: rows }))
      : Effect.map(this.count(statement, values), (count) => ({ count, results: sets.map(() => undefined) }))
  }

  private each(statement: Statement, sets: ReadonlyArray<Values>) {
    return Effect.map(
      Effect.forEach(sets, (set) =>
        statement.returns
          ? Effect.map(this.rows(statement, set), ([row]) => ({ count: row === undefined ? 0 : 1, row }))
          : Effect.map(this.count(statement, set), (count) => ({ count, row: undefined }))
      ),
      (answers) => ({
        count: answers.reduce((sum, { count }) => sum + count, 0),
        results: answers.map(({ row }) => row)
      })
    )
  }

  /** By a cursor, which the transaction has to be open for. */
  stream(statement: Statement, values: Values): Stream.Stream<StoredRow, ReadError> {
    const unprepared = (sql: string, values: Values = []) =>
      this.said(this.session.queryValues(sql, values, false), statement) as Effect.Effect<
        ReadonlyArray<StoredRow>,
        ReadError
      >
    return Stream.unwrap(
      Effect.gen(function* () {
        const name = `mortise_${++cursors}`
        yield* Effect.acquireRelease(unprepared(`declare ${name} no scroll cursor for ${statement.sql}`, values), () =>
          Effect.ignore(unprepared(`close ${name}`))
        )
        return Stream.unfold(undefined, () =>
          Effect.map(unprepared(`fetch ${chunkRows} from ${name}`), (rows) =>
            Arr.isReadonlyArrayNonEmpty(rows) ? ([rows, undefined] as const) : undefined
          )
        ).pipe(Stream.flattenArray)
      })
    )
  }

  command(sql: string): Effect.Effect<void, OrmError> {
    return Effect.asVoid(this.said(this.session.queryValues(sql, [], false), { sql, model: undefined }))
  }
}
