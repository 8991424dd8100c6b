import type { Entry } from "../../LogSink.ts"

// what a terminal or a reader of lines may take for a command or for a line end, and JSON leaves as it is
const unsafe = /[\u007f-\u009f\u2028\u2029]/g
const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`

/** One object of JSON without a line end; levels in lower case. */
export const json = (entry: Entry): string => {
  const { level, ...rest } = entry
  const { time, ...other } = rest
  const text = JSON.stringify({ time, level: level.toLowerCase(), ...other })
  return text.replace(unsafe, escaped)
}
