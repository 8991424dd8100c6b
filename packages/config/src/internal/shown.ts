import * as Redacted from "effect/Redacted"

const REDACTED = "<redacted>"
const LONGEST = 200

const hidden = (_: string, value: unknown): unknown => (Redacted.isRedacted(value) ? REDACTED : value)

/** A value on one line; a secret is not shown, nor is one inside a list or an object. */
export const shown = (value: unknown, secret: boolean): string | undefined => {
  if (value === undefined) return undefined
  if (secret || Redacted.isRedacted(value)) return REDACTED
  if (typeof value !== "object" && typeof value !== "string") return String(value)
  const text = JSON.stringify(value, hidden) ?? String(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
