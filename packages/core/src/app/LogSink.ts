/**
 * Where lines of the log go. A line comes as plain data without secrets and of bounded size; a sink gives it a form and a
 * place.
 *
 * @example
 * const lines: Array<LogSink.Entry> = []
 * yield* Log.addSink({ name: "lines", write: (entry) => void lines.push(entry) })
 */
import type { Severity } from "effect/LogLevel"

export const categories = ["operation", "integration", "security", "performance", "request", "error"] as const

/** What a line is about; levels and sampling go by it. */
export type Category = (typeof categories)[number]

/** An error as far as it is told: no secrets, a bounded number of causes. */
export interface ErrorEntry {
  readonly name?: string
  /** The stable code, to look it up. */
  readonly code?: string
  readonly message: string
  /** What else the error has. */
  readonly details?: { readonly [key: string]: unknown }
  /** Of bugs only: what the outside can cause needs none. */
  readonly stack?: string
  readonly cause?: ErrorEntry
}

/** One line. */
export interface Entry {
  /** ISO 8601 in UTC with milliseconds. */
  readonly time: string
  readonly level: Severity
  readonly category: Category
  readonly message: string
  readonly fields?: { readonly [key: string]: unknown }
  /** The chain of events, see `Correlation`. */
  readonly correlationId?: string
  /** The id that a standard answer carries, see `Reply`. */
  readonly requestId?: string
  /** The number of the fiber. */
  readonly fiber: number
  /** Log spans, in milliseconds since their start. */
  readonly spans?: { readonly [label: string]: number }
  readonly traceId?: string
  readonly spanId?: string
  readonly error?: ErrorEntry
  /** How many lines of this kind sampling has left out since the last one. */
  readonly suppressed?: number
}

export interface Sink {
  readonly name: string
  /** Called synchronously for every line. One that throws is reported once on standard error; the app goes on. */
  readonly write: (entry: Entry) => void
}

export { json } from "./internal/log/json.ts"
export { pretty } from "./internal/log/pretty.ts"
