import type { ColumnType } from "@mortise/core/orm/ColumnType"
import { text } from "./sqlText.ts"

/** What values of a column are. */
export const postgresType = (type: ColumnType): string => {
  switch (type.kind) {
    // integers of JavaScript go past 32 bits
    case "integer":
    case "bigInteger":
      return "bigint"
    case "text":
    case "enum":
      return "text"
    case "boolean":
      return "boolean"
    case "dateTime":
      return "timestamp(3) with time zone"
    case "decimal":
      return `numeric(${type.precision}, ${type.scale})`
    case "float":
      return "double precision"
    case "uuid":
      return "uuid"
    case "json":
      return "jsonb"
    case "binary":
      return "bytea"
  }
}

/** What a column is made as: text is in the order of code points, as everywhere else, not in that of the server's language. */
export const postgresColumnType = (type: ColumnType): string => {
  const name = postgresType(type)
  return name === "text" ? `text collate "C"` : name
}

/** Escapes nothing but quotes, so it must not hold a backslash escape: `standard_conforming_strings` is on since 9.1. */
const cast = (value: string, type: ColumnType): string => `${text(value)}::${postgresType(type)}`

/** A value in its JSON form, as PostgreSQL stores it. */
export const postgresLiteral = (type: ColumnType, value: unknown): string => {
  if (value === null) return type.kind === "json" ? "'null'::jsonb" : "null"
  switch (type.kind) {
    case "integer":
    case "bigInteger":
    case "float":
      return Number(value) < 0 ? `(${String(value)})` : String(value)
    case "boolean":
      return value === true ? "true" : "false"
    case "json":
      return cast(JSON.stringify(value), type)
    case "binary":
      return cast(`\\x${Buffer.from(String(value), "base64").toString("hex")}`, type)
    default:
      return cast(String(value), type)
  }
}
