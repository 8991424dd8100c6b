/**
 * `npm test`: all that must hold, in one command. `npm test -- --help` says how to choose among the tests. The last line is
 * always `N passed, N failed`.
 */
import { check } from "../checks.ts"
import { coverage } from "../coverage.ts"
import { type Outcome, programStep, runSteps, type Step } from "../Step.ts"
import { isFast, testFiles } from "../tags.ts"
import { help, readTestArguments, type TestArguments } from "../testArguments.ts"
import { vitest } from "../vitest.ts"

/** In this order; a step that fails does not keep the others from running. Add yours to the list. */
const steps: ReadonlyArray<Step> = [
  { name: "check", run: () => check({ fix: false }) },
  { name: "vitest", run: () => vitest([]) },
  // the project's main job: a stranger's way from the packages to a chat between all kinds of peers
  programStep("npm start -- --check", process.execPath, ["scripts/demo.ts", "--check"], { live: true })
]

const refused = (why: string): Outcome => {
  console.error(`npm test: ${why}`)
  return { passed: 0, failed: 1 }
}

/** Runs the chosen files. They are named to vitest one by one, so that the others are not even loaded. */
const chosen = async ({ fast, filters, name, tags }: TestArguments): Promise<Outcome> => {
  const files = testFiles().filter(
    (file) =>
      (!fast || isFast(file)) &&
      (tags.length === 0 || file.tags.some((tag) => tags.includes(tag))) &&
      (filters.length === 0 || filters.some((filter) => file.path.includes(filter)))
  )
  if (files.length === 0) return refused("no test file is meant by these arguments; npm test -- --help explains them.")
  return vitest(
    files.map(({ path }) => path),
    { name, env: fast ? { MORTISE_FAST: "1" } : {} }
  )
}

const run = (args: TestArguments): Promise<Outcome> => {
  if (args.coverage) return coverage(args.filters)
  const isAll = !args.fast && args.tags.length === 0 && args.filters.length === 0 && args.name === undefined
  return isAll ? runSteps(steps) : chosen(args)
}

const args = readTestArguments(process.argv.slice(2))
if (!(args instanceof Error) && args.help) console.log(help)
else {
  const outcome = args instanceof Error ? refused(args.message) : await run(args)
  if (outcome.output) console.log(outcome.output)
  process.exitCode = outcome.failed === 0 ? 0 : 1
  console.log(`${outcome.passed} passed, ${outcome.failed} failed`)
}
