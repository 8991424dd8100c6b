/** Named pieces of work, each a program or a function, run one after another or side by side and counted. */
import { spawn } from "node:child_process"
import path from "node:path"
import { root } from "./workspace.ts"

export interface Outcome {
  readonly passed: number
  readonly failed: number
  /** Shown when something failed. */
  readonly output?: string
}

export interface Step {
  readonly name: string
  readonly run: () => Promise<Outcome>
}

export interface ProgramOptions {
  readonly cwd?: string
  readonly env?: Record<string, string>
  /** Shows the output while it comes instead of keeping it for a failure. */
  readonly live?: boolean
}

/** The file of a program that the workspace installed, such as `tsc`. */
export const installed = (name: string): string => path.join(root, "node_modules", ".bin", name)

/** Runs a program and gives its exit code and what it printed. Its standard output goes to ours only when `live`. */
export const program = (
  file: string,
  args: ReadonlyArray<string>,
  options: ProgramOptions = {}
): Promise<{ readonly code: number; readonly output: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: options.live ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"]
    })
    const chunks: Array<Buffer> = []
    child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk))
    child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk))
    child.on("error", reject)
    child.on("close", (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString("utf8") }))
  })

/** A step that passes when the program ends with 0. */
export const programStep = (
  name: string,
  file: string,
  args: ReadonlyArray<string>,
  options: ProgramOptions = {}
): Step => ({
  name,
  run: async () => {
    const { code, output } = await program(file, args, options)
    return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1, output }
  }
})

/** Runs one step and prints one line about it, with its output when it failed. A step that throws has failed. */
export const runStep = async (step: Step): Promise<Outcome> => {
  const start = performance.now()
  const outcome = await step
    .run()
    .catch((error: unknown): Outcome => ({ passed: 0, failed: 1, output: String((error as Error)?.stack ?? error) }))
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`${outcome.failed === 0 ? "✓" : "✗"} ${step.name} (${seconds} s)`)
  if (outcome.failed > 0 && outcome.output) console.log(outcome.output.trimEnd())
  return outcome
}

/** Adds outcomes up. */
export const total = (outcomes: ReadonlyArray<Outcome>): Outcome => ({
  passed: outcomes.reduce((sum, outcome) => sum + outcome.passed, 0),
  failed: outcomes.reduce((sum, outcome) => sum + outcome.failed, 0)
})

/** Runs steps with at most `width` at a time. */
export const runSteps = async (steps: ReadonlyArray<Step>, width = 1): Promise<Outcome> => {
  const outcomes: Array<Outcome> = []
  const waiting = [...steps]
  const worker = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) outcomes.push(await runStep(step))
  }
  await Promise.all(Array.from({ length: width }, worker))
  return total(outcomes)
}
