import type { Operation } from "@mortise/core/orm/Migration"
import type { SchemaState } from "../SchemaState.ts"

/** What is done to a database for an operation. */
export type Step =
  | { readonly step: "sql"; readonly sql: string }
  /** Stops the migration when the statement counts any rows. */
  | { readonly step: "none"; readonly sql: string; readonly problem: string }
  /**
   * Makes a table anew under another name, copies the rows and takes the old one's place. The rows of the table and of those
   * that point to it are counted before and after.
   */
  | {
      readonly step: "rebuild"
      readonly table: string
      readonly statements: ReadonlyArray<string>
      readonly counted: ReadonlyArray<string>
      /** The indexes that the statements make again; others are kept as they are. */
      readonly known: ReadonlyArray<string>
    }
  | { readonly step: "data"; readonly operation: Operation & { readonly op: "data" } }

/** Writes the operations of one migration for one database. */
export interface Writer {
  readonly dialect: string
  /** Throws `Misfit` for operations that do not fit the tables of `before`. */
  readonly write: (before: SchemaState, operations: ReadonlyArray<Operation>) => ReadonlyArray<Step>
}

export const sql = (text: string): Step => ({ step: "sql", sql: text })

/** The step as it is shown in a dry run. */
export const shown = (step: Step): ReadonlyArray<string> => {
  switch (step.step) {
    case "sql":
      return [`${step.sql};`]
    case "none":
      return [`-- stops if this counts any rows, because ${step.problem}`, `${step.sql};`]
    case "rebuild":
      return [
        `-- rebuilds "${step.table}"; rows are counted before and after: ${step.counted.join(", ")}`,
        ...step.statements.map((statement) => `${statement};`)
      ]
    case "data":
      return [`-- changes rows by a function: ${step.operation.name}`]
  }
}
