/** Runs vitest over the workspace and counts what it reports. */
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { installed, type Outcome, program } from "./Step.ts"
import { root } from "./workspace.ts"

interface Assertion {
  readonly status?: string
  readonly fullName?: string
  readonly failureMessages?: ReadonlyArray<string>
}

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly success: boolean
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly status: string
    readonly assertionResults: ReadonlyArray<Assertion>
  }>
}

export interface VitestOptions {
  /** Only tests whose full name matches this regular expression. */
  readonly name?: string | undefined
  readonly args?: ReadonlyArray<string>
  readonly env?: Record<string, string>
}

/** Tests, and files that broke before they had a test. A run that failed without saying where counts as one failure. */
export const count = (report: Report, code: number): Outcome => {
  const broken = report.testResults.filter(
    ({ assertionResults, status }) => status === "failed" && assertionResults.length === 0
  ).length
  const failed = report.numFailedTests + broken
  return { passed: report.numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed }
}

const longestList = 20

/**
 * A line for each test that failed, and each file that broke, with the first line of why: vitest prints nothing of a test
 * that failed with a list or a record, as one does that expected a failure and got an answer.
 */
export const failures = (report: Report): ReadonlyArray<string> => {
  const lines = report.testResults.flatMap(({ assertionResults, name, status }) => {
    const file = path.relative(root, name)
    if (status === "failed" && assertionResults.length === 0) return [`✗ ${file}`]
    return assertionResults
      .filter((one) => one.status === "failed")
      .map(({ failureMessages, fullName }) => {
        const [why = ""] = (failureMessages?.[0] ?? "").split("\n")
        return `✗ ${file}: ${fullName}\n  ${why.slice(0, 200)}`.trimEnd()
      })
  })
  const left = lines.length - longestList
  return left > 0 ? [...lines.slice(0, longestList), `✗ and ${left} more`] : lines
}

/** Runs the tests whose file names contain one of `filters`, or all; output goes to the terminal. */
export const vitest = async (filters: ReadonlyArray<string>, options: VitestOptions = {}): Promise<Outcome> => {
  const folder = await mkdtemp(path.join(tmpdir(), "mortise-vitest-"))
  try {
    const file = path.join(folder, "report.json")
    const args = ["run", "--reporter=dot", "--reporter=json", `--outputFile.json=${file}`, ...(options.args ?? [])]
    if (options.name !== undefined) args.push("-t", options.name)
    const { code } = await program(installed("vitest"), [...args, ...filters], { live: true, env: options.env ?? {} })
    const text = await readFile(file, "utf8").catch(() => undefined)
    if (text === undefined) return { passed: 0, failed: 1, output: "vitest ended without a report" }
    const report = JSON.parse(text) as Report
    const skipped = report.numPendingTests + report.numTodoTests
    // with a name, what was not asked for is not run, and that is no news
    if (skipped > 0 && options.name === undefined) console.log(`! ${skipped} tests were skipped on this machine`)
    for (const line of failures(report)) console.log(line)
    return count(report, code)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
