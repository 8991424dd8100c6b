import * as Cause from "effect/Cause"
import { culpritOf } from "./culprit.ts"

const indent = (text: string): string => text.replaceAll("\n", "\n  ")

const fieldOf = (value: unknown, field: string): string | undefined => {
  if (typeof value !== "object" || value === null) return undefined
  const found: unknown = (value as Record<string, unknown>)[field]
  return typeof found === "string" && found !== "" ? found : undefined
}

/** What happened and the code to look it up; no stack, because what the outside can cause is no bug. */
export const expected = (error: unknown): string => {
  const code = fieldOf(error, "code")
  const text = fieldOf(error, "message") ?? fieldOf(error, "_tag") ?? String(error)
  return code === undefined ? text : `${text} [${code}]`
}

/** A bug: where it is matters most. */
const unexpected = (defect: unknown): string => fieldOf(defect, "stack") ?? expected(defect)

/** One block for people; every reason of a cause once. `clean` takes secrets out of what others have written. */
export const block = (title: string, cause: Cause.Cause<unknown>, clean: (text: string) => string): string => {
  const culprit = culpritOf(cause)
  const at = culprit === undefined ? "" : ` (plugin "${culprit.plugin}", ${culprit.phase})`
  const reasons = cause.reasons
    .filter((reason) => !Cause.isInterruptReason(reason))
    .map((reason) => (Cause.isFailReason(reason) ? expected(reason.error) : unexpected(reason.defect)))
  const lines = reasons.length === 0 ? ["interrupted"] : [...new Set(reasons)]
  return `✗ ${title}${at}\n${lines.map((line) => `  ${indent(clean(line))}\n`).join("")}`
}
