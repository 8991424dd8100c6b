import type { ConfigEntry } from "../template/Template.ts"

const valueOf = (entry: ConfigEntry): string => {
  if (entry.secret === true || entry.default === undefined) return ""
  const text = String(entry.default)
  return /^[\w./:@%+,-]*$/.test(text) ? text : JSON.stringify(text)
}

const eolOf = (text: string): string => (text.includes("\r\n") ? "\r\n" : "\n")
const linesOf = (entry: ConfigEntry, eol: string): string => `# ${entry.doc}${eol}${entry.env}=${valueOf(entry)}`

/** Whether a file of environment variables has a variable, be it as a comment. */
export const hasVariable = (text: string, name: string): boolean =>
  new RegExp(`^\\s*#?\\s*(?:export\\s+)?${name}\\s*=`, "m").test(text)

/** Appends the variables that are not there yet; a file whose last line has no end keeps that. */
export const addEnv = (text: string, entries: ReadonlyArray<ConfigEntry>): string => {
  const eol = eolOf(text)
  return entries.reduce((before, entry) => {
    if (hasVariable(before, entry.env)) return before
    const lines = linesOf(entry, eol)
    return before !== "" && !before.endsWith("\n") ? before + eol + lines : before + lines + eol
  }, text)
}

/** Takes out what {@link addEnv} appended, where it still stands as it was written. */
export const removeEnv = (text: string, entries: ReadonlyArray<ConfigEntry>): string => {
  const eol = eolOf(text)
  return entries.reduce((before, entry) => {
    const lines = linesOf(entry, eol)
    const start = `${eol}${before}`.indexOf(`${eol}${lines}`)
    const end = start + lines.length
    if (start === -1) return before
    if (before.startsWith(eol, end)) return before.slice(0, start) + before.slice(end + eol.length)
    return end === before.length ? before.slice(0, Math.max(0, start - eol.length)) : before
  }, text)
}
