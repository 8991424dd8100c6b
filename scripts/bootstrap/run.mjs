import { spawn, spawnSync } from "node:child_process"
import { existsSync, statSync } from "node:fs"
import path from "node:path"

const windows = process.platform === "win32"

/** Every executable file called `name` on PATH, in order, each once. */
export const onPath = (name) => {
  const files = (process.env.PATH ?? "")
    .split(path.delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => path.join(folder, windows ? `${name}.exe` : name))
  return [...new Set(files)].filter((file) => {
    try {
      const stat = statSync(file)
      return stat.isFile() && (windows || (stat.mode & 0o111) !== 0)
    } catch {
      return false
    }
  })
}

/** The version a program reports for itself, or undefined when it does not run. */
export const versionOf = (file, cwd) => {
  const result = spawnSync(file, ["--version"], {
    cwd,
    encoding: "utf8",
    timeout: 20_000,
    // a corepack shim would otherwise download pnpm into the home folder, only to say its version
    env: { ...process.env, COREPACK_ENABLE_NETWORK: "0", COREPACK_ENABLE_DOWNLOAD_PROMPT: "0" }
  })
  if (result.status !== 0) return undefined
  return /^v?(\d+\.\d+\.\d+)/.exec(result.stdout.trim())?.[1]
}

/** The npm that belongs to this Node, as a script that Node can run: npm's launcher differs between systems. */
export const npmScript = () => {
  const near = path.dirname(process.execPath)
  const candidates = [
    process.env.npm_execpath,
    path.join(near, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
    path.join(near, "node_modules", "npm", "bin", "npm-cli.js"),
    ...onPath("npm")
  ]
  return candidates.find((file) => file !== undefined && /[\\/]npm(-cli\.js)?$/.test(file) && existsSync(file))
}

/**
 * Runs a program to its end. With `quiet` its output is collected, else it goes to standard error, so that progress is
 * seen and standard output stays clean.
 */
export const execute = (file, args, { cwd, env, quiet = false }) =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: quiet ? ["ignore", "pipe", "pipe"] : ["ignore", 2, 2] })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk) => {
        output += chunk
      })
    }
    const end = () => child.kill("SIGTERM")
    process.once("exit", end)
    child.on("error", reject)
    child.on("close", (code, signal) => {
      process.off("exit", end)
      resolve({ code: code ?? -1, signal, output })
    })
  })

const unreachable =
  /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|network (timeout|request)/

/** Whether the output of a failed npm run says that the registry could not be reached. */
export const saysUnreachable = (output) => unreachable.test(output)

/** Whether the npm registry of this machine's configuration answers. */
export const registryAnswers = async (cwd, env) => {
  const npm = npmScript()
  if (npm === undefined) return true
  const args = [npm, "ping", "--fetch-retries=0", "--fetch-timeout=5000", "--loglevel=error"]
  const ping = await execute(process.execPath, args, { cwd, env, quiet: true })
  return ping.code === 0 || !saysUnreachable(ping.output)
}
