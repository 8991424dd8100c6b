import { spawn } from "node:child_process"
import { once } from "node:events"

const READY_MILLIS = 30_000

/** A program that says on standard output when all its listeners are ready, and ends on SIGTERM. */
export interface Program {
  readonly subject: string
  readonly file: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** What stands in its output once it is ready. */
  readonly ready: RegExp
}

/** Milliseconds from the start of the process to its word that it is ready; the process has ended when this resolves. */
export const timeToReady = async (program: Program, compileCache: string): Promise<number> => {
  const began = performance.now()
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program.file], {
    cwd: program.cwd,
    env: { ...process.env, ...program.env, NODE_COMPILE_CACHE: compileCache },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const ended = once(child, "exit")
  const abandon = (): void => void child.kill("SIGKILL")
  process.once("exit", abandon)
  let said = ""
  let timer: NodeJS.Timeout | undefined
  const millis = await new Promise<number>((resolve, reject) => {
    const fail = (what: string): void => reject(new Error(`${program.subject} ${what}:\n${said.slice(-4000)}`))
    timer = setTimeout(() => fail(`was not ready within ${READY_MILLIS / 1000} s`), READY_MILLIS)
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text))
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text
      if (program.ready.test(said)) resolve(performance.now() - began)
    })
    child.on("exit", (code) => fail(`ended with ${code} before it was ready`))
  })
    .catch((error: unknown) => {
      abandon()
      throw error
    })
    .finally(() => clearTimeout(timer))
  // it ends by itself, because the compile cache is written on the way out
  child.kill("SIGTERM")
  await ended
  process.off("exit", abandon)
  return millis
}
