import type { ConfigEntry } from "../template/Template.ts"

const valueOf = (entry: ConfigEntry): string => {
  if (entry.secret === true || entry.default === undefined) return ""
  const text = String(entry.default)
  return /^[\w./:@%+,-]*$/.test(text) ? text : JSON.stringify(text)
}

const declares = (text: string, name: string): boolean =>
  new RegExp(`^\\s*#?\\s*(?:export\\s+)?${name}\\s*=`, "m").test(text)

/**
 * Appends the variables that a file of environment variables does not have yet. `added` is the text of them, to be found
 * by {@link removeEnv} again; a file whose last line has no end keeps that.
 */
export const addEnv = (
  text: string,
  entries: ReadonlyArray<ConfigEntry>
): { readonly text: string; readonly added: string } => {
  const eol = text.includes("\r\n") ? "\r\n" : "\n"
  const lines = entries
    .filter((entry) => !declares(text, entry.env))
    .flatMap((entry) => [`# ${entry.doc}`, `${entry.env}=${valueOf(entry)}`])
  if (lines.length === 0) return { text, added: "" }
  const isOpen = text !== "" && !text.endsWith("\n")
  const added = isOpen ? eol + lines.join(eol) : lines.join(eol) + eol
  return { text: text + added, added }
}

/** Takes out what {@link addEnv} appended, where it still stands as it was written. */
export const removeEnv = (text: string, added: string): string => {
  if (added === "") return text
  const index = text.lastIndexOf(added)
  return index === -1 ? text : text.slice(0, index) + text.slice(index + added.length)
}
