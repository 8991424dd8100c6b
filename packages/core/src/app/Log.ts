/**
 * The log of an app: lines with a category, a level and fields, without secrets, to the terminal, as JSON or to files.
 * `Effect.log` and its kin go the same way; `App.run` has set it up, `layer` does so elsewhere.
 *
 * @example
 * yield* Log.operation("import users", importUsers(file), { file })
 * yield* Log.security("sign-in refused", { account, address })
 * yield* Log.setLevel("integration", "Debug") // from now on, in every fiber
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import type * as Scope from "effect/Scope"
import { type ConsoleOptions, consoleSink } from "./internal/log/console.ts"
import { ToSinks } from "./internal/log/logger.ts"
import { Registry } from "./internal/log/Registry.ts"
import type { Sampling } from "./internal/log/Sampler.ts"
import { SecretText } from "./internal/log/SecretText.ts"
import { type Category, categories, type Sink } from "./LogSink.ts"

export type { Category, ConsoleOptions, Registry, Sampling }
export { categories }

/** How much a line matters: `Fatal`, `Error`, `Warn`, `Info`, `Debug`, `Trace`. */
export type Severity = LogLevel.Severity
/** From which severity on lines are written; also `All` and `None`. */
export type Level = LogLevel.LogLevel

/** What a line has beside its message: an object, or a function that is called only when the line is written. */
export type Fields = { readonly [key: string]: unknown } | (() => { readonly [key: string]: unknown })

/** Levels, sinks and samples of the app's log; undefined where there is none, and lines go to the loggers of Effect. */
export const Current: Context.Reference<Registry | undefined> = Context.Reference<Registry | undefined>(
  "@mortise/core/app/Log",
  { defaultValue: () => undefined }
)

/** A log at level `Info` without sinks, for whoever runs an app. */
export const makeUnsafe = (): Registry => new Registry()

/** What a fiber needs so that its lines go to this log. Levels are the log's: Effect's own minimum lets all through. */
export const contextOf = (registry: Registry): Context.Context<never> =>
  Context.empty().pipe(
    Context.add(Current, registry),
    Context.add(References.CurrentLoggers, new Set([new ToSinks(registry)])),
    Context.add(References.MinimumLogLevel, "All")
  )

/** One line. Costs a look at a number where the level of its category refuses it. */
export const write = (
  category: Category,
  level: Severity,
  message: string,
  fields?: Fields,
  cause?: Cause.Cause<unknown>
): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const registry = fiber.getRef(Current)
    if (registry !== undefined && !registry.enabled(category, level)) return Effect.void
    // a part of the app may have a minimum of its own, and without a log there is no other
    if (LogLevel.isGreaterThan(fiber.cache.minimumLogLevel, level)) return Effect.void
    const given = typeof fields === "function" ? fields() : fields
    const log = Effect.logWithLevel(level)
    const line = cause === undefined ? log(message) : log(message, cause)
    return Effect.annotateLogs(line, { ...given, category })
  })

/** What concerns who may do what: `Warn` unless told otherwise. */
export const security = (message: string, fields?: Fields, level: Severity = "Warn"): Effect.Effect<void> =>
  write("security", level, message, fields)

/** What other systems answer or do not. */
export const integration = (message: string, fields?: Fields, level: Severity = "Info"): Effect.Effect<void> =>
  write("integration", level, message, fields)

/** What is asked of the app. */
export const request = (message: string, fields?: Fields, level: Severity = "Info"): Effect.Effect<void> =>
  write("request", level, message, fields)

/** What has gone wrong, with the cause: of a bug the line has a stack, of an expected error its code. */
export const error = (message: string, cause: Cause.Cause<unknown>, fields?: Fields): Effect.Effect<void> =>
  write("error", "Error", message, fields, cause)

/** The category of every line within that says none itself. */
export const within =
  (category: Category) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.annotateLogs(effect, { category })

const valuesOf = (fields: Fields | undefined) => (typeof fields === "function" ? fields() : fields)
const tenths = (nanos: bigint): number => Math.round(Number(nanos) / 1e5) / 10

/**
 * Tells of the start of an operation (`Debug`), of its completion with its duration in milliseconds (`Info`), and of its
 * failure (`Error`, with the code and the cause) or interruption (`Debug`). Changes nothing about the effect.
 */
