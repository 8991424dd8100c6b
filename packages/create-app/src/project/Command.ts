import * as Effect from "effect/Effect"
import * as ChildProcess from "effect/process/ChildProcess"
import { ChildProcessSpawner } from "effect/process/ChildProcessSpawner"
import * as Stream from "effect/Stream"

/** How a program that was run has ended. */
export interface Outcome {
  /** Exit code, or undefined when the program could not be started. */
  readonly code: number | undefined
  /** Standard output and error as they came; empty when they went to the terminal. */
  readonly output: string
}

/**
 * Runs a program without a shell: an argument is an argument, whatever is in it. With `inherit` the program has the
 * terminal, else its output is collected and it gets no input, so that it cannot wait for an answer.
 */
export const run = Effect.fnUntraced(
  function* (
    command: readonly [string, ...ReadonlyArray<string>],
    options: {
      readonly cwd: string
      readonly inherit?: boolean
      readonly env?: Readonly<Record<string, string | undefined>>
    }
  ) {
    const spawner = yield* ChildProcessSpawner
    const [program, ...args] = command
    const inherit = options.inherit === true
    const handle = yield* spawner.spawn(
      ChildProcess.make(program, args, {
        cwd: options.cwd,
        env: options.env === undefined ? {} : { ...options.env },
        extendEnv: true,
        // npm, pnpm and yarn are .cmd files there, which only a shell starts
        shell: process.platform === "win32",
        stdin: inherit ? "inherit" : "ignore",
        stdout: inherit ? "inherit" : "pipe",
        stderr: inherit ? "inherit" : "pipe"
      })
    )
    const output = inherit ? "" : yield* Stream.mkString(Stream.decodeText(handle.all))
    const outcome: Outcome = { code: yield* handle.exitCode, output }
    return outcome
  },
  Effect.scoped,
  Effect.catchTag("PlatformError", (error) => Effect.succeed<Outcome>({ code: undefined, output: error.message }))
)

/** The last lines of an output that say anything. */
export const lastLines = (output: string, count: number): string =>
  output
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-count)
    .join("\n")
