import * as Console from "effect/Console"
import type * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as Effect from "effect/Effect"
import { nearest } from "../project/Nearest.ts"
import { wrapHelp } from "./wrap.ts"

/** What is wrong with a command line. Of one whose command is unknown nothing else can be said: the rest belongs to it. */
export const usageMessage = (errors: ReadonlyArray<CliError.CliError>, commands: ReadonlyArray<string>): string => {
  const unknown = errors.find((error) => error._tag === "UnknownSubcommand")
  if (unknown === undefined) return errors.map(({ message }) => message).join("\n")
  const meant = nearest(unknown.subcommand, commands)
  const hint = meant === undefined ? "" : ` Did you mean ${meant}?`
  return `Unknown command ${JSON.stringify(unknown.subcommand)}.${hint} Commands: ${commands.join(", ")}.`
}

/** Help and version go to standard output; a mistake is answered on standard error, in a few lines. */
export const presenter = (json: boolean, commands: ReadonlyArray<string>) =>
  CliOutput.layerPresenter({
    present: Effect.fnUntraced(function* (event) {
      const isAsked = event._tag === "Version" || (event._tag === "Help" && event.reason === "Requested")
      if (json && !isAsked) return
      switch (event._tag) {
        case "Version":
          return yield* CliOutput.defaultPresenter.present(event)
        case "Help": {
          const { canColor } = yield* TerminalCapabilities.TerminalCapabilities
          const formatter = CliOutput.defaultFormatter({ colors: canColor })
          return yield* Console.log(wrapHelp(formatter.formatHelpDoc(event.helpDoc)))
        }
        case "InvalidInvocation":
          return yield* Console.error(
            `${usageMessage(event.errors, commands)}\nTry ${event.commandPath.join(" ")} --help.`
          )
      }
    })
  })
