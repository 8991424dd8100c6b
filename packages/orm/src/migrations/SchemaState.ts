/**
 * All tables at one point of their history, replayed from operations. No database is needed to know it, and none is asked.
 */
import type { ColumnState, Operation, TableState } from "@mortise/core/orm/Migration"
import type { Any as AnyModel } from "@mortise/core/orm/Model"
import type { Table, TableColumn } from "@mortise/core/orm/Table"
import { canonical } from "./internal/canonical.ts"

export type SchemaState = ReadonlyMap<string, TableState>

export const empty: SchemaState = new Map()

/** An operation that does not fit the tables that are there. The runner says of which migration it is. */
export class Misfit extends Error {}

const columnState = ({ default: given, generated, name, nullable, references, type }: TableColumn): ColumnState => ({
  name,
  type,
  ...(nullable ? { nullable } : {}),
  ...(generated ? { generated } : {}),
  ...(given === undefined ? {} : { default: given }),
  ...(references === undefined ? {} : { references })
})

/** A false flag and one that is left out are the same. */
const tidy = ({ generated, nullable, ...column }: ColumnState): ColumnState => ({
  ...column,
  ...(nullable ? { nullable } : {}),
  ...(generated ? { generated } : {})
})

/** What a database knows of a model's table. */
export const ofTable = ({ columns, indexes, name, primaryKey }: Table): TableState => ({
  name,
  columns: columns.map(columnState),
  primaryKey,
  indexes: indexes.filter((index, at) => indexes.findIndex((other) => other.name === index.name) === at)
})

export const ofModels = (models: ReadonlyArray<AnyModel>): SchemaState =>
  new Map(models.map(({ table }) => [table.name, ofTable(table)]))

const tableOf = (state: SchemaState, name: string): TableState => {
  const table = state.get(name)
  if (table === undefined) throw new Misfit(`there is no table "${name}"`)
  return table
}

export const columnOf = (table: TableState, name: string): ColumnState => {
  const column = table.columns.find((column) => column.name === name)
  if (column === undefined) throw new Misfit(`"${table.name}" has no column "${name}"`)
  return column
}

const mapColumns = (table: TableState, change: (column: ColumnState) => ColumnState): TableState => ({
  ...table,
  columns: table.columns.map(change)
})

/** Changes what every column of every table points to. */
const repoint = (
  state: SchemaState,
  change: (reference: NonNullable<ColumnState["references"]>) => ColumnState["references"]
): SchemaState =>
  new Map(
    [...state].map(([name, table]) => [
      name,
      mapColumns(table, (column) => {
        if (column.references === undefined) return column
        const references = change(column.references)
        return references === undefined ? column : { ...column, references }
      })
    ])
  )

const put = (state: SchemaState, table: TableState): SchemaState => new Map([...state, [table.name, table]])

const absent = (what: string, found: unknown): void => {
  if (found !== undefined) throw new Misfit(`${what} exists already`)
}

const unused = (table: TableState, column: string): void => {
  if (table.primaryKey.includes(column)) throw new Misfit(`"${table.name}.${column}" is part of the primary key`)
  const index = table.indexes.find(({ columns }) => columns.includes(column))
  if (index !== undefined) throw new Misfit(`"${table.name}.${column}" is used by the index "${index.name}"`)
}

const indexAt = (state: SchemaState, name: string) =>
  [...state.values()].find(({ indexes }) => indexes.some((index) => index.name === name))

const rename = (from: string, to: string) => (name: string) => (name === from ? to : name)

const renameColumn = (state: SchemaState, tableName: string, from: string, to: string): SchemaState => {
  const table = tableOf(state, tableName)
  columnOf(table, from)
  absent(
    `"${tableName}.${to}"`,
    table.columns.find(({ name }) => name === to)
  )
  const renamed = rename(from, to)
  const changed: TableState = {
    ...mapColumns(table, (column) => ({ ...column, name: renamed(column.name) })),
    primaryKey: table.primaryKey.map(renamed),
    indexes: table.indexes.map((index) => ({ ...index, columns: index.columns.map(renamed) }))
  }
  return repoint(put(state, changed), (reference) =>
    reference.table === tableName ? { ...reference, column: renamed(reference.column) } : undefined
  )
}

