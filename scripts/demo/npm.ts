/** npm and other programs as a stranger would run them in a fresh terminal. */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
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

/**
 * npm keeps the programs that it ran by name and version, which stay the same while the packages change: forgets them
 * unless they are of the packages with this hash.
 */
export const forgetOthers = (cache: string, hash: string): void => {
  const mark = join(cache, "mortise-packages")
  if (existsSync(mark) && readFileSync(mark, "utf8") === hash) return
  rmSync(join(cache, "_npx"), { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  writeFileSync(mark, hash)
}

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
