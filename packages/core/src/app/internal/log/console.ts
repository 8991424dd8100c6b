import type { Sink } from "../../LogSink.ts"
import { json } from "./json.ts"
import { pretty } from "./pretty.ts"
import type { Registry } from "./Registry.ts"

export interface ConsoleOptions {
  /** Default `stdout`. */
  readonly stream?: "stdout" | "stderr"
  /** `auto`: pretty at a terminal, JSON elsewhere. */
  readonly format?: "auto" | "pretty" | "json"
}

/** https://no-color.org: any value that is not empty says no. */
const wantsColors = (stream: NodeJS.WriteStream): boolean =>
  stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb"

/** A reader that goes away must not take the app with it. */
const deaf = new WeakSet<NodeJS.WriteStream>()
const surviving = (stream: NodeJS.WriteStream): NodeJS.WriteStream => {
  if (!deaf.has(stream)) {
    deaf.add(stream)
    stream.on("error", () => {})
  }
  return stream
}

/** Lines on standard output or standard error. */
export const consoleSink = (
  registry: Registry,
  { format = "auto", stream: name = "stdout" }: ConsoleOptions = {}
): Sink => {
  const stream = surviving(process[name])
  const isPretty = format === "pretty" || (format === "auto" && stream.isTTY === true)
  const colors = wantsColors(stream)
  return {
    name: "console",
    write: (entry) => {
      const text = isPretty ? pretty(entry, { colors, offsetMinutes: registry.offsetMinutes }) : json(entry)
      stream.write(`${text}\n`)
    }
  }
}
