/** Values of strangers as JSON that may be written to a log: of bounded size, without secrets. */
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import { soundsSecret } from "../ConfigSchema.ts"

const hidden = "<redacted>"
const maxText = 2_000
const maxEntries = 50
const maxDepth = 4
/** Of one context, so that neither width times depth nor a getter that makes new objects adds up. */
const maxValues = 500

/** Name and password of an address; their lengths are bounded so that no text takes long. */
const inAddress = /:\/\/[^\s:@/]{0,200}:\S{0,200}@/g

/** A text without passwords in addresses, cut where it is long. */
export const safeText = (text: string): string => {
  // what is looked at is bounded too, and ends behind what is kept: a cut address would keep its password
  const shown = text.slice(0, maxText + 500).replaceAll(inAddress, `://${hidden}@`)
  return shown.length > maxText ? `${shown.slice(0, maxText)}…` : shown
}

/** Shown elsewhere, or not for logs. */
const elsewhere: ReadonlySet<string> = new Set(["_tag", "message", "name", "stack"])

interface Budget {
  left: number
  readonly above: Array<object>
}

const valueOf = (value: unknown, budget: Budget): Schema.Json => {
  if (--budget.left < 0) return "…"
  switch (typeof value) {
    case "string":
      return safeText(value)
    case "boolean":
      return value
    case "number":
      // + 0: JSON has no -0
      return Number.isFinite(value) ? value + 0 : String(value)
    case "bigint":
      return value.toString().slice(0, 100)
    case "object":
      return value === null ? null : objectOf(value, budget)
    default:
      return `a ${typeof value}`
  }
}

const objectOf = (value: object, budget: Budget): Schema.Json => {
  if (Redacted.isRedacted(value)) return hidden
  if (value instanceof Error) return safeText(`${value.name}: ${value.message}`)
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `${value.byteLength} bytes`
  if (budget.above.includes(value)) return "<circular>"
  if (budget.above.length >= maxDepth) return Array.isArray(value) ? `an array of ${value.length}` : "an object"
  budget.above.push(value)
  try {
    if (Array.isArray(value)) {
      const items = value.slice(0, maxEntries).map((item) => valueOf(item, budget))
      return value.length > maxEntries ? [...items, `… ${value.length - maxEntries} more`] : items
    }
    if (value instanceof Map || value instanceof Set) return `${value.size} entries`
    // dates, addresses, big decimals: what has a text of its own for JSON
    const json = "toJSON" in value && typeof value.toJSON === "function" ? (value.toJSON() as unknown) : value
    return typeof json === "object" && json !== null ? recordOf(json, budget) : valueOf(json, budget)
  } finally {
    budget.above.pop()
  }
}

const recordOf = (value: object, budget: Budget): { readonly [key: string]: Schema.Json } => {
  const record: Record<string, Schema.Json> = {}
  const keys = Object.keys(value)
  for (const key of keys.slice(0, maxEntries)) {
    // a key like this would set the prototype
    if (key === "__proto__") continue
    const field = soundsSecret.test(key) ? hidden : valueAt(value, key, budget)
    if (field !== undefined) record[safeText(key).slice(0, 100)] = field
  }
  if (keys.length > maxEntries) record["…"] = `${keys.length - maxEntries} more`
  return record
}

const valueAt = (value: object, key: string, budget: Budget): Schema.Json | undefined => {
  try {
    const field = (value as Record<string, unknown>)[key]
    return field === undefined ? undefined : valueOf(field, budget)
  } catch {
    return "<unreadable>"
  }
}

/** The fields of an error but for its tag and message. */
export const safeContext = (error: object): { readonly [field: string]: Schema.Json } => {
  try {
    const fields: Record<string, unknown> = {}
    for (const key of Object.keys(error))
      if (!elsewhere.has(key) && key !== "__proto__") fields[key] = readable(error, key)
    // the cause of a plain Error is not among its keys
    if ("cause" in error && error.cause !== undefined) fields["cause"] = error.cause
    return recordOf(fields, { left: maxValues, above: [] })
  } catch {
    return {}
  }
}

const readable = (error: object, key: string): unknown => {
  try {
    return (error as Record<string, unknown>)[key]
  } catch {
    return "<unreadable>"
  }
}
