/** The statements that make a table on SQLite. Tables are strict: a column holds its type and nothing else. */
import type { ColumnType } from "@mortise/core/orm/ColumnType"
import type { Table, TableColumn, TableIndex } from "@mortise/core/orm/Table"
import { quoted } from "./Dialect.ts"
import { sqliteDialect } from "./SqliteDialect.ts"

const storage: { readonly [K in ColumnType["kind"]]: "integer" | "real" | "text" | "blob" } = {
  integer: "integer",
  bigInteger: "integer",
  text: "text",
  boolean: "integer",
  dateTime: "integer",
  decimal: "integer",
  float: "real",
  uuid: "text",
  json: "text",
  binary: "blob",
  enum: "text"
}

export const columnType = (type: ColumnType): string => storage[type.kind]

const literal = (value: unknown): string => {
  if (value === null) return "null"
  if (typeof value === "number" || typeof value === "bigint") return String(value)
  if (value instanceof Uint8Array)
    return `x'${Buffer.from(value.buffer, value.byteOffset, value.length).toString("hex")}'`
  return `'${String(value).replaceAll("'", "''")}'`
}

/** A default is told in its JSON form; these are the kinds whose JSON form is not what a program gives. */
const fromJson = (type: ColumnType, value: unknown): unknown => {
  if (type.kind === "bigInteger") return BigInt(value as string)
  if (type.kind === "dateTime") return new Date(value as string)
  if (type.kind === "binary") return new Uint8Array(Buffer.from(value as string, "base64"))
  return value
}

/** A value in its JSON form, as SQL has it. */
export const literalOf = (type: ColumnType, value: unknown): string =>
  literal(value === null ? null : sqliteDialect.codec(type, false).encode(fromJson(type, value)))

/** A default as SQL has it. */
export const defaultText = ({ default: given, type }: TableColumn): string =>
  given === undefined ? "" : ` default ${literalOf(type, given.value)}`

/** A column as `create table` and `add column` have it. */
export const columnText = (table: Table, column: TableColumn): string => {
  const { generated, name, nullable, references, type } = column
  let text = `${quoted(name)} ${columnType(type)}`
  // autoincrement: the number of a row that is gone is not given again
  if (generated && table.primaryKey.length === 1) text += " primary key autoincrement"
  else if (!nullable) text += " not null"
  text += defaultText(column)
  if (type.kind === "boolean") text += ` check (${quoted(name)} in (0, 1))`
  if (type.kind === "enum") text += ` check (${quoted(name)} in (${type.values.map(literal).join(", ")}))`
  if (references !== undefined) {
    text += ` references ${quoted(references.table)} (${quoted(references.column)}) on delete ${references.onDelete}`
  }
  return text
}

export const createIndex = (table: string, { columns, name, unique }: TableIndex): string =>
  `create ${unique ? "unique " : ""}index ${quoted(name)} on ${quoted(table)} (${columns.map(quoted).join(", ")})`

/** A table and its indexes. Tables that it points to may be made later. */
export const createTable = (table: Table): ReadonlyArray<string> => {
  const numbered = table.columns.some(({ generated }) => generated) && table.primaryKey.length === 1
  const parts = table.columns.map((column) => columnText(table, column))
  if (table.primaryKey.length > 0 && !numbered) parts.push(`primary key (${table.primaryKey.map(quoted).join(", ")})`)
  return [
    `create table ${quoted(table.name)} (${parts.join(", ")}) strict`,
    ...table.indexes.map((index) => createIndex(table.name, index))
  ]
}
