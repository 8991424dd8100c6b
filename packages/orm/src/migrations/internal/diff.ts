/**
 * From the tables that migrations make to those that models say, as operations: renames first, because everything after
 * them uses the new names; then what comes, what changes, and last what goes.
 */
import type { Fill, Operation, TableState } from "@mortise/core/orm/Migration"
import type { Table } from "@mortise/core/orm/Table"
import { apply, ofTable, type SchemaState } from "../SchemaState.ts"
import { equal } from "./canonical.ts"

/** Values for columns that may not be null, by `table.column`. */
export type Fills = { readonly [column: string]: unknown }

/** The operations so far, and the tables that they lead to. */
class Course {
  readonly operations: Array<Operation> = []
  state: SchemaState

  constructor(state: SchemaState) {
    this.state = state
  }

  add(operation: Operation): void {
    this.state = apply(this.state, operation)
    this.operations.push(operation)
  }

  table(name: string): TableState {
    return this.state.get(name)!
  }
}

const renames = (course: Course, tables: ReadonlyArray<Table>): void => {
  const wanted = new Set(tables.map(({ name }) => name))
  for (const { name, was } of tables) {
    if (was === undefined || course.state.has(name) || !course.state.has(was) || wanted.has(was)) continue
    course.add({ op: "renameTable", from: was, to: name })
  }
  for (const { columns, name } of tables) {
    const before = course.state.get(name)
    if (before === undefined) continue
    const has = (column: string) => course.table(name).columns.some((other) => other.name === column)
    for (const { name: to, was } of columns) {
      if (was === undefined || has(to) || !has(was) || columns.some((other) => other.name === was)) continue
      course.add({ op: "renameColumn", table: name, from: was, to })
    }
  }
}

/** Tables after those that they point to, as far as there is no circle. */
const byReference = (tables: ReadonlyArray<TableState>): ReadonlyArray<TableState> => {
  const done = new Set<string>()
  const ordered: Array<TableState> = []
  const visit = (table: TableState): void => {
    if (done.has(table.name)) return
    done.add(table.name)
    for (const { references } of table.columns) {
      const target = tables.find(({ name }) => name === references?.table)
      if (target !== undefined) visit(target)
    }
    ordered.push(table)
  }
  for (const table of tables) visit(table)
  return ordered
}

const fillOf = (fills: Fills, table: string, column: string): { readonly fill?: Fill } => {
  const name = `${table}.${column}`
  return Object.hasOwn(fills, name) ? { fill: { value: fills[name] } } : {}
}

const changeColumns = (course: Course, to: TableState, fills: Fills): void => {
  const table = to.name
  for (const column of to.columns) {
    const from = course.table(table).columns.find(({ name }) => name === column.name)
    if (from === undefined) course.add({ op: "addColumn", table, column, ...fillOf(fills, table, column.name) })
    else if (!equal(from, column)) {
      course.add({ op: "alterColumn", table, from, to: column, ...fillOf(fills, table, column.name) })
    }
  }
}

const changeKey = (course: Course, table: string, to: ReadonlyArray<string>): void => {
  const { primaryKey: from } = course.table(table)
  if (!equal(from, to)) course.add({ op: "alterPrimaryKey", table, from, to })
}

const changeTable = (course: Course, to: TableState, fills: Fills): void => {
  const { columns, indexes, name, primaryKey } = course.table(to.name)
  const stays = (index: TableState["indexes"][number]) => to.indexes.some((other) => equal(other, index))
  for (const index of indexes) if (!stays(index)) course.add({ op: "dropIndex", table: name, index })

  // a column that leaves the key and changes has to leave it first
  const changes = (column: string) =>
    !equal(
      columns.find((other) => other.name === column),
      to.columns.find((other) => other.name === column)
    )
  if (!equal(primaryKey, to.primaryKey) && primaryKey.some(changes)) changeKey(course, name, [])
  changeColumns(course, to, fills)
  changeKey(course, name, to.primaryKey)

  for (const column of course.table(name).columns) {
    if (!to.columns.some((other) => other.name === column.name)) course.add({ op: "dropColumn", table: name, column })
  }
  const there = new Set(course.table(name).indexes.map((index) => index.name))
  for (const index of to.indexes) if (!there.has(index.name)) course.add({ op: "createIndex", table: name, index })
}

/** The operations from `state` to `tables`. Renames follow `was`; without it a name that goes is dropped. */
export const diff = (state: SchemaState, tables: ReadonlyArray<Table>, fills: Fills = {}): ReadonlyArray<Operation> => {
  const course = new Course(state)
  renames(course, tables)
  const wanted = tables.map(ofTable)
  const isNew = ({ name }: TableState) => !course.state.has(name)
  const [made, kept] = [wanted.filter(isNew), wanted.filter((table) => !isNew(table))]
  for (const table of byReference(made)) course.add({ op: "createTable", table })
  for (const table of kept) changeTable(course, table, fills)
  const gone = [...course.state.values()].filter(({ name }) => !wanted.some((table) => table.name === name))
  for (const table of byReference(gone).toReversed()) course.add({ op: "dropTable", table })
  return course.operations
}