const renameTable = (state: SchemaState, from: string, to: string): SchemaState => {
  const table = tableOf(state, from)
  absent(`the table "${to}"`, state.get(to))
  // the place in the order is kept, so that two replays print alike
  const renamed = new Map(
    [...state].map(([name, other]) => (name === from ? [to, { ...table, name: to }] : [name, other]))
  )
  return repoint(renamed, (reference) => (reference.table === from ? { ...reference, table: to } : undefined))
}

/** The tables after `operation`. Throws `Misfit` when it does not fit those before. */
export const apply = (state: SchemaState, operation: Operation): SchemaState => {
  switch (operation.op) {
    case "createTable":
      absent(`the table "${operation.table.name}"`, state.get(operation.table.name))
      for (const { name } of operation.table.indexes) absent(`the index "${name}"`, indexAt(state, name))
      return put(state, mapColumns(operation.table, tidy))
    case "dropTable": {
      tableOf(state, operation.table.name)
      return new Map([...state].filter(([name]) => name !== operation.table.name))
    }
    case "renameTable":
      return renameTable(state, operation.from, operation.to)
    case "addColumn": {
      const table = tableOf(state, operation.table)
      const { column } = operation
      absent(
        `"${table.name}.${column.name}"`,
        table.columns.find(({ name }) => name === column.name)
      )
      return put(state, { ...table, columns: [...table.columns, tidy(column)] })
    }
    case "dropColumn": {
      const table = tableOf(state, operation.table)
      const { name } = columnOf(table, operation.column.name)
      unused(table, name)
      return put(state, { ...table, columns: table.columns.filter((column) => column.name !== name) })
    }
    case "renameColumn":
      return renameColumn(state, operation.table, operation.from, operation.to)
    case "alterColumn": {
      const { from, to } = operation
      const table = tableOf(state, operation.table)
      columnOf(table, from.name)
      if (from.name !== to.name)
        throw new Misfit(`"${table.name}.${from.name}" is renamed by renameColumn, not by alterColumn`)
      return put(
        state,
        mapColumns(table, (column) => (column.name === to.name ? tidy(to) : column))
      )
    }
    case "alterPrimaryKey": {
      const table = tableOf(state, operation.table)
      for (const column of operation.to) columnOf(table, column)
      return put(state, { ...table, primaryKey: operation.to })
    }
    case "createIndex": {
      const table = tableOf(state, operation.table)
      for (const column of operation.index.columns) columnOf(table, column)
      absent(`the index "${operation.index.name}"`, indexAt(state, operation.index.name))
      return put(state, { ...table, indexes: [...table.indexes, operation.index] })
    }
    case "dropIndex": {
      const table = tableOf(state, operation.table)
      if (!table.indexes.some(({ name }) => name === operation.index.name)) {
        throw new Misfit(`"${table.name}" has no index "${operation.index.name}"`)
      }
      return put(state, { ...table, indexes: table.indexes.filter(({ name }) => name !== operation.index.name) })
    }
    case "sql":
    case "data":
      return state
  }
}

export const replay = (operations: ReadonlyArray<Operation>, from: SchemaState = empty): SchemaState =>
  operations.reduce(apply, from)

const byName = <A extends { readonly name: string }>(items: ReadonlyArray<A>): ReadonlyArray<A> =>
  [...items].sort((a, b) => (a.name < b.name ? -1 : 1))

/** Whether two states are the same to a database, whose columns and indexes have no order that matters. */
export const same = (a: SchemaState, b: SchemaState): boolean => fingerprint(a) === fingerprint(b)

/** One text for each state. */
export const fingerprint = (state: SchemaState): string =>
  canonical(
    byName([...state.values()]).map((table) => ({
      ...table,
      columns: byName(table.columns),
      indexes: byName(table.indexes)
    }))
  )
