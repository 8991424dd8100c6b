/** The generated app as a process: started, asked for its addresses, stopped. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"

/** A folder outside the workspace, without links in its path. */
export const temporaryFolder = (): string => realpathSync(mkdtempSync(join(tmpdir(), "mortise-demo-")))

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })

/** What the app's banner tells where standard output is no terminal. */
interface Ready {
  readonly event: "ready"
  readonly totalMillis: number
  readonly listening: ReadonlyArray<{ readonly name: string; readonly address: string }>
}

export interface RunningApp {
  readonly process: ChildProcess
  readonly millis: number
  /** The address that a door has, by its name. */
  readonly address: (name: string) => string
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>
}

/** Starts the built app, as its `npm start` does, and waits for its banner. */
export const startApp = async (
  folder: string,
  env: Record<string, string | undefined>,
  onLine: (line: string) => void = () => undefined
): Promise<RunningApp> => {
  const child = spawn(process.execPath, ["dist/main.js"], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let output = ""
  child.stderr.on("data", (chunk) => {
    output += String(chunk)
    onLine(String(chunk).trimEnd())
  })
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve))
  const ready = await new Promise<Ready>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      output += `${line}\n`
      if (!line.startsWith('{"event":"ready"')) onLine(line)
      else resolve(JSON.parse(line) as Ready)
    })
    void ended.then((code) => reject(new Error(`the app ended with code ${code} before it was ready:\n${output}`)))
  })
  return {
    process: child,
    millis: ready.totalMillis,
    address: (name) => {
      const found = ready.listening.find((entry) => entry.name === name)
      if (found === undefined) throw new Error(`the app's banner has no ${name}: ${JSON.stringify(ready.listening)}`)
      return found.address
    },
    ended
  }
}

/** Stops the app at once, if it still runs, and waits until it is gone. */
export const stop = async (app: RunningApp): Promise<void> => {
  app.process.kill("SIGKILL")
  await app.ended
}
