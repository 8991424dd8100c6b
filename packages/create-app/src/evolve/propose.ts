import { existsSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { fetchPackages } from "../plugin/Staging.ts"
import { dirtyFiles } from "../project/Git.ts"
import { typeCheck, type Verdict } from "../project/TypeCheck.ts"
import { version } from "../Version.ts"
import { Workspace } from "../workspace/Workspace.ts"
import { AppUnreadable } from "./App.ts"
import { checkFailed } from "./CheckFailed.ts"
import { installedAt } from "./choose.ts"
import { packageEntries } from "./parts.ts"
import { type Evolution, planEvolution } from "./plan.ts"
import { rangeOf } from "./range.ts"
import type { Wish } from "./Wish.ts"

/** A change that can be shown, and be written. */
export interface Proposal extends Evolution {
  readonly wish: Wish
  readonly verdict: Verdict
  /** Files of the app that git knows as changed and that this would change as well. */
  readonly dirty: ReadonlyArray<string>
}

/** How a plan is checked before it is written. */
export interface Checking {
  readonly check: boolean
  readonly install: boolean
  /** Folders of packages that have been fetched already. */
  readonly fetched: ReadonlyArray<string>
}

/** Plans a change over the app's files as they are. */
export const planOver = (wish: Wish) =>
  planEvolution(wish).pipe(
    Effect.catchTag("PlatformError", (error) => Effect.fail(new AppUnreadable({ reason: error.message }))),
    Effect.provide(Workspace.layer(wish.app.root, `create-mortise@${version}`))
  )

/** Asks the app's own compiler about a plan, with the packages that are not installed yet beside those that are. */
export const verdictOn = Effect.fnUntraced(function* (wish: Wish, evolution: Evolution, checking: Checking) {
  const skipped = (reason: string): Verdict => ({ status: "skipped", reason })
  if (!checking.check) return skipped("--no-check")
  const isHere = (name: string) =>
    installedAt(wish.app.root, name) !== undefined ||
    checking.fetched.some((modules) => existsSync(join(modules, name, "package.json")))
  // what the plugins are in, and what the template's parts bring with them
  const wanted = new Map<string, string>()
  for (const { name, section, value } of packageEntries(evolution.parts)) {
    if (section !== "scripts" && value !== undefined) wanted.set(name, value)
  }
  for (const plugin of wish.add) wanted.set(plugin.package, rangeOf(plugin, wish.app.packageJson))
  const missing = [...wanted].filter(([name]) => !isHere(name))
  const specifiers = missing.map(([name, range]) => `${name}@${range}`)
  const [first] = missing.map(([name]) => name)
  if (first !== undefined && !checking.install) return skipped(`${first} is not installed`)
  if (specifiers.some((specifier) => /@(?:workspace|catalog):/.test(specifier))) {
    return skipped(`${first} comes from the workspace and is not installed yet`)
  }
  const fetched =
    specifiers.length === 0 ? checking.fetched : [...checking.fetched, yield* fetchPackages(wish.app.root, specifiers)]
  return yield* typeCheck(evolution.plan, fetched)
})

/** Plans a change and has it checked: what does not compile is refused, with the compiler's words. */
export const propose = Effect.fnUntraced(function* (wish: Wish, checking: Checking) {
  const evolution = yield* planOver(wish)
  const verdict = yield* verdictOn(wish, evolution, checking)
  if (verdict.status === "failed") return yield* checkFailed(wish, verdict.problems)
  const changed = yield* dirtyFiles(wish.app.root)
  const paths = evolution.plan.changes.map(({ path }) => path)
  const proposal: Proposal = { ...evolution, wish, verdict, dirty: paths.filter((path) => changed.includes(path)) }
  return proposal
})
