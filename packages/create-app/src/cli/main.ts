import { resolve as resolvePath } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Cause from "effect/Cause"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { isFolder } from "../pipeline/resolve.ts"
import * as PluginsModule from "../plugin/Plugins.ts"
import * as TemplatesModule from "../template/Templates.ts"
import { Templates } from "../template/Templates.ts"
import { version } from "../Version.ts"
import { appCommands, runAppCommand } from "./appCommand.ts"
import { commandNames, makeCreate, makeMortise } from "./command.ts"
import { type CommandError, exitCodeOf, exitCodes } from "./ExitCode.ts"
import { Report } from "./Report.ts"
import { presenter, usageMessage } from "./usage.ts"

/** The value that follows a flag, before the flags themselves are known: `--template x` or `--template=x`. */
const valueOf = (argv: ReadonlyArray<string>, ...flags: ReadonlyArray<string>): string | undefined => {
  for (const [index, argument] of argv.entries()) {
    if (flags.includes(argument)) return argv[index + 1]
    const flag = flags.find((each) => argument.startsWith(`${each}=`))
    if (flag !== undefined) return argument.slice(flag.length + 1)
  }
  return undefined
}

/** The templates whose questions are flags: those of the list, and the folder that this command line names. */
const templatesFor = Effect.fnUntraced(function* (argv: ReadonlyArray<string>) {
  const known = yield* Effect.flatMap(Templates, (templates) => templates.list)
  const named = valueOf(argv, "--template", "-t")
  if (named === undefined || !isFolder(named)) return known
  return [...known, yield* TemplatesModule.loadFolder(resolvePath(valueOf(argv, "--cwd") ?? ".", named))]
})

/**
 * Runs the command line of one of the two commands and gives the exit code. Every failure has been reported when the
 * effect ends.
 */
const program = Effect.fnUntraced(function* (name: "mortise" | "create-mortise", argv: ReadonlyArray<string>) {
  const report = yield* Report
  const reportError = (error: CommandError | CliError.CliError) => {
    if (CliError.isCliError(error)) return reportUsage(report, error)
    const exitCode = exitCodeOf(error)
    return Effect.as(report.fail(error, exitCode), exitCode)
  }
  return yield* templatesFor(argv).pipe(
    Effect.flatMap((templates) =>
      name === "mortise"
        ? Command.runWith(makeMortise(templates), { version })(argv)
        : Command.runWith(makeCreate("create-mortise", templates), { version })(argv)
    ),
    Effect.as<number>(exitCodes.done),
    Effect.catch(reportError)
  )
})

/** A mistake on the command line. People have been told by the presenter; programs are told here. */
const reportUsage = (report: Report["Service"], error: CliError.CliError): Effect.Effect<number> => {
  const errors = error._tag === "ShowHelp" ? error.errors : [error]
  // no error: help was asked for by giving no command
  if (errors.length === 0) return Effect.succeed(exitCodes.done)
  if (!report.json) return Effect.succeed(exitCodes.usage)
  const message = usageMessage(errors, commandNames)
  return Effect.as(report.fail({ code: "CREATE_USAGE", message }, exitCodes.usage), exitCodes.usage)
}

/** Runs a command line: SIGINT and SIGTERM interrupt it, which takes back what it has made. */
export const main = (name: "mortise" | "create-mortise", argv: ReadonlyArray<string>): void => {
  const [command, ...rest] = argv
  if (name === "mortise" && command !== undefined && Object.hasOwn(appCommands, command)) {
    void runAppCommand(command, rest).then((code) => {
      process.exitCode = code
    })
    return
  }
  const json = argv.includes("--json")
  const services = Layer.mergeAll(
    Layer.provideMerge(Layer.merge(TemplatesModule.layer, PluginsModule.layer), NodeServices.layer),
    Report.layer({ json }),
    presenter(json, commandNames),
    CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] })
  )
  const fiber = Effect.runFork(program(name, argv).pipe(Effect.provide(services)))
  const interrupt = (): void => fiber.interruptUnsafe()
  process.once("SIGINT", interrupt)
  process.once("SIGTERM", interrupt)
  fiber.addObserver((exit) => {
    process.removeListener("SIGINT", interrupt)
    process.removeListener("SIGTERM", interrupt)
    if (Exit.isSuccess(exit)) {
      process.exitCode = exit.value
      return
    }
    const cancelled = Cause.hasInterrupts(exit.cause)
    process.exitCode = cancelled ? exitCodes.cancelled : exitCodes.failed
    const message = cancelled ? "Cancelled." : `A fault in create-mortise:\n${Cause.pretty(exit.cause)}`
    // a question that was left open has no line break after it
    process.stderr.write(`${process.stderr.isTTY ? "\n" : ""}${message}\n`)
    if (json) {
      const error = { code: cancelled ? "CREATE_CANCELLED" : "CREATE_DEFECT", message }
      process.stdout.write(`${JSON.stringify({ ok: false, exitCode: process.exitCode, error })}\n`)
    }
  })
}
