/**
 * What can go wrong between a program and its database. Messages name tables and columns, never values: those may be
 * secrets.
 */
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"

const constraint = { table: Schema.String, constraint: Schema.String }

class UniqueViolationError extends Errors.make<UniqueViolationError>()(
  "UniqueViolation",
  { component: "orm", code: "ORM_UNIQUE_VIOLATION", status: 409 },
  {
    ...constraint,
    /** Names as the model has them. */
    columns: Schema.Array(Schema.String)
  }
) {
  override get message(): string {
    return `A row of "${this.table}" with the same ${this.columns.join(", ") || this.constraint} exists already.`
  }
}

/** Another row has the same values in columns that are unique together. */
export class UniqueViolation<out Column extends string = string> extends UniqueViolationError {
  declare readonly columns: ReadonlyArray<Column>
}

/** A row points to one that is not there, or one that is still pointed to was to go. */
export class ForeignKeyViolation extends Errors.make<ForeignKeyViolation>()(
  "ForeignKeyViolation",
  { component: "orm", code: "ORM_FOREIGN_KEY_VIOLATION", status: 409 },
  {
    table: Schema.String,
    /** Empty where the database does not tell, as SQLite. */
    constraint: Schema.String
  }
) {
  override get message(): string {
    const which = this.constraint === "" ? "" : ` (${this.constraint})`
    return `"${this.table}": a row points to a row that does not exist, or is itself still pointed to${which}.`
  }
}

export class NotNullViolation extends Errors.make<NotNullViolation>()(
  "NotNullViolation",
  { component: "orm", code: "ORM_NOT_NULL_VIOLATION", status: 422 },
  {
    table: Schema.String,
    column: Schema.String
  }
) {
  override get message(): string {
    return `"${this.table}.${this.column}" may not be null.`
  }
}

export class CheckViolation extends Errors.make<CheckViolation>()(
  "CheckViolation",
  { component: "orm", code: "ORM_CHECK_VIOLATION", status: 422 },
  constraint
) {
  override get message(): string {
    return `A row of "${this.table}" breaks the rule "${this.constraint}".`
  }
}

/** A value that was given does not fit its column; nothing was sent to the database. */
export class ValueInvalid extends Errors.make<ValueInvalid>()(
  "ValueInvalid",
  { component: "orm", code: "ORM_VALUE_INVALID", status: 422 },
  {
    table: Schema.String,
    column: Schema.String,
    /** What was expected. */
    problem: Schema.String
  }
) {
  override get message(): string {
    return `The value for "${this.table}.${this.column}" is not what it holds: ${this.problem}.`
  }
}

/** What was read does not fit the model: the database holds what this program would not have written. */
export class RowInvalid extends Errors.make<RowInvalid>()(
  "RowInvalid",
  { component: "orm", code: "ORM_ROW_INVALID", status: 500 },
  {
    table: Schema.String,
    column: Schema.String,
    problem: Schema.String
  }
) {
  override get message(): string {
    return `"${this.table}.${this.column}" holds what its model does not allow: ${this.problem}.`
  }
}

/** The query makes no sense: a name that does not exist, an empty filter, an operator that the column does not have. */
export class QueryInvalid extends Errors.make<QueryInvalid>()(
  "QueryInvalid",
  { component: "orm", code: "ORM_QUERY_INVALID", status: 500 },
  { problem: Schema.String }
) {
  override get message(): string {
    return `The query makes no sense: ${this.problem}.`
  }
}

/** A cursor is not one that this page gave. */
export class CursorInvalid extends Errors.make<CursorInvalid>()(
  "CursorInvalid",
  { component: "orm", code: "ORM_CURSOR_INVALID", status: 400 },
  {}
) {
  override get message(): string {
    return "The cursor was not given by a page of this order. Begin again without a cursor."
  }
}

/** The query asks for what this database does not do. Found when the query is compiled. */
export class UnsupportedFeature extends Errors.make<UnsupportedFeature>()(
  "UnsupportedFeature",
  { component: "orm", code: "ORM_UNSUPPORTED_FEATURE", status: 501 },
  {
    feature: Schema.String,
    dialect: Schema.String
  }
) {
  override get message(): string {
    return `${this.dialect} does not do "${this.feature}".`
  }
}

