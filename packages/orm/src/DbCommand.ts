/**
 * `db`: migrations from the command line. The plugins of databases contribute it; an app without a command line of its own
 * runs it with `main`.
 *
 * @example
 * // src/db.ts, run as `node src/db.ts up`
 * import * as DbCommand from "@mortise/orm/DbCommand"
 * import { app } from "./app.ts"
 *
 * DbCommand.main(app, { config: { sqlite: { file: "data/app.db" } }, folder: import.meta.dirname })
 */
import * as Command from "@mortise/core/app/Command"
import type { Composition } from "@mortise/core/app/Composition"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { helpText, runDb } from "./internal/dbCommand.ts"

/** The command as data. Several databases contribute it; it is the same one. */
export const db: Command.Command = { name: "db", summary: "Migrations of the app's databases", run: runDb }

export const dbCommand = Command.contribute(db)

export interface MainOptions<Config> {
  /** The app's configuration before decoding, or an Effect that reads it from somewhere. */
  readonly config?: Config | Effect.Effect<unknown, unknown>
  /** Where the app's sources are: `generate` writes to its `migrations` folder. */
  readonly folder: string
  /** Words of the command line; those behind the name of the script unless given. */
  readonly args?: ReadonlyArray<string>
}

const print = (line: string): Effect.Effect<void> => Console.log(line)

const problem = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}

/** Runs the command on an app; gives the exit code. Problems are told on standard error. */
export const run = <Provides, E, Config>(
  app: Composition<Provides, E, Config>,
  { args = process.argv.slice(2), config = {} as Config, folder }: MainOptions<Config>
): Effect.Effect<number> =>
  Effect.gen(function* () {
    const given = Effect.isEffect(config) ? yield* config as Effect.Effect<unknown, unknown> : config
    return yield* db.run({ args, app, config: given, folder, print })
  }).pipe(Effect.catchCause((cause) => Effect.as(Console.error(problem(cause)), 1)))

/** Runs the command as the whole of a process, whose exit code it sets. */
export const main = <Provides, E, Config>(
  app: Composition<Provides, E, Config>,
  options: MainOptions<Config>
): void => {
  void Effect.runPromise(run(app, options)).then((code) => {
    process.exitCode = code
  })
}

export { helpText }
