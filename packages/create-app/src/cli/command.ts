import { resolve } from "node:path"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { EvolveInput } from "../evolve/add.ts"
import type { Input } from "../pipeline/Stage.ts"
import * as PackageManager from "../project/PackageManager.ts"
import type { Answer } from "../template/Template.ts"
import type { TemplateEntry } from "../template/Templates.ts"

/** Flags of the command itself, which no template may take for a question. */
const ownFlags = {
  template: Flag.String("template").pipe(Flag.withAlias("t"), Flag.withMetavar("name"), Flag.optional),
  name: Flag.String("name").pipe(
    Flag.withDescription("The package's name; default: made from the directory"),
    Flag.optional
  ),
  packageManager: Flag.Literals("package-manager", PackageManager.names).pipe(
    Flag.withDescription("Who installs; default: the one that runs this command, else npm"),
    Flag.optional
  ),
  install: Flag.Boolean("install").pipe(
    Flag.withDescription("Install the dependencies (--no-install: leave that out)"),
    Flag.optional
  ),
  git: Flag.Boolean("git").pipe(
    Flag.withDescription("Make a git repository with a first commit (--no-git: leave that out)"),
    Flag.optional
  ),
  yes: Flag.Boolean("yes").pipe(
    Flag.withAlias("y"),
    Flag.withDescription("Ask nothing: defaults for everything that is not given"),
    Flag.withDefault(false)
  ),
  dryRun: Flag.Boolean("dry-run").pipe(Flag.withDescription("Show the plan, write nothing"), Flag.withDefault(false)),
  json: Flag.Boolean("json").pipe(
    Flag.withDescription("One JSON object on standard output and nothing else there; asks nothing"),
    Flag.withDefault(false)
  ),
  cwd: Flag.String("cwd").pipe(
    Flag.withMetavar("directory"),
    Flag.withDescription("What relative paths start from; default: the current directory"),
    Flag.optional
  )
}

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

const parts = Flag.Boolean("parts").pipe(
  Flag.withDescription("Also what the app's template has for these plugins (--no-parts: leave that out)"),
  Flag.withDefault(true)
)
const check = Flag.Boolean("check").pipe(
  Flag.withDescription("Type-check the result before anything is written (--no-check: leave that out)"),
  Flag.withDefault(true)
)
const evolveFlags = {
  parts,
  check,
  install: ownFlags.install,
  yes: ownFlags.yes,
  dryRun: ownFlags.dryRun.pipe(Flag.withDescription("Show the changes as a diff, write nothing")),
  json: ownFlags.json,
  cwd: ownFlags.cwd.pipe(Flag.withDescription("The app's folder; default: the current directory"))
}

const evolveInput = Effect.fnUntraced(function* (parsed: {
  readonly names: ReadonlyArray<string>
  readonly with: ReadonlyArray<string>
  readonly parts: boolean
  readonly check: boolean
  readonly install: Option.Option<boolean>
  readonly yes: boolean
  readonly dryRun: boolean
  readonly json: boolean
  readonly cwd: Option.Option<string>
}) {
  const { canPrompt } = yield* TerminalCapabilities.TerminalCapabilities
  const input: EvolveInput = {
    names: words(parsed.names),
    with: words(parsed.with),
    parts: parsed.parts,
    check: parsed.check,
    install: Option.getOrElse(parsed.install, () => true),
    yes: parsed.yes,
    dryRun: parsed.dryRun,
    cwd: resolve(Option.getOrElse(parsed.cwd, () => ".")),
    canAsk: canPrompt && !parsed.yes && !parsed.json,
    userAgent: process.env.npm_config_user_agent
  }
  return input
})

/** `orm,tasks` and `orm tasks` are the same. */
const words = (given: ReadonlyArray<string>): ReadonlyArray<string> =>
  given.flatMap((text) => text.split(",")).filter((word) => word !== "")

const withFlag = Flag.String("with").pipe(Flag.withMetavar("name,…"), Flag.between(0, 100))

const makeAdd = Command.make(
  "add",
  {
    names: Argument.String("name").pipe(
      Argument.withDescription("Plugins, by name or by package; none: list what there is"),
      Argument.variadic()
    ),
    with: withFlag.pipe(Flag.withDescription("Plugins that provide what the named ones need")),
    ...evolveFlags
  },
  // loaded when it is needed: help and completion start without it
  Effect.fnUntraced(function* (parsed) {
    const { add } = yield* Effect.promise(() => import("./add.ts"))
    yield* add(yield* evolveInput(parsed))
  })
).pipe(Command.withDescription("Adds plugins to an app"))

const makeRemove = Command.make(
  "remove",
  {
    names: Argument.String("name").pipe(Argument.withDescription("Plugins of the app"), Argument.variadic({ min: 1 })),
    ...evolveFlags
  },
  Effect.fnUntraced(function* (parsed) {
    const { remove } = yield* Effect.promise(() => import("./remove.ts"))
    yield* remove(yield* evolveInput({ ...parsed, with: [] }))
  })
).pipe(Command.withDescription("Removes plugins from an app: the inverse of add"))

/** The `mortise` command: everything under subcommands. */
export const makeMortise = (templates: ReadonlyArray<TemplateEntry>) =>
  Command.make("mortise").pipe(
    Command.withDescription("Creates Mortise apps, and adds to them"),
    Command.withSubcommands([makeCreate("create", templates), makeAdd, makeRemove])
  )
