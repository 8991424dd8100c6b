import { createHash } from "node:crypto"

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== "object" || value === null) return value
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]))
}

/** JSON with sorted keys: one text for values that are equal. */
export const canonical = (value: unknown): string => JSON.stringify(sorted(value))

export const equal = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b)

/** SHA-256, as hexadecimal digits. */
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")
