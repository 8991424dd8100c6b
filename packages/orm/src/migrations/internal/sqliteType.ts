import type { ColumnType, Kind } from "@mortise/core/orm/ColumnType"
import { text } from "./sqlText.ts"

const types: { readonly [K in Kind]: string } = {
  integer: "integer",
  bigInteger: "integer",
  text: "text",
  boolean: "integer",
  // milliseconds since 1970
  dateTime: "integer",
  // whole numbers of the smallest unit
  decimal: "integer",
  float: "real",
  uuid: "text",
  json: "text",
  binary: "blob",
  enum: "text"
}

export const sqliteType = (type: ColumnType): string => types[type.kind]

const hex = (base64: string): string => `x'${Buffer.from(base64, "base64").toString("hex")}'`

/** `"-12.5"` of scale 2 is -1250. */
const unscaled = (value: string, scale: number): string => {
  const [whole = "", rest = ""] = value.split(".")
  return String(BigInt(whole.replace("-", "") + rest.padEnd(scale, "0")) * (value.startsWith("-") ? -1n : 1n))
}

/** A value in its JSON form, as SQLite stores it. */
export const sqliteLiteral = (type: ColumnType, value: unknown): string => {
  if (value === null) return type.kind === "json" ? "'null'" : "null"
  switch (type.kind) {
    case "integer":
    case "bigInteger":
    case "float":
      return String(value)
    case "boolean":
      return value === true ? "1" : "0"
    case "dateTime":
      return String(Date.parse(String(value)))
    case "decimal":
      return unscaled(String(value), type.scale)
    case "json":
      return text(JSON.stringify(value))
    case "binary":
      return hex(String(value))
    default:
      return text(String(value))
  }
}
