/**
 * Commands that plugins add to an app, as data: a command line finds them in a composition of which nothing was started.
 *
 * @example
 * contributes: [Command.contribute({ name: "db", summary: "migrations of the database", run: migrate })]
 */
import type * as Effect from "effect/Effect"
import type { Composition } from "./Composition.ts"
import * as Contribution from "./Contribution.ts"

/** A composition as far as it can be read without starting it. */
export type Described = Pick<Composition<never, unknown, unknown>, "plugins" | "edges" | "order" | "statics">

/** What a command is given. */
export interface Invocation {
  /** What stands behind the command's name. */
  readonly args: ReadonlyArray<string>
  /** The app, of which nothing has been started. */
  readonly app: Described
  /** The app's configuration before it is decoded. */
  readonly config: unknown
  /** The folder of the app's sources: where a command reads and writes files. */
  readonly folder: string
  /** Writes one line for whoever called. */
  readonly print: (line: string) => Effect.Effect<void>
}

export interface Command {
  /** Lower case: the word that is typed. */
  readonly name: string
  /** One line. */
  readonly summary: string
  /** Gives the exit code: 0 when all went well. What it fails with is told by its `message`, with exit code 1. */
  readonly run: (invocation: Invocation) => Effect.Effect<number, unknown>
}

/** Where plugins put their commands. */
export const Commands = Contribution.dataPoint<Command>()("app.commands")

/** Adds a command. */
export const contribute = (command: Command): Contribution.Contribution<never, never, never> =>
  Contribution.static(Commands, command)
