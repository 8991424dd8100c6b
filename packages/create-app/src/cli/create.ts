import { isAbsolute, relative } from "node:path"
import * as Effect from "effect/Effect"
import { apply } from "../pipeline/apply.ts"
import { check } from "../pipeline/check.ts"
import { configure } from "../pipeline/configure.ts"
import { load } from "../pipeline/load.ts"
import { plan } from "../pipeline/plan.ts"
import { resolve } from "../pipeline/resolve.ts"
import type { Applied, Input, Planned } from "../pipeline/Stage.ts"
import { verify } from "../pipeline/verify.ts"
import * as Git from "../project/Git.ts"
import * as Install from "../project/Install.ts"
import { installCommand, type PackageManager, runCommand } from "../project/PackageManager.ts"
import { alsoNote, namesOf } from "./added.ts"
import { planTree } from "./planTree.ts"
import { Report, type Result } from "./Report.ts"
import { table } from "./table.ts"

/** Runs `create` from the command line's input to the app with its dependencies and repository. */
export const create = Effect.fnUntraced(function* (input: Input) {
  const report = yield* Report
  const planned = yield* resolve(input).pipe(
    Effect.flatMap(load),
    Effect.flatMap(check),
    Effect.flatMap(configure),
    Effect.flatMap(plan),
    Effect.flatMap(verify)
  )
  if (planned.leftover !== undefined) {
    yield* report.say(
      `An earlier creation was killed in ${planned.directory}; its ${planned.leftover.files.length} files ${input.dryRun ? "would be" : "are"} removed first.`
    )
  }
  if (planned.also.length > 0) yield* report.say(alsoNote(planned.also))
  if (input.dryRun) {
    if (!report.json) yield* report.say(planTree(planned.plan))
    return yield* report.result({ ...describe(planned), dryRun: true, changes: planned.plan.changes.map(withContent) })
  }
  const applied = yield* apply(planned)
  yield* report.say(`Created ${applied.name} in ${applied.directory} (${applied.plan.changes.length} files).`)
  yield* finish(applied)
})

/** Installs, makes the repository and says what comes next. The app stands already: a failure here takes nothing back. */
const finish = Effect.fnUntraced(function* (applied: Applied) {
  const report = yield* Report
  const { directory, packageManager } = applied
  const steps: Array<Readonly<Record<string, unknown>>> = []

  const started = performance.now()
  let failure: Install.InstallFailed | undefined
  if (applied.install) {
    yield* report.say(`Installing the dependencies: ${installCommand(packageManager).join(" ")}`)
    failure = yield* Install.install(directory, packageManager, {
      inherit: !report.json && process.stdout.isTTY === true
    }).pipe(
      Effect.as(undefined),
      Effect.catchTag("InstallFailed", (error) => Effect.succeed(error))
    )
    if (failure === undefined) yield* report.say(`Installed in ${((performance.now() - started) / 1000).toFixed(1)} s.`)
  }
  steps.push({ step: "install", status: !applied.install ? "skipped" : failure === undefined ? "done" : "failed" })

  if (applied.git) {
    const outcome = yield* Git.initialise(
      directory,
      `Create ${applied.name} from Mortise's ${applied.template.manifest.name} template`
    )
    steps.push({ step: "git", ...outcome })
    yield* report.say(
      outcome.status === "committed"
        ? "Made a git repository with a first commit."
        : outcome.status === "initialised"
          ? `Made a git repository without a commit: ${outcome.reason}.`
          : `No git repository was made: ${outcome.reason}.`
    )
  } else steps.push({ step: "git", status: "skipped", reason: "--no-git" })

  if (failure !== undefined) return yield* failure
  const next = nextSteps(applied)
  yield* report.say(`\nNext:\n${table(next.map(({ command, purpose }) => [command, purpose]))}`)
  yield* report.say(`\nEvery layer of the app is chosen in ${applied.template.manifest.app.file ?? "src/app.ts"}.`)
  yield* report.result({
    ...describe(applied),
    dryRun: false,
    changes: applied.plan.changes.map((change) => ({
      kind: change.kind,
      path: change.path,
      bytes: change.bytes.length,
      sha256: change.sha256
    })),
    steps,
    next
  })
})

const describe = (planned: Planned): Result => ({
  ok: true,
  directory: planned.directory,
  name: planned.name,
  template: { name: planned.template.manifest.name, version: planned.template.version },
  packageManager: planned.packageManager,
  answers: planned.answers,
  added: namesOf(planned.plugins),
  also: namesOf(planned.also)
})

const withContent = (change: Planned["plan"]["changes"][number]) => ({
  kind: change.kind,
  path: change.path,
  bytes: change.bytes.length,
  sha256: change.sha256,
  encoding: change.encoding,
  content: change.content
})

const nextSteps = (applied: Applied): ReadonlyArray<{ readonly command: string; readonly purpose: string }> => {
  const { directory, input, packageManager } = applied
  const way = relative(input.cwd, directory)
  const path = way === "" ? undefined : isAbsolute(way) || way.length > directory.length ? directory : way
  return [
    ...(path === undefined ? [] : [{ command: `cd ${quoted(path)}`, purpose: "" }]),
    ...(applied.install
      ? []
      : [{ command: installCommand(packageManager).join(" "), purpose: "install the dependencies" }]),
    { command: runCommand(packageManager, "start"), purpose: "start the app" },
    { command: runCommand(packageManager, "test"), purpose: "run its tests" },
    ...applied.next.map(({ command, purpose }) => ({
      command: forManager(command, packageManager),
      purpose
    }))
  ]
}

/** A template's command, written for npm, as another package manager has it: without the `--` before arguments. */
const forManager = (command: string, manager: PackageManager): string => {
  const [, script, rest = ""] = /^npm run (\S+)(?: -- (.*))?$/.exec(command) ?? []
  return script === undefined || manager === "npm" ? command : `${runCommand(manager, script)} ${rest}`.trimEnd()
}

/** A path as it can be pasted into a shell. */
const quoted = (path: string): string =>
  /^[\p{L}\p{N}_./@-]+$/u.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
