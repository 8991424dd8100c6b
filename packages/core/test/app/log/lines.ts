import * as Effect from "effect/Effect"
import * as Log from "../../../src/app/Log.ts"
import type { Entry } from "../../../src/app/LogSink.ts"

/** Runs with a log whose lines are handed over. */
export const inLog = <A, E, R>(
  use: (lines: Array<Entry>) => Effect.Effect<A, E, R>,
  options: Omit<Log.Options, "console" | "sinks"> = {}
) => {
  const lines: Array<Entry> = []
  const sink = { name: "lines", write: (entry: Entry) => void lines.push(entry) }
  return Effect.provide(use(lines), Log.layer({ ...options, console: false, sinks: [sink] }))
}
