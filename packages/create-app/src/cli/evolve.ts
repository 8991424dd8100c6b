import { styleText } from "node:util"
import * as Effect from "effect/Effect"
import type { EvolveInput } from "../evolve/add.ts"
import type { Proposal } from "../evolve/propose.ts"
import * as Install from "../project/Install.ts"
import { installCommand, runCommand } from "../project/PackageManager.ts"
import { commit } from "../workspace/Commit.ts"
import { lockPath } from "../workspace/Lock.ts"
import { recover } from "../workspace/recover.ts"
import { diffs, shown } from "./diff.ts"
import { Report } from "./Report.ts"
import { table } from "./table.ts"

/** Finishes or takes back what a killed run left, and says so. */
export const recoverFirst = Effect.fnUntraced(function* (root: string) {
  const report = yield* Report
  const recovered = yield* recover(root)
  if (recovered !== "nothing") yield* report.say(`An earlier run was killed while it wrote; it has been ${recovered}.`)
})

const signs = { create: "+", update: "~", delete: "-" } as const
const colours = { create: "green", update: "yellow", delete: "red" } as const

/** Shows what a change does, then writes and installs it; with `--dry-run` shows the diff and writes nothing. */
export const carryOut = Effect.fnUntraced(function* (
  input: EvolveInput,
  proposal: Proposal,
  words: {
    readonly done: string
    /** What else there is to say of it, now or with `--dry-run`. */
    readonly after?: string
    readonly result: Readonly<Record<string, unknown>>
  }
) {
  const report = yield* Report
  const { dirty, packages, parts, plan, verdict } = proposal
  const { app } = proposal.wish
  const found = yield* Effect.promise(() => diffs(plan))
  const { after } = words
  const changes = found.map(({ change, diff }) => ({
    kind: change.kind,
    path: change.path,
    sha256: change.sha256,
    diff
  }))
  const result = { ok: true, directory: app.root, ...words.result, check: verdict, dirty, changes }

  if (parts.unknown) {
    yield* report.say(
      `The app was made from the template ${parts.template}, which is not known here: only the plugins themselves are changed.`
    )
  }
  if (input.dryRun) {
    for (const each of found) if (!report.json) yield* report.say(shown(each))
    yield* report.say(`\n${describeVerdict(verdict)} Nothing was written.`)
    if (after !== undefined) yield* report.say(`\n${after}`)
    return yield* report.result({ ...result, dryRun: true })
  }
  if (dirty.length > 0) {
    yield* report.say(`Not committed yet, and changed now: ${dirty.filter((path) => path !== lockPath).join(", ")}.`)
  }
  yield* commit(plan)
  yield* report.say(
    table(found.map(({ change }) => [styleText(colours[change.kind], signs[change.kind]), change.path]))
  )
  yield* report.say(`\n${words.done} ${describeVerdict(verdict)}`)

  const command = installCommand(app.packageManager)
  let failure: Install.InstallFailed | undefined
  if (packages.length > 0 && input.install) {
    yield* report.say(`Installing: ${command.join(" ")}`)
    failure = yield* Install.install(app.root, app.packageManager, {
      inherit: !report.json && process.stdout.isTTY === true
    }).pipe(
      Effect.as(undefined),
      Effect.catchTag("InstallFailed", (error) => Effect.succeed(error))
    )
  }
  const status = packages.length === 0 || !input.install ? "skipped" : failure === undefined ? "done" : "failed"
  if (failure !== undefined) return yield* failure
  const next = [
    ...(packages.length > 0 && !input.install ? [[command.join(" "), "install what has changed"] as const] : []),
    ...(verdict.status === "passed" ? [] : [[runCommand(app.packageManager, "check"), "check the types"] as const]),
    ...nextOf(proposal)
  ]
  if (after !== undefined) yield* report.say(`\n${after}`)
  if (next.length > 0) yield* report.say(`\nNext:\n${table(next)}`)
  yield* report.result({ ...result, dryRun: false, steps: [{ step: "install", status }] })
})

const describeVerdict = (verdict: Proposal["verdict"]): string =>
  verdict.status === "passed"
    ? "The app compiles."
    : `Not type-checked: ${verdict.status === "skipped" ? verdict.reason : ""}.`

/** Commands that parts brought. */
const nextOf = ({ parts, wish }: Proposal): ReadonlyArray<readonly [string, string]> => {
  const before = new Set((parts.before?.parts ?? []).flatMap(({ next = [] }) => next.map(({ command }) => command)))
  return [
    ...(parts.after?.parts ?? []).flatMap(({ next = [] }) =>
      next.filter(({ command }) => !before.has(command)).map(({ command, purpose }) => [command, purpose] as const)
    ),
    ...(wish.add.length === 0 ? [] : [[runCommand(wish.app.packageManager, "start"), "start the app"] as const])
  ]
}
