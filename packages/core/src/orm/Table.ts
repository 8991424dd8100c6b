/**
 * A model's table as plain data, fit for JSON: what migrations compare and dialects write. Names are those of the
 * database, but for `property`, the name that the model gives a column.
 */
import type { ColumnType } from "./ColumnType.ts"

/** What happens to a row whose referenced row goes. */
export type OnDelete = "cascade" | "restrict" | "set null" | "no action"

export interface Reference {
  readonly table: string
  readonly column: string
  readonly onDelete: OnDelete
}

export interface TableColumn {
  readonly name: string
  readonly property: string
  readonly type: ColumnType
  readonly nullable: boolean
  /** The database numbers rows in this column when no value is given. */
  readonly generated: boolean
  /** A value in its JSON form. Defaults that are functions are the program's business and not told here. */
  readonly default?: { readonly value: unknown }
  readonly references?: Reference
  /** The column's name before it was renamed. */
  readonly was?: string
}

export interface TableIndex {
  readonly name: string
  readonly columns: ReadonlyArray<string>
  readonly unique: boolean
}

export interface Table {
  readonly name: string
  readonly columns: ReadonlyArray<TableColumn>
  readonly primaryKey: ReadonlyArray<string>
  readonly indexes: ReadonlyArray<TableIndex>
  /** The table's name before it was renamed. */
  readonly was?: string
}

/** Bytes that PostgreSQL keeps of a name; longer ones are shortened here, the same way everywhere. */
const maxNameBytes = 63

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
const hash = (text: string): string => {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return (h >>> 0).toString(16).padStart(8, "0")
}

const utf8 = new TextEncoder()
const bytes = (name: string): number => utf8.encode(name).length

/** The name itself, or one of at most 63 bytes that stands for it. */
export const fitName = (name: string): string => {
  if (bytes(name) <= maxNameBytes) return name
  const tail = `_${hash(name)}`
  let head = name.slice(0, maxNameBytes - tail.length)
  while (!head.isWellFormed() || bytes(head) > maxNameBytes - tail.length) head = head.slice(0, -1)
  return head + tail
}

/** `users_email_unique`, at most 63 bytes. */
export const indexName = (table: string, columns: ReadonlyArray<string>, unique: boolean): string =>
  fitName(`${table}_${columns.join("_")}_${unique ? "unique" : "index"}`)
