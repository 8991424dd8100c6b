/** What PostgreSQL says, as errors of the contract. Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
import { CodecError } from "@effect/sql-pg/PgTypes"
import type { Any as AnyModel } from "@mortise/core/orm/Model"
import {
  Busy,
  CheckViolation,
  ConnectionLost,
  ForeignKeyViolation,
  NotNullViolation,
  type OrmError,
  OutcomeUnknown,
  QueryFailed,
  Timeout,
  UniqueViolation
} from "@mortise/core/orm/OrmError"
import type { SqlError } from "effect/sql/SqlError"

/** The fields of an ErrorResponse. */
interface Said {
  /** Only what the server says has one; a `code` may also be one of Node's, as EPIPE. */
  readonly severity?: string
  readonly code?: string
  readonly message?: string
  readonly detail?: string
  readonly table?: string
  readonly column?: string
  readonly constraint?: string
}

const saidBy = (error: SqlError): Said => {
  const said = error.reason.cause as Said | null | undefined
  return said?.severity === undefined ? {} : said
}

/** Whether the server ends the connection, or does not answer at all. */
const isGone = (error: SqlError, code: string | undefined): boolean => {
  // 57P01 to 57P05: administrator, crash, starting, database dropped, idle for too long
  if (code !== undefined) return code.startsWith("08") || code.startsWith("57P") || code.startsWith("28")
  // what cannot be put into a message, or read from one, is no reason to think so
  return !(error.reason.cause instanceof CodecError) && ["ConnectionError", "UnknownError"].includes(error.reason._tag)
}

/** "Key (email, name)=(…) already exists." → the names. */
const keysOf = (detail: string | undefined): ReadonlyArray<string> => {
  const list = /^Key \((.*?)\)=/.exec(detail ?? "")?.[1]
  return list === undefined ? [] : list.split(", ").map((name) => name.replace(/^"|"$/g, "").replaceAll('""', '"'))
}

const propertyOf = (model: AnyModel | undefined, name: string): string =>
  model?.fields.find((field) => field.name === name)?.property ?? name

export interface At {
  readonly model: AnyModel | undefined
  readonly sql: string
  /** What it means when the connection breaks: whether what was said may have taken effect. */
  readonly whenGone: "lost" | "unknown"
  readonly statementTimeoutMillis: number
}

const reasonOf = (error: SqlError): string => {
  const { cause, message } = error.reason
  return cause instanceof Error && cause.message !== "" ? cause.message : (message ?? error.message)
}

export const postgresError = (error: SqlError, { model, sql, statementTimeoutMillis, whenGone }: At): OrmError => {
  const said = saidBy(error)
  const { code, column = "", constraint = "", table = model?.name ?? "" } = said
  const reason = reasonOf(error)
  if (isGone(error, code)) {
    return whenGone === "unknown" ? new OutcomeUnknown({ reason }) : new ConnectionLost({ reason })
  }
  switch (code) {
    case "23505":
      return new UniqueViolation({
        table,
        constraint,
        columns: keysOf(said.detail).map((name) => propertyOf(model, name))
      })
    case "23503":
      return new ForeignKeyViolation({ table, constraint })
    case "23502":
      return new NotNullViolation({ table, column: propertyOf(model, column) })
    case "23514":
      return new CheckViolation({ table, constraint })
    case "40001":
    case "40P01":
    case "55P03":
      return new Busy({ reason })
    case "57014":
      return new Timeout({ waitedFor: "a statement", millis: statementTimeoutMillis })
    default:
      return new QueryFailed({ reason, sql })
  }
}

/** Where there is no connection to begin with, nothing has happened. */
export const notConnected = (error: SqlError): ConnectionLost => new ConnectionLost({ reason: reasonOf(error) })
