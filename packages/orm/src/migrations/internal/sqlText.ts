import type { ColumnState, Operation, TableState } from "@mortise/core/orm/Migration"
import { Misfit } from "../SchemaState.ts"

/** A name as SQL has it. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const names = (columns: ReadonlyArray<string>): string => columns.map(quoted).join(", ")

export const text = (value: string): string => `'${value.replaceAll("'", "''")}'`

/** The statements of a step written for one database. */
export const statementsFor = (
  operation: Operation & { readonly op: "sql" },
  dialect: string
): ReadonlyArray<string> => {
  const statements = Object.hasOwn(operation.up, dialect) ? operation.up[dialect] : undefined
  if (statements === undefined) throw new Misfit(`it runs SQL that is not written for ${dialect}`)
  return statements
}

export const createIndex = (table: string, index: TableState["indexes"][number]): string =>
  `create ${index.unique ? "unique " : ""}index ${quoted(index.name)} on ${quoted(table)} (${names(index.columns)})`

/** Whether rows that are there already need a value for a column, and nobody gives one. */
export const needsValue = (column: ColumnState): boolean =>
  column.nullable !== true && column.generated !== true && column.default === undefined

const actions = { cascade: "cascade", restrict: "restrict", "set null": "set null", "no action": "no action" } as const

export const references = (column: ColumnState): string => {
  const { column: target, onDelete, table } = column.references!
  return `references ${quoted(table)} (${quoted(target)}) on delete ${actions[onDelete]}`
}

export const countAll = (table: string): string => `select count(*) from ${quoted(table)}`

export const noValue = (table: string, column: string): string =>
  `the rows of "${table}" have no value for "${column}", which may not be null: give the operation a fill`
