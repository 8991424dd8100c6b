import type { Operation } from "@mortise/core/orm/Migration"
import { conversion } from "./conversion.ts"

/** Something that an operation takes away for good. */
export interface Loss {
  /** `table`, `table.column`, or the words of a `destroys`. */
  readonly what: string
  /** Where it is, to count the rows that hold something; undefined for SQL, of which nothing is known. */
  readonly at: { readonly table: string; readonly column?: string } | undefined
}

/** What an operation destroys when it is run. */
export const lossOf = (operation: Operation): Loss | undefined => {
  switch (operation.op) {
    case "dropTable": {
      const table = operation.table.name
      return { what: table, at: { table } }
    }
    case "dropColumn": {
      const { column, table } = operation
      return { what: `${table}.${column.name}`, at: { table, column: column.name } }
    }
    case "alterColumn": {
      const { from, table, to } = operation
      if (conversion(from.type, to.type) !== "none") return undefined
      return { what: `${table}.${to.name}`, at: { table, column: from.name } }
    }
    case "sql":
      return operation.destroys === undefined ? undefined : { what: operation.destroys, at: undefined }
    default:
      return undefined
  }
}