export const operation = <A, E, R>(
  name: string,
  effect: Effect.Effect<A, E, R>,
  fields?: Fields
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Clock.currentTimeNanos, (began) =>
    Effect.andThen(
      write("operation", "Debug", `${name} started`, fields),
      Effect.onExit(effect, (exit) =>
        Effect.flatMap(Clock.currentTimeNanos, (ended) => {
          const all = () => ({ ...valuesOf(fields), durationMillis: tenths(ended - began) })
          if (Exit.isSuccess(exit)) return write("operation", "Info", `${name} completed`, all)
          return Cause.hasInterruptsOnly(exit.cause)
            ? write("operation", "Debug", `${name} was interrupted`, all)
            : write("operation", "Error", `${name} failed`, all, exit.cause)
        })
      )
    )
  )

export interface MeasuredOptions {
  readonly fields?: Fields
  /** Milliseconds from which on it is worth a `Warn`; what is faster is `Debug`. Default: always `Info`. */
  readonly slowerThanMillis?: number
}

/** Runs the effect and writes a line of category `performance` with how long it took, whatever came of it. */
export const measured = <A, E, R>(
  name: string,
  effect: Effect.Effect<A, E, R>,
  { fields, slowerThanMillis }: MeasuredOptions = {}
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Clock.currentTimeNanos, (began) =>
    Effect.onExit(effect, () =>
      Effect.flatMap(Clock.currentTimeNanos, (ended) => {
        const durationMillis = tenths(ended - began)
        const level = slowerThanMillis === undefined ? "Info" : durationMillis >= slowerThanMillis ? "Warn" : "Debug"
        return write("performance", level, name, () => ({ ...valuesOf(fields), durationMillis }))
      })
    )
  )

/** Sets the level of a category, or of all, from now on and for every fiber of the app. Without a log it does nothing. */
export const setLevel = (category: Category | "all", level: Level): Effect.Effect<void> =>
  Effect.map(Current, (registry) => {
    for (const one of category === "all" ? categories : [category]) registry?.setLevel(one, level)
  })

/** The level of each category. */
export const levels: Effect.Effect<{ readonly [C in Category]: Level }> = Effect.map(Current, (registry) => {
  const entries = categories.map((category) => [category, registry?.level(category) ?? "Info"] as const)
  return Object.fromEntries(entries) as { [C in Category]: Level }
})

/** Keeps no more lines of a category than that, and says with the next line how many it left out; undefined keeps all. */
export const setSampling = (category: Category, sampling: Sampling | undefined): Effect.Effect<void> =>
  Effect.map(Current, (registry) => registry?.sampler.set(category, sampling))

/**
 * Hides a value wherever it stands in a line or a crash report: in a message, an URL, an error of somebody else. Secrets of
 * the configuration are hidden so from the start; this is for one that comes later. At least six characters.
 */
export const hide = (secret: Redacted.Redacted<string> | string): Effect.Effect<void> =>
  Effect.map(Current, (registry) =>
    registry?.secrets.add(Redacted.isRedacted(secret) ? Redacted.value(secret) : secret)
  )

/** A text without what looks like a secret and without those that the log knows, cut after `max` UTF-16 units. */
export const clean = (text: string, max = 4096): Effect.Effect<string> =>
  Effect.map(Current, (registry) => (registry?.secrets ?? new SecretText()).clean(text, max))

/** Adds a sink until the scope closes; one of the same name stands back for as long. */
export const addSink = (sink: Sink): Effect.Effect<void, never, Scope.Scope> =>
  Effect.flatMap(Current, (registry) =>
    registry === undefined
      ? Effect.void
      : Effect.acquireRelease(
          Effect.sync(() => registry.put(sink)),
          (remove) => Effect.sync(remove)
        )
  )

/** Tells the sinks how many lines sampling has left out since they were told last. A log does so when its scope closes. */
export const tellSuppressed: Effect.Effect<void> = Effect.gen(function* () {
  const registry = yield* Current
  const time = DateTime.formatIso(yield* DateTime.now)
  for (const [category, suppressed] of registry?.sampler.untold() ?? []) {
    registry?.write({ time, level: "Info", category, message: "lines were left out", fiber: 0, suppressed })
  }
})

export interface Options {
  /** The level of all categories; default `Info`. */
  readonly level?: Level
  /** What is written to the console, and how; default: pretty at a terminal, JSON elsewhere. `false`: nothing. */
  readonly console?: ConsoleOptions | false
  readonly sinks?: ReadonlyArray<Sink>
}

/** A log for programs and tests that `App.run` does not run. Replaces the loggers of Effect. */
export const layer = ({ console = {}, level = "Info", sinks = [] }: Options = {}): Layer.Layer<never> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const registry = makeUnsafe()
      for (const category of categories) registry.setLevel(category, level)
      if (console !== false) registry.put(consoleSink(registry, console))
      for (const sink of sinks) registry.put(sink)
      yield* Effect.addFinalizer(() => Effect.provideService(tellSuppressed, Current, registry))
      return contextOf(registry)
    })
  )
