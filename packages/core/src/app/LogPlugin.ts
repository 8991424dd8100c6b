/**
 * The log's configuration as a plugin: levels, samples, the console's form, a file that rotates. Names of people who signed
 * in, and of those who could not, are lines of category `security`. First in the list, it hears of all that the others say.
 *
 * @example
 * const app = Plugin.compose(log(), http(), gateway(), chat())
 * App.run(app, { config: { log: { level: "info", levels: { integration: "debug" }, file: { path: "logs/chat.log" } } } })
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as AuthEvents from "../auth/AuthEvents.ts"
import { authLines } from "./internal/log/authLines.ts"
import { consoleSink } from "./internal/log/console.ts"
import * as Log from "./Log.ts"
import * as Plugin from "./Plugin.ts"
import { Turn } from "./Turn.ts"

const Level = Schema.Literals(["trace", "debug", "info", "warn", "error", "fatal", "none"])
const levelOf = (level: typeof Level.Type) => (level.charAt(0).toUpperCase() + level.slice(1)) as Log.Level

const atLeast = (minimum: number) => Schema.Int.check(Schema.isGreaterThanOrEqualTo(minimum))

const File = Schema.Struct({
  /** Its folder is made where there is none. Only the user of the process may read the file. */
  path: Schema.NonEmptyString,
  /** Bytes of a file before the next one begins; default 10 MiB. */
  maxBytes: Schema.optionalKey(atLeast(1024)),
  /** Full files that are kept beside the one that is written; default 5. */
  maxFiles: Schema.optionalKey(atLeast(0).check(Schema.isLessThanOrEqualTo(1000))),
  /** Whether each day (UTC) begins a file; default false. */
  daily: Schema.optionalKey(Schema.Boolean)
})

const Sampling = Schema.Struct({
  /** Lines kept in each window. */
  limit: atLeast(0),
  /** Length of a window in milliseconds; default 1 000. */
  everyMillis: Schema.optionalKey(atLeast(1)),
  /** Whether all lines of the category are counted together, or those of each message by themselves (default). */
  by: Schema.optionalKey(Schema.Literals(["category", "message"]))
})

const perCategory = <S extends Schema.Codec<unknown, unknown>>(schema: S) =>
  Schema.Struct({
    operation: Schema.optionalKey(schema),
    integration: Schema.optionalKey(schema),
    security: Schema.optionalKey(schema),
    performance: Schema.optionalKey(schema),
    request: Schema.optionalKey(schema),
    error: Schema.optionalKey(schema)
  })

/** What `log` is configured with. */
export const LogConfig = Schema.Struct({
  /** The level of categories that have none of their own; default `info`. */
  level: Schema.optionalKey(Level),
  levels: Schema.optionalKey(perCategory(Level)),
  /** Where lines go beside the file; default `stdout`. */
  console: Schema.optionalKey(Schema.Literals(["stdout", "stderr", "none"])),
  /** `auto`, the default: pretty at a terminal, JSON elsewhere. */
  format: Schema.optionalKey(Schema.Literals(["auto", "pretty", "json"])),
  file: Schema.optionalKey(File),
  sampling: Schema.optionalKey(perCategory(Sampling))
}).pipe(Schema.withDecodingDefaultKey(Effect.succeed({})))

export type LogConfig = typeof LogConfig.Type

const setLevels = (registry: Log.Registry, { level = "info", levels = {}, sampling = {} }: LogConfig): void => {
  for (const category of registry.debugging ? [] : Log.categories) {
    registry.setLevel(category, levelOf(levels[category] ?? level))
    registry.sampler.set(category, sampling[category])
  }
}

/** Levels and samples as another configuration says, from now on. Where lines go to is settled when the app starts. */
export const adjust = (config: LogConfig): Effect.Effect<void> =>
  Effect.map(Log.Current, (registry) => (registry === undefined ? undefined : setLevels(registry, config)))

const configure = (registry: Log.Registry, config: LogConfig): void => {
  setLevels(registry, config)
  const { console = "stdout", format = "auto" } = config
  if (console === "none") registry.remove("console")
  else if (config.console !== undefined || config.format !== undefined) {
    registry.put(consoleSink(registry, { stream: console, format }))
  }
}

/** The file's module is loaded by whoever has one. */
const openFile = (
  registry: Log.Registry,
  { daily = false, maxBytes = 10_485_760, maxFiles = 5, path }: typeof File.Type
) =>
  Effect.gen(function* () {
    const turn = yield* Turn
    const [{ RotatingFile }, { json }] = yield* Effect.promise(() =>
      Promise.all([import("./internal/log/RotatingFile.ts"), import("./internal/log/json.ts")])
    )
    const file = yield* Effect.acquireRelease(
      Effect.sync(() => new RotatingFile({ path, maxBytes, maxFiles, daily }, turn, (text) => registry.complain(text))),
      (open) => Effect.sync(() => open.close())
    )
    yield* Log.addSink({ name: "file", write: (entry) => file.write(json(entry), entry.time.slice(0, 10)) })
  })

/** Configures the log that `App.run`, or `Log.layer` around a test, has set up; `auth` and others are heard of by it. */
export const log = Plugin.define({
  name: "log",
  config: LogConfig,
  layer: ({ config }) =>
    Layer.effectDiscard(
      Effect.gen(function* () {
        const registry = yield* Log.Current
        if (registry === undefined) return
        configure(registry, config)
        if (config.file !== undefined) yield* openFile(registry, config.file)
        yield* Effect.addFinalizer(() => Log.tellSuppressed)
        const context = yield* Effect.context<never>()
        yield* AuthEvents.listen((event) => void Effect.runForkWith(context)(authLines(event)))
      })
    )
})
