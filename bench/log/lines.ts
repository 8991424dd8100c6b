/** Lines that are refused and lines that are written, in one fiber. */
import * as Log from "@mortise/core/app/Log"
import * as LogSink from "@mortise/core/app/LogSink"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"

/** Writes a line `count` times. */
export type Loop = (count: number) => Promise<void>

export interface LineCase {
  readonly name: string
  readonly ratioTo: string
  readonly subjects: { readonly [subject: string]: Loop }
}

const loop =
  (line: Effect.Effect<void>, layer: Layer.Layer<never>): Loop =>
  (count) =>
    Effect.gen(function* () {
      for (let i = 0; i < count; i++) yield* line
    }).pipe(Effect.provide(layer), Effect.runPromise)

/** Where bytes end, so that making them is not optimised away. */
let bytes = 0
export const bytesMade = (): number => bytes
const take = (text: string): void => void (bytes += text.length)

const silent = Log.layer({ console: false })
const toNobody = Log.layer({
  console: false,
  sinks: [{ name: "nobody", write: (entry) => take(LogSink.json(entry)) }]
})
const effectJson = Logger.layer([Logger.map(Logger.formatJson, take)])

const fields = { room: "lobby", user: "ada", size: 64 }
const debug = Effect.annotateLogs(Effect.logDebug("said"), fields)
const info = Effect.annotateLogs(Effect.logInfo("said"), fields)

export const cases: ReadonlyArray<LineCase> = [
  {
    name: "line/refused",
    ratioTo: "effect-level",
    subjects: {
      "effect-level": loop(Effect.logDebug("said"), effectJson),
      "mortise-helper": loop(
        Log.request("said", () => ({ ...fields }), "Debug"),
        silent
      ),
      "mortise-effect-log": loop(Effect.logDebug("said"), silent),
      "mortise-effect-log-fields": loop(debug, silent)
    }
  },
  {
    name: "line/written",
    ratioTo: "effect-json",
    subjects: {
      "effect-json": loop(info, effectJson),
      mortise: loop(info, toNobody),
      "mortise-helper": loop(Log.request("said", fields), toNobody)
    }
  }
]
