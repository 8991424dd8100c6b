/** The generated app: created from the packed packages as a user would, checked, started, stopped. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { saysUnreachable } from "../bootstrap/run.mjs"
import { root } from "../workspace.ts"

/** Settings of an outer `npm run` that would lead an inner npm elsewhere. */
const outerNpm =
  /^(npm_(?!config_(https?_|no)?proxy|config_cafile|config_strict_ssl)|INIT_CWD$|PNPM_|NODE_COMPILE_CACHE$|FORCE_COLOR$)/i

/** npm as in a fresh terminal, with the loopback registry, its cache inside the clone. */
export const npmEnvironment = (registry: string): Record<string, string> => {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !outerNpm.test(entry[0])
  )
  return {
    ...Object.fromEntries(kept),
    npm_config_registry: registry,
    npm_config_cache: join(root, ".toolchain", "demo", "npm"),
    // what is in the cache is good: names and versions of a demo do not change under it
    npm_config_prefer_offline: "true",
    // npm's own patience with a registry that does not answer is minutes
    npm_config_fetch_retry_mintimeout: "1000",
    npm_config_fetch_retry_maxtimeout: "3000",
    npm_config_update_notifier: "false",
    npm_config_fund: "false",
    npm_config_audit: "false",
    npm_config_yes: "true",
    NO_COLOR: "1"
  }
}

/** A folder outside the workspace, without links in its path. */
export const temporaryFolder = (): string => realpathSync(mkdtempSync(join(tmpdir(), "mortise-demo-")))

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })

const unreachable =
  "the npm registry cannot be reached, and not all that the app needs has been fetched before; connect to the network and run the command again."

const children = new Set<ChildProcess>()

/** Ends what {@link must} has started and is not done yet. */
export const endPrograms = (): void => {
  for (const child of children) child.kill("SIGTERM")
}

/** Runs a program in this environment and no other; throws with its output when it fails. */
export const must = (
  command: readonly [string, ...ReadonlyArray<string>],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }
): Promise<string> =>
  new Promise((resolve, reject) => {
    const [file, ...args] = command
    const child = spawn(file, args, { ...options, stdio: ["ignore", "pipe", "pipe"] })
    children.add(child)
    let output = ""
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += String(chunk)
      })
    }
    child.on("error", reject)
    child.on("close", (code) => {
      children.delete(child)
      if (code === 0) resolve(output)
      else if (saysUnreachable(output)) reject(new Error(unreachable))
      else reject(new Error(`${command.join(" ")} ended with code ${code}:\n${output.trimEnd()}`))
    })
  })

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

/** Starts the app and waits for its banner. */
export const startApp = async (
  folder: string,
  env: Record<string, string | undefined>,
  onLine: (line: string) => void = () => undefined
): Promise<RunningApp> => {
  const child = spawn(process.execPath, ["src/main.ts"], {
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
