/** What SQLite says, as errors of the contract. Codes: https://www.sqlite.org/rescode.html */

import type { Any as AnyModel } from "@mortise/core/orm/Model"
import {
  Busy,
  CheckViolation,
  ConnectionLost,
  ForeignKeyViolation,
  NotNullViolation,
  type OrmError,
  QueryFailed,
  RowInvalid,
  UniqueViolation
} from "@mortise/core/orm/OrmError"
import type { Statement } from "../Driver.ts"

const BUSY = 5
const LOCKED = 6
const CANTOPEN = 14
const NOTADB = 26
const CONSTRAINT_CHECK = 275
const CONSTRAINT_DATATYPE = 3091
const CONSTRAINT_FOREIGNKEY = 787
const CONSTRAINT_NOTNULL = 1299
const CONSTRAINT_PRIMARYKEY = 1555
const CONSTRAINT_ROWID = 2579
/** What `on delete restrict` is refused by, and what a trigger raises. */
const CONSTRAINT_TRIGGER = 1811
const CONSTRAINT_UNIQUE = 2067

interface SqliteError {
  readonly message: string
  readonly code?: unknown
  readonly errcode?: unknown
}

/** The primary code of an extended one. */
const primary = (code: number) => code & 0xff

export const isBusy = (error: unknown): boolean => {
  const { errcode } = error as SqliteError
  return typeof errcode === "number" && (primary(errcode) === BUSY || primary(errcode) === LOCKED)
}

/** "UNIQUE constraint failed: users.email, users.name" → the columns as the model calls them. */
const columnsOf = (message: string, model: AnyModel | undefined): ReadonlyArray<string> => {
  const list = message.slice(message.indexOf("failed: ") + "failed: ".length)
  if (list.startsWith("index ")) return []
  return list.split(", ").map((item) => {
    const table = model === undefined ? item.split(".")[0] : model.name
    const name = item.startsWith(`${table}.`) ? item.slice(`${table}.`.length) : item
    return model?.fields.find((field) => field.name === name)?.property ?? name
  })
}

const constraintOf = (model: AnyModel | undefined, columns: ReadonlyArray<string>, message: string): string => {
  const names = columns.map((property) => model?.field(property)?.name ?? property)
  const index = model?.table.indexes.find(
    (index) =>
      index.unique && index.columns.length === names.length && index.columns.every((name) => names.includes(name))
  )
  return index?.name ?? message.slice(message.indexOf("failed: ") + "failed: ".length)
}

export const sqliteError = (cause: unknown, statement: Pick<Statement, "model" | "sql">): OrmError => {
  const { code, errcode, message } = cause as SqliteError
  const { model, sql } = statement
  const table = model?.name ?? ""
  if (code === "ERR_OUT_OF_RANGE") return new RowInvalid({ table, column: "", problem: "an integer beyond 2^53 - 1" })
  if (code === "ERR_INVALID_STATE") return new ConnectionLost({ reason: message })
  if (typeof errcode !== "number") return new QueryFailed({ reason: message, sql })
  switch (errcode) {
    case CONSTRAINT_UNIQUE:
    case CONSTRAINT_PRIMARYKEY:
    case CONSTRAINT_ROWID: {
      const columns = columnsOf(message, model)
      return new UniqueViolation({ table, columns, constraint: constraintOf(model, columns, message) })
    }
    case CONSTRAINT_TRIGGER:
      if (!message.startsWith("FOREIGN KEY")) return new CheckViolation({ table, constraint: message })
      return new ForeignKeyViolation({ table, constraint: "" })
    case CONSTRAINT_FOREIGNKEY:
      return new ForeignKeyViolation({ table, constraint: "" })
    case CONSTRAINT_NOTNULL:
      return new NotNullViolation({ table, column: columnsOf(message, model)[0] ?? "" })
    case CONSTRAINT_CHECK:
    case CONSTRAINT_DATATYPE:
      return new CheckViolation({ table, constraint: constraintOf(undefined, [], message) })
  }
  if (isBusy(cause)) return new Busy({ reason: "another process writes to the database" })
  if (primary(errcode) === CANTOPEN || primary(errcode) === NOTADB) return new ConnectionLost({ reason: message })
  return new QueryFailed({ reason: message, sql })
}
