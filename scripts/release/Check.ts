/** One line of the checklist of a release. */

export interface Result {
  /** What was found where it holds. */
  readonly found: string
  /** What is wrong, a sentence each; empty where it holds. */
  readonly problems: ReadonlyArray<string>
}

export interface Check {
  readonly name: string
  /** What it needs, or what it is for, in one line. */
  readonly about: string
  readonly run: () => Promise<Result>
}

/** Runs checks one after the other and prints a line for each; gives the names of those that do not hold. A check that throws does not hold. */
export const runChecks = async (
  checks: ReadonlyArray<Check>,
  print: (line: string) => void
): Promise<ReadonlyArray<string>> => {
  const broken: Array<string> = []
  for (const { name, run } of checks) {
    const { found, problems } = await run().catch(
      (error: unknown): Result => ({ found: "", problems: [error instanceof Error ? error.message : String(error)] })
    )
    print(problems.length === 0 ? `✓ ${name}: ${found}` : `✗ ${name}`)
    for (const problem of problems) print(`    ${problem.trimEnd().replaceAll("\n", "\n    ")}`)
    if (problems.length > 0) broken.push(name)
  }
  return broken
}
