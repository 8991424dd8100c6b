/** What `npm run check` does: types and lint, no test. */
import { installed, type Outcome, program, programStep, runSteps, type Step, total } from "./Step.ts"
import { has, type Package, packages } from "./workspace.ts"

const build: Step = programStep("types: build of every package", installed("tsc"), ["-b"])

const testsOf = (pkg: Package): ReadonlyArray<Step> => {
  const tsc = (project: string) => [
    programStep(`types: ${pkg.folder}`, installed("tsc"), ["-p", `${pkg.folder}/${project}`, "--noEmit"])
  ]
  if (has(pkg, "tsconfig.test.json")) return tsc("tsconfig.test.json")
  // a template has one project, as the app that is made from it
  return pkg.folder.startsWith("templates/") ? tsc("tsconfig.json") : []
}

const workspace: Step = programStep("types: scripts and test", installed("tsc"), ["-p", "tsconfig.test.json"])

const lint = (options: ReadonlyArray<string>): Step =>
  programStep("lint and format", installed("biome"), [
    "check",
    "--colors=off",
    "--max-diagnostics=30",
    "--diagnostic-level=warn",
    "--error-on-warnings",
    ...options
  ])

/** Type-checks and lints everything; with `fix`, repairs first what can be repaired. */
export const check = async ({ fix }: { readonly fix: boolean }): Promise<Outcome> => {
  const first = await runSteps([lint([...(fix ? ["--write"] : []), "."]), build], fix ? 1 : 2)
  const second = await runSteps([workspace, ...packages().flatMap(testsOf)], 2)
  return total([first, second])
}

/** The steps for files that changed: types of the packages that they are in, of scripts and tests where these changed. */
export const typeStepsFor = (files: ReadonlyArray<string>, all: ReadonlyArray<Package>): ReadonlyArray<Step> => {
  const isIn = (folder: string): boolean => files.some((file) => file.startsWith(`${folder}/`))
  return [
    ...(all.some(({ folder }) => isIn(folder)) ? [build] : []),
    ...(isIn("scripts") || isIn("test") || files.includes("vitest.config.ts") ? [workspace] : []),
    ...all.filter(({ folder }) => isIn(folder)).flatMap(testsOf)
  ]
}

/** Lints and type-checks only the packages whose folder contains one of the filters. */
export const checkPackages = async (
  filters: ReadonlyArray<string>,
  { fix }: { readonly fix: boolean }
): Promise<Outcome> => {
  const all = packages()
  const folders = all.map(({ folder }) => folder)
  const chosen = folders.filter((folder) => filters.some((filter) => folder.includes(filter)))
  const idle = filters.find((filter) => !chosen.some((folder) => folder.includes(filter)))
  if (idle !== undefined) {
    return { passed: 0, failed: 1, output: `No package has "${idle}" in its folder. There are ${folders.join(", ")}.` }
  }
  const linted = await runSteps([lint([...(fix ? ["--write"] : []), ...chosen])])
  const files = chosen.map((folder) => `${folder}/package.json`)
  return total([linted, await runSteps(typeStepsFor(files, all))])
}

/** What a commit would hold: its files are linted, its packages type-checked. */
export const checkStaged = async (): Promise<Outcome> => {
  const { code, output } = await program("git", ["diff", "--cached", "--name-only", "--diff-filter=d"])
  if (code !== 0) return { passed: 0, failed: 1, output }
  const files = output.split("\n").filter((file) => file !== "")
  if (files.length === 0) return { passed: 0, failed: 0 }
  // biome is told the files, so that one of a kind that it does not know is no error
  const linted = lint(["--no-errors-on-unmatched", "--files-ignore-unknown=true", ...files])
  return total([await runSteps([linted]), await runSteps(typeStepsFor(files, packages()))])
}
