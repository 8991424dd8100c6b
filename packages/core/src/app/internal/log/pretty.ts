import type { Severity } from "effect/LogLevel"
import type { Entry, ErrorEntry } from "../../LogSink.ts"
import { type FrameLine, frameLine } from "./frameLine.ts"

type Paint = (text: string) => string
const ansi =
  (open: number, close: number): Paint =>
  (text) =>
    `\u001b[${open}m${text}\u001b[${close}m`
const plain: Paint = (text) => text

const dim = ansi(2, 22)
const bold = ansi(1, 22)
const red = ansi(31, 39)
const levelPaints: { readonly [L in Severity]: Paint } = {
  Trace: dim,
  Debug: ansi(34, 39),
  Info: ansi(32, 39),
  Warn: ansi(33, 39),
  Error: red,
  Fatal: (text) => bold(red(text))
}

// a stranger's text neither moves the cursor nor begins a line of its own; what turns the direction of writing is shown too
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
const short: { readonly [char: string]: string } = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }
const safe = (text: string): string =>
  text.replace(unsafe, (char) => short[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)

const valueOf = (key: string, value: unknown): string => {
  if (key === "durationMillis" && typeof value === "number") return `${value} ms`
  if (typeof value === "string") return /^[^\s"=]+$/.test(value) ? safe(value) : safe(JSON.stringify(value))
  return safe(JSON.stringify(value) ?? String(value))
}

const clock = (time: string, offsetMinutes: number): string => {
  const [hours = 0, minutes = 0] = time.slice(11, 16).split(":").map(Number)
  const local = (hours * 60 + minutes - offsetMinutes + 2880) % 1440
  const two = (value: number) => String(value).padStart(2, "0")
  return `${two(Math.floor(local / 60))}:${two(local % 60)}${time.slice(16, 23)}`
}

/** What runs every fiber says nothing of the one that broke; JSON has all of it. */
const isOwn = (line: string): boolean => /^\s+at /.test(line) && !/node:|effect[\\/]dist[\\/]|<anonymous>/.test(line)

const errorLines = (error: ErrorEntry, faint: Paint, title: string): ReadonlyArray<string> => {
  const { cause, code, details, message, name, stack } = error
  // a bug is told with its kind: TypeError says something, and the tag of a typed error repeats its code
  const [first = "", ...more] = (stack === undefined || name === undefined ? message : `${name}: ${message}`)
    .split("\n")
    .map(safe)
  const head = `${title}${title === "" ? "" : " "}${first}`
  const last = more.at(-1)
  const mark = code === undefined ? "" : ` ${faint(`[${safe(code)}]`)}`
  const frames = (stack ?? "").split("\n").filter(isOwn)
  return [
    ...(last === undefined ? [`${head}${mark}`] : [head, ...more.slice(0, -1), `${last}${mark}`]),
    ...(details === undefined ? [] : [faint(fieldsOf(details, plain))]),
    ...frames.map((line) => faint(`  ${safe(line.trim())}`)),
    ...(cause === undefined ? [] : errorLines(cause, faint, "caused by"))
  ]
}

const fieldsOf = (fields: { readonly [key: string]: unknown }, faint: Paint): string =>
  Object.entries(fields)
    .map(([key, value]) => `${faint(`${safe(key)}=`)}${valueOf(key, value)}`)
    .join(" ")

const frameText = ({ payload, place, rest, size }: FrameLine, faint: Paint): ReadonlyArray<string> => [
  faint(safe(size)),
  ...(payload === undefined ? [] : [valueOf("payload", payload)]),
  ...(Object.keys(rest).length === 0 ? [] : [fieldsOf(rest, faint)]),
  faint(safe(place))
]

export interface PrettyOptions {
  /** Escape sequences for a terminal; default none. */
  readonly colors?: boolean
  /** What to take from UTC to have local time, in minutes, as `Date.getTimezoneOffset` has it; default 0. */
  readonly offsetMinutes?: number
}

/** For people: one line, and indented below it what went wrong. Control characters of values are shown, not done. */
export const pretty = (entry: Entry, { colors = false, offsetMinutes = 0 }: PrettyOptions = {}): string => {
  const faint = colors ? dim : plain
  const paint = colors ? levelPaints[entry.level] : plain
  const strong = colors ? bold : plain
  const spans = Object.entries(entry.spans ?? {}).map(([label, millis]) => faint(`${safe(label)}=${millis}ms`))
  const ids = [entry.correlationId, entry.requestId].filter((id) => id !== undefined)
  const frame = frameLine(entry)
  const fields = entry.fields === undefined ? [] : [fieldsOf(entry.fields, faint)]
  const line = [
    `${faint(clock(entry.time, offsetMinutes))} ${paint(entry.level.toUpperCase().padEnd(5))} ${faint(entry.category.padEnd(11))} ${strong(safe(entry.message))}`,
    ...(frame === undefined ? fields : frameText(frame, faint)),
    ...spans,
    ...(ids.length === 0 ? [] : [faint(`(${ids.map(safe).join(", ")})`)]),
    ...(entry.suppressed === undefined ? [] : [faint(`(${entry.suppressed} like it left out)`)])
  ].join("  ")
  const below = entry.error === undefined ? [] : errorLines(entry.error, faint, "")
  return [line, ...below.map((text) => `    ${text}`)].join("\n")
}
