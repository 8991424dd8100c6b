import { resolve } from "node:path"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { EvolveInput } from "../evolve/add.ts"
import { ownFlags, withFlag, words } from "./flags.ts"

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

/** `mortise add`. */
export const addCommand = Command.make(
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

/** `mortise remove`. */
export const removeCommand = Command.make(
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
