/** What `npm run check` does: types and lint, no test. */
import { installed, type Outcome, programStep, runSteps, type Step } from "./Step.ts"
import { has, packages } from "./workspace.ts"

const build: Step = programStep("types: build of every package", installed("tsc"), ["-b"])

const tests: ReadonlyArray<Step> = packages().flatMap((pkg) => {
  const tsc = (project: string) => [
    programStep(`types: ${pkg.folder}`, installed("tsc"), ["-p", `${pkg.folder}/${project}`, "--noEmit"])
  ]
  if (has(pkg, "tsconfig.test.json")) return tsc("tsconfig.test.json")
  // a template has one project, as the app that is made from it
  return pkg.folder.startsWith("templates/") ? tsc("tsconfig.json") : []
})

const workspace: Step = programStep("types: scripts and test", installed("tsc"), ["-p", "tsconfig.test.json"])

const lint = (fix: boolean): Step =>
  programStep("lint and format", installed("biome"), [
    "check",
    "--colors=off",
    "--max-diagnostics=30",
    "--diagnostic-level=warn",
    "--error-on-warnings",
    ...(fix ? ["--write"] : []),
    "."
  ])

/** Type-checks and lints everything; with `fix`, repairs first what can be repaired. */
export const check = async ({ fix }: { readonly fix: boolean }): Promise<Outcome> => {
  const first = await runSteps([lint(fix), build], fix ? 1 : 2)
  const second = await runSteps([workspace, ...tests], 2)
  return { passed: first.passed + second.passed, failed: first.failed + second.failed }
}
