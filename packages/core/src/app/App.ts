/**
 * Runs a composition: as a process of its own (`run`, for `main.ts`) or inside a scope (`build`, for tests). Node only.
 *
 * | exit code | when |
 * |---|---|
 * | 0 | stopped by SIGINT or SIGTERM, drained and closed in time |
 * | 1 | did not start, an uncaught error, a drain or close that broke or missed its deadline |
 * | 78 | the configuration is wrong or cannot be read (`EX_CONFIG` of sysexits.h) |
 * | 130, 143 | SIGINT, SIGTERM before the app was ready, or a second one while it was stopping |
 *
 * @example
 * // main.ts; the compile cache has to be on before the app is imported, which is what costs time
 * import { enableCompileCache } from "node:module"
 * enableCompileCache()
 * const { app } = await import("./app.ts")
 * const App = await import("@mortise/core/app/App")
 * App.run(app, { name: "chat", config: { http: { port: 3000 } } })
 */
import type * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { ConfigInvalid, ConfigUnreadable } from "./AppConfig.ts"
import type { Composition, StartError } from "./Composition.ts"
import { live } from "./internal/lifecycle.ts"
import { consoleSink } from "./internal/log/console.ts"
import * as Log from "./Log.ts"

export interface RunOptions<Config> {
  /** What the banner and messages call the app; default: the `name` of package.json when npm runs it, else `app`. */
  readonly name?: string
  /** The configuration before decoding, or an Effect that reads it from somewhere. */
  readonly config?: Config | Effect.Effect<unknown, unknown>
  /** How long the drain may take, and after it the closing of the layers; default 10 seconds. */
  readonly drainTimeout?: Duration.Input
  /** From when on a time during which the event loop did not turn is worth a warning in the log; default 200 milliseconds. */
  readonly heldUpAfter?: Duration.Input
  /**
   * Writes every line of the log, whatever the configuration says, and so each frame that the gateway takes and sends,
   * without secrets. Default: whether the process has the argument `--debug`, before a `--`.
   */
  readonly debug?: boolean
}

/** Options of an app: the configuration may be left out when all of it is optional. */
export type Options<Config> = {} extends Config
  ? [options?: RunOptions<Config>]
  : [options: RunOptions<Config> & { readonly config: Config | Effect.Effect<unknown, unknown> }]

const configOf = <Config>(
  given: Config | Effect.Effect<unknown, unknown> | undefined
): Effect.Effect<Config, ConfigUnreadable> =>
  Effect.isEffect(given)
    ? Effect.mapError(given as Effect.Effect<Config, unknown>, ConfigUnreadable.because)
    : Effect.succeed((given ?? {}) as Config)

const asksForDebug = (args: ReadonlyArray<string>): boolean => {
  const end = args.indexOf("--")
  return (end < 0 ? args : args.slice(0, end)).includes("--debug")
}

const exitCode = (cause: Cause.Cause<unknown>): number => {
  const isConfig = cause.reasons.some(
    (reason) =>
      reason._tag === "Fail" && (reason.error instanceof ConfigInvalid || reason.error instanceof ConfigUnreadable)
  )
  return isConfig ? 78 : 1
}

/**
 * Decodes the configuration, starts the app, prints a banner (one line of JSON where standard output is no terminal) and what
 * is logged, see `Log`, and on SIGINT or SIGTERM runs the drain steps and closes the layers. Ends the process; see the exit codes above.
 */
export const run = <Provides, E, Config>(
  composition: Composition<Provides, E, Config>,
  ...[options]: Options<Config>
): void => {
  const log = Log.makeUnsafe()
  log.put(consoleSink(log))
  if (options?.debug ?? asksForDebug(process.argv.slice(2))) log.debug()
  live({
    name: options?.name ?? process.env.npm_package_name ?? "app",
    drainTimeout: Duration.fromInputUnsafe(options?.drainTimeout ?? "10 seconds"),
    heldUpMillis: Duration.toMillis(Duration.fromInputUnsafe(options?.heldUpAfter ?? "200 millis")),
    codeOf: exitCode,
    log,
    start: Effect.flatMap(configOf<Config>(options?.config), composition.build)
  })
}

/**
 * The whole app in the caller's scope, for tests in the same process: hosts are active, ports are open. Closing the scope
 * closes the app without a drain. `Listening.entries` with the context gives the addresses.
 */
export const build = <Provides, E, Config>(
  composition: Composition<Provides, E, Config>,
  config: Config
): Effect.Effect<Context.Context<Provides>, E | StartError, Scope.Scope> =>
  Effect.map(composition.build(config), (started) => started.context)
