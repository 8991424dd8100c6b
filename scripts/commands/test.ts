/**
 * `npm test`: all that must hold, in one command. `npm test -- FILTER …` runs only the tests whose file names contain one
 * of the filters. The last line is always `N passed, N failed`.
 */
import { check } from "../checks.ts"
import { type Outcome, programStep, runSteps, type Step, total } from "../Step.ts"
import { vitest } from "../vitest.ts"

const filters = process.argv.slice(2)

/** In this order; a step that fails does not keep the others from running. Add yours to the list. */
const steps: ReadonlyArray<Step> = [
  { name: "check", run: () => check({ fix: false }) },
  { name: "vitest", run: () => vitest([]) },
  // the project's main job: a stranger's way from the packages to a chat between all kinds of peers
  programStep("npm start -- --check", process.execPath, ["scripts/demo.ts", "--check"], { live: true })
]

const outcome: Outcome = filters.length > 0 ? total([await vitest(filters)]) : await runSteps(steps)

process.exitCode = outcome.failed === 0 ? 0 : 1
console.log(`${outcome.passed} passed, ${outcome.failed} failed`)