/** No row has the key. */
export class NotFound extends Errors.make<NotFound>()(
  "NotFound",
  { component: "orm", code: "ORM_NOT_FOUND", status: 404 },
  { table: Schema.String }
) {
  override get message(): string {
    return `No row of "${this.table}" has this key.`
  }
}

const reason = { reason: Schema.String }

/** The connection broke before the statement, or within a transaction, which is thereby undone. */
export class ConnectionLost extends Errors.make<ConnectionLost>()(
  "ConnectionLost",
  { component: "orm", code: "ORM_CONNECTION_LOST", status: 503, retryable: true },
  reason
) {
  override get message(): string {
    return `The database cannot be reached: ${this.reason}. What was not committed did not happen.`
  }
}

/** It is not known whether a commit, or a statement outside a transaction, took effect. */
export class OutcomeUnknown extends Errors.make<OutcomeUnknown>()(
  "OutcomeUnknown",
  { component: "orm", code: "ORM_OUTCOME_UNKNOWN", status: 500 },
  reason
) {
  override get message(): string {
    return `The database went away while it made a change lasting: ${this.reason}. Look whether it did before you repeat it.`
  }
}

/** The database took longer than it may: for a statement, or for a connection to become free. */
export class Timeout extends Errors.make<Timeout>()(
  "Timeout",
  { component: "orm", code: "ORM_TIMEOUT", status: 503, retryable: true },
  {
    waitedFor: Schema.String,
    millis: Schema.Number
  }
) {
  override get message(): string {
    return `Waited ${this.millis} ms in vain for ${this.waitedFor}.`
  }
}

/** Others hold what this needs: a lock on the database, or rows in an order that makes a circle. Trying again may help. */
export class Busy extends Errors.make<Busy>()(
  "Busy",
  { component: "orm", code: "ORM_BUSY", status: 503, retryable: true },
  reason
) {
  override get message(): string {
    return `Others hold what this needs: ${this.reason}. Try the transaction again.`
  }
}

/**
 * An earlier statement of this transaction failed, or the transaction is over. Databases differ in what they still allow
 * then; here none goes on.
 */
export class TransactionAborted extends Errors.make<TransactionAborted>()(
  "TransactionAborted",
  { component: "orm", code: "ORM_TRANSACTION_ABORTED", status: 500 },
  reason
) {
  override get message(): string {
    return `The transaction cannot go on: ${this.reason}. Run what may fail in a transaction of its own inside it.`
  }
}

/** The database refused, for a reason that has no error of its own: no such table, disk full, read-only. */
export class QueryFailed extends Errors.make<QueryFailed>()(
  "QueryFailed",
  { component: "orm", code: "ORM_QUERY_FAILED", status: 500 },
  {
    ...reason,
    /** The statement, without values. */
    sql: Schema.String
  }
) {
  override get message(): string {
    return `The database refused: ${this.reason}${this.sql === "" ? "" : `, at: ${this.sql}`}`
  }
}

/** What any statement can fail with. */
export type ReadError =
  | ValueInvalid
  | RowInvalid
  | QueryInvalid
  | UnsupportedFeature
  | ConnectionLost
  | Timeout
  | Busy
  | TransactionAborted
  | QueryFailed

/** What a statement that writes can fail with. `Column` are the columns of its model. */
export type WriteError<Column extends string = string> =
  | ReadError
  | UniqueViolation<Column>
  | ForeignKeyViolation
  | NotNullViolation
  | CheckViolation
  | OutcomeUnknown

/** What a transaction adds to the errors of what runs in it. Constraints may be checked as late as the commit. */
export type TransactionError =
  | ConnectionLost
  | OutcomeUnknown
  | Timeout
  | Busy
  | TransactionAborted
  | QueryFailed
  | UniqueViolation
  | ForeignKeyViolation
  | CheckViolation

export type OrmError = WriteError
