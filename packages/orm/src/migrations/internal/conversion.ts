/**
 * Which values survive a change of their column's type. What is not listed does not: the column is emptied, which needs
 * acknowledgement.
 */
import type { ColumnType, Kind } from "@mortise/core/orm/ColumnType"

export type Conversion =
  /** Every value stays as it is, in every database. */
  | "same"
  /** Every value has exactly one counterpart. */
  | "cast"
  /** Those that fit stay; one that does not stops the migration. */
  | "checked"
  /** No value has a counterpart. */
  | "none"

const casts: ReadonlyArray<readonly [Kind, Kind]> = [
  ["integer", "bigInteger"],
  ["integer", "float"],
  ["integer", "text"],
  ["bigInteger", "text"],
  ["boolean", "integer"],
  ["boolean", "bigInteger"],
  ["uuid", "text"],
  ["enum", "text"]
]

const sameDecimal = (from: ColumnType, to: ColumnType): boolean =>
  from.kind === "decimal" && to.kind === "decimal" && from.scale === to.scale && from.precision <= to.precision

export const conversion = (from: ColumnType, to: ColumnType): Conversion => {
  if (to.kind === "enum" && (from.kind === "enum" || from.kind === "text")) return "checked"
  if (from.kind === "bigInteger" && to.kind === "integer") return "checked"
  if (from.kind === "decimal" && to.kind === "decimal") return sameDecimal(from, to) ? "same" : "none"
  if (from.kind === to.kind) return "same"
  return casts.some(([a, b]) => a === from.kind && b === to.kind) ? "cast" : "none"
}
