/**
 * SQLite: what ALTER TABLE cannot do is done by making the table anew, the way of https://sqlite.org/lang_altertable.html
 * section 7. The runner sees to it that foreign keys are not enforced meanwhile, for else dropping the old table deletes
 * the rows that point to it.
 */
import type { ColumnState, Fill, Operation, TableState } from "@mortise/core/orm/Migration"
import type { Table, TableColumn } from "@mortise/core/orm/Table"
import { columnText, columnType, createTable, literalOf } from "../../SqliteTables.ts"
import { apply, columnOf, type SchemaState } from "../SchemaState.ts"
import { alterChecks } from "./alterChecks.ts"
import { conversion } from "./conversion.ts"
import { countAll, createIndex, names, needsValue, noValue, quoted, statementsFor, text } from "./sqlText.ts"
import { type Step, sql, type Writer } from "./step.ts"

/** As the rest of the package knows tables; names that programs use make no difference here. */
const asColumn = (column: ColumnState): TableColumn => ({
  ...column,
  property: column.name,
  nullable: column.nullable === true,
  generated: column.generated === true
})
const asTable = (table: TableState): Table => ({ ...table, columns: table.columns.map(asColumn) })

const columnOfTable = (table: TableState, column: ColumnState): string => columnText(asTable(table), asColumn(column))

const numbers = (table: TableState): boolean =>
  table.primaryKey.length === 1 && table.columns.some(({ generated }) => generated === true)

/** How the value of a new column comes from the old row. */
const convert = (from: ColumnState, to: ColumnState, fill: Fill | undefined): string => {
  const old = quoted(from.name)
  const given = fill === undefined ? undefined : literalOf(to.type, fill.value)
  const kept = conversion(from.type, to.type)
  if (kept === "none") return given ?? emptied(to)
  const value =
    kept === "cast" && columnType(from.type) !== columnType(to.type) ? `cast(${old} as ${columnType(to.type)})` : old
  return given === undefined ? value : `coalesce(${value}, ${given})`
}

const emptied = (column: ColumnState): string =>
  column.default === undefined ? "null" : literalOf(column.type, column.default.value)

/** Values of the columns of a table that is made anew. Those that are not named are taken over. */
type Values = { readonly [column: string]: string }

const rebuild = (before: SchemaState, from: TableState, to: TableState, values: Values): Step => {
  const fresh = `mortise_new_${from.name}`
  const sequence = [
    `delete from sqlite_sequence where name = ${text(fresh)}`,
    `insert into sqlite_sequence (name, seq) select ${text(fresh)}, seq from sqlite_sequence where name = ${text(from.name)}`
  ]
  const pointing = [...before.values()].filter(
    ({ columns, name }) => name !== from.name && columns.some((column) => column.references?.table === from.name)
  )
  return {
    step: "rebuild",
    table: from.name,
    known: from.indexes.map(({ name }) => name),
    counted: [from.name, ...pointing.map(({ name }) => name)],
    statements: [
      // what points to itself names the table by the name that it will have
      createTable(asTable({ ...to, name: fresh }))[0]!,
      `insert into ${quoted(fresh)} (${names(to.columns.map(({ name }) => name))}) ` +
        `select ${to.columns.map(({ name }) => values[name] ?? quoted(name)).join(", ")} from ${quoted(from.name)}`,
      ...(numbers(from) && numbers(to) ? sequence : []),
      `drop table ${quoted(from.name)}`,
      `alter table ${quoted(fresh)} rename to ${quoted(to.name)}`,
      ...to.indexes.map((index) => createIndex(to.name, index))
    ]
  }
}

const addColumn = (before: SchemaState, operation: Operation & { readonly op: "addColumn" }): ReadonlyArray<Step> => {
  const { column, fill, table } = operation
  const from = before.get(table)!
  const plain = column.nullable === true || column.default !== undefined
  // a column that points somewhere and has a default, and one with a check, cannot be added to rows that are there
  if (plain && fill === undefined && (column.references === undefined || column.default === undefined)) {
    return [sql(`alter table ${quoted(table)} add column ${columnOfTable(from, column)}`)]
  }
  const to = apply(before, operation).get(table)!
  const value = fill === undefined ? emptied(column) : literalOf(column.type, fill.value)
  const check: ReadonlyArray<Step> =
    fill === undefined && needsValue(column)
      ? [{ step: "none", sql: countAll(table), problem: noValue(table, column.name) }]
      : []
  return [...check, rebuild(before, from, to, { [column.name]: value })]
}

/** What tells two columns apart in the text of their table. */
const looksAlike = (table: TableState, from: ColumnState, to: ColumnState): boolean =>
  columnOfTable(table, from) === columnOfTable(table, to) && conversion(from.type, to.type) === "same"

const writeOne = (before: SchemaState, operation: Operation): ReadonlyArray<Step> => {
  switch (operation.op) {
    case "createTable": {
      return createTable(asTable(operation.table)).map(sql)
    }
    case "dropTable":
      return [sql(`drop table ${quoted(operation.table.name)}`)]
    case "renameTable":
      return [sql(`alter table ${quoted(operation.from)} rename to ${quoted(operation.to)}`)]
    case "addColumn":
      return addColumn(before, operation)
    case "renameColumn": {
      const { from, table, to } = operation
      return [sql(`alter table ${quoted(table)} rename column ${quoted(from)} to ${quoted(to)}`)]
    }
    case "alterColumn": {
      const from = before.get(operation.table)!
      if (looksAlike(from, operation.from, operation.to)) return []
      const to = apply(before, operation).get(from.name)!
      const old = columnOf(from, operation.from.name)
      const values = { [old.name]: convert(operation.from, operation.to, operation.fill) }
      return [...alterChecks(operation), rebuild(before, from, to, values)]
    }
    case "dropColumn":
    case "alterPrimaryKey": {
      const from = before.get(operation.table)!
      return [rebuild(before, from, apply(before, operation).get(from.name)!, {})]
    }
    case "createIndex":
      return [sql(createIndex(operation.table, operation.index))]
    case "dropIndex":
      return [sql(`drop index ${quoted(operation.index.name)}`)]
    case "sql":
      return statementsFor(operation, "sqlite").map(sql)
    case "data":
      return [{ step: "data", operation }]
  }
}

export const sqliteWriter: Writer = {
  dialect: "sqlite",
  write: (before, operations) => {
    const steps: Array<Step> = []
    let state = before
    for (const operation of operations) {
      const after = apply(state, operation)
      steps.push(...writeOne(state, operation))
      state = after
    }
    return steps
  }
}
