import { resolve } from "node:path"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Input } from "../pipeline/Stage.ts"
import type { Answer } from "../template/Template.ts"
import type { TemplateEntry } from "../template/Templates.ts"
import { appCommands } from "./appCommand.ts"
import { addCommand, removeCommand } from "./evolveCommand.ts"
import { ownFlags, withFlag, words } from "./flags.ts"

const answerFlag = (answer: Answer, description: string): Flag.Flag<Option.Option<string | number | boolean>> => {
  const described = <A>(flag: Flag.Flag<A>) => flag.pipe(Flag.withDescription(description), Flag.optional)
  switch (answer.kind) {
    case "port":
      return described(Flag.Int(answer.flag))
    case "confirm":
      return described(Flag.Boolean(answer.flag))
    case "choice":
      return described(Flag.Literals(answer.flag, answer.choices))
    case "text":
      return described(Flag.String(answer.flag))
  }
}

/** One flag for each question of any template; the description says which template asks it. */
const answerFlags = (
  templates: ReadonlyArray<TemplateEntry>
): Record<string, Flag.Flag<Option.Option<string | number | boolean>>> => {
  const asked = new Map<string, { readonly answer: Answer; readonly by: Array<string> }>()
  for (const { manifest } of templates) {
    for (const answer of manifest.answers) {
      const known = asked.get(answer.flag)
      const text = `${manifest.name}: ${String(answer.default)}`
      if (known === undefined) asked.set(answer.flag, { answer, by: [text] })
      else known.by.push(text)
    }
  }
  return Object.fromEntries(
    [...asked].map(([flag, { answer, by }]) => [
      flag,
      answerFlag(answer, `${answer.question} (default: ${by.join(", ")})`)
    ])
  )
}

/** The command that creates an app, under the given name; `templates` are those whose questions become flags. */
export const makeCreate = <const Name extends string>(name: Name, templates: ReadonlyArray<TemplateEntry>) =>
  Command.make(
    name,
    {
      directory: Argument.String("directory").pipe(
        Argument.withDescription("Where the app is created; must be empty"),
        Argument.optional
      ),
      ...ownFlags,
      with: withFlag.pipe(Flag.withDescription("Plugins to add, as `mortise add` would: orm,tasks")),
      template: ownFlags.template.pipe(Flag.withDescription(describeTemplates(templates))),
      answers: answerFlags(templates)
    },
    Effect.fnUntraced(function* (parsed) {
      const { canPrompt } = yield* TerminalCapabilities.TerminalCapabilities
      const answers: Record<string, string | number | boolean> = {}
      for (const [flag, value] of Object.entries(parsed.answers)) {
        if (Option.isSome(value)) answers[flag] = value.value
      }
      const input: Input = {
        directory: Option.getOrUndefined(parsed.directory),
        template: Option.getOrUndefined(parsed.template),
        name: Option.getOrUndefined(parsed.name),
        packageManager: Option.getOrUndefined(parsed.packageManager),
        install: Option.getOrUndefined(parsed.install),
        git: Option.getOrUndefined(parsed.git),
        answers,
        with: words(parsed.with),
        yes: parsed.yes,
        dryRun: parsed.dryRun,
        cwd: resolve(Option.getOrElse(parsed.cwd, () => ".")),
        canAsk: canPrompt && !parsed.yes && !parsed.json,
        userAgent: process.env.npm_config_user_agent
      }
      const { create } = yield* Effect.promise(() => import("./create.ts"))
      yield* create(input)
    })
  ).pipe(Command.withDescription("Creates a Mortise app"))

const describeTemplates = (templates: ReadonlyArray<TemplateEntry>): string =>
  [
    "What the app is made from, or the folder of a template.",
    ...templates.map(({ manifest }) => `${manifest.name}: ${manifest.summary}.`)
  ].join(" ")

/** Listed in the help; `main` hands them over to the packages that bring them before anything of them is read. */
const handedOver = Object.entries(appCommands).map(([name, { summary }]) =>
  Command.make(name, { words: Argument.String("word").pipe(Argument.variadic()) }).pipe(
    Command.withDescription(summary)
  )
)

/** The `mortise` command: everything under subcommands. */
export const makeMortise = (templates: ReadonlyArray<TemplateEntry>) =>
  Command.make("mortise").pipe(
    Command.withDescription("Creates Mortise apps, and adds to them"),
    Command.withSubcommands([makeCreate("create", templates), addCommand, removeCommand, ...handedOver])
  )

/** What {@link makeMortise} knows, by name. */
export const commandNames = ["create", addCommand.name, removeCommand.name, ...Object.keys(appCommands)]
