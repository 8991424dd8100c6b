import type { ColumnType } from "@mortise/core/orm/ColumnType"
import type { Operation } from "@mortise/core/orm/Migration"
import { conversion } from "./conversion.ts"
import { countAll, needsValue, noValue, quoted, text } from "./sqlText.ts"
import type { Step } from "./step.ts"

const outside = (column: string, type: ColumnType): string | undefined => {
  if (type.kind === "enum") return `${quoted(column)} not in (${type.values.map(text).join(", ")})`
  if (type.kind === "integer") return `${quoted(column)} not between -9007199254740991 and 9007199254740991`
  return undefined
}

/** What must not be there before a column is altered: rows without a value that is needed, values that do not fit. */
export const alterChecks = (operation: Operation & { readonly op: "alterColumn" }): ReadonlyArray<Step> => {
  const { fill, from, table, to } = operation
  const kept = conversion(from.type, to.type)
  if (kept === "none") {
    if (fill !== undefined || !needsValue(to)) return []
    return [{ step: "none", sql: countAll(table), problem: noValue(table, to.name) }]
  }
  const steps: Array<Step> = []
  if (from.nullable === true && to.nullable !== true && fill === undefined) {
    const nulls = `${countAll(table)} where ${quoted(to.name)} is null`
    steps.push({ step: "none", sql: nulls, problem: noValue(table, to.name) })
  }
  const wrong = kept === "checked" ? outside(to.name, to.type) : undefined
  if (wrong !== undefined) {
    const problem = `"${table}.${to.name}" holds values that ${to.type.kind} does not have`
    steps.push({ step: "none", sql: `${countAll(table)} where ${wrong}`, problem })
  }
  return steps
}
