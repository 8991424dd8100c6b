/**
 * Runs a command of this workspace on a machine that has only Node >= 18 and npm:
 *
 *     node scripts/bootstrap.mjs <start|test|check|bench|docs|errors|api|status|release|hooks|mortise|pnpm> [arguments]
 *
 * It uses the Node and pnpm that are there when they are new enough, else fetches them once into `.toolchain/`, installs
 * the workspace when something it depends on has changed, and hands over to `scripts/commands/<command>.ts`. What it does
 * it says on standard error; standard output belongs to the command. Nothing is written outside the clone but temporary files. `pnpm` is
 * pnpm itself: it brings the lock file up to date, without which nothing can be installed after a change of dependencies.
 *
 * Plain JavaScript without dependencies, because nothing is installed yet when it runs.
 */
import { spawn } from "node:child_process"
import { existsSync, mkdirSync } from "node:fs"
import { constants } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { withLock } from "./bootstrap/lock.mjs"
import { Stop, say } from "./bootstrap/report.mjs"
import { findTools, installMissingTools } from "./bootstrap/toolchain.mjs"
import { installWorkspace, isInstalled, pnpmEnvironment } from "./bootstrap/workspace.mjs"

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..")
const toolchain = path.join(root, ".toolchain")
const commands = [
  "start",
  "test",
  "check",
  "bench",
  "docs",
  "errors",
  "api",
  "status",
  "release",
  "hooks",
  "mortise",
  "pnpm"
]

/** The environment of every program started here: caches inside the clone, the chosen Node and pnpm first on PATH. */
const environment = (tools) => {
  const env = {
    ...process.env,
    npm_config_cache: path.join(toolchain, "npm-cache"),
    npm_config_update_notifier: "false",
    XDG_CACHE_HOME: path.join(toolchain, "cache"),
    XDG_DATA_HOME: path.join(toolchain, "data"),
    XDG_STATE_HOME: path.join(toolchain, "state"),
    PNPM_HOME: path.join(toolchain, "pnpm-home"),
    COREPACK_HOME: path.join(toolchain, "corepack"),
    NODE_COMPILE_CACHE: path.join(toolchain, "compile-cache")
  }
  // this workspace asks npm for silence (.npmrc); an npm that a command starts elsewhere is not meant
  delete env.npm_config_loglevel
  // npm takes its registry from this variable as well, pnpm only from its own
  const registry = process.env.npm_config_registry ?? process.env.NPM_CONFIG_REGISTRY
  if (registry !== undefined) env.pnpm_config_registry = registry
  const folders = [tools?.node, tools?.pnpm].filter(Boolean).map((tool) => path.dirname(tool.file))
  env.PATH = [...folders, process.env.PATH ?? ""].join(path.delimiter)
  return env
}

/** Makes tools and workspace ready; takes the lock only when there is something to do. */
const prepare = async () => {
  let tools = findTools(toolchain)
  if (tools.node && tools.pnpm && isInstalled(root, toolchain, tools.node)) return tools
  mkdirSync(toolchain, { recursive: true })
  return withLock(path.join(toolchain, "lock"), async () => {
    // another run may have done the work while this one waited
    tools = findTools(toolchain)
    tools = await installMissingTools(toolchain, tools, environment(undefined))
    if (!isInstalled(root, toolchain, tools.node)) {
      await installWorkspace(root, toolchain, tools, environment(tools))
    }
    return tools
  })
}

/** The tools without the workspace. */
const prepareTools = async () => {
  const tools = findTools(toolchain)
  if (tools.node && tools.pnpm) return tools
  mkdirSync(toolchain, { recursive: true })
  return withLock(path.join(toolchain, "lock"), () =>
    installMissingTools(toolchain, findTools(toolchain), environment(undefined))
  )
}

/** Runs a program with the terminal handed over; resolves with its exit code. */
const run = (program, args, env) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: "inherit", env })
    const forward = {
      // a terminal sends SIGINT to the whole group: forwarding it as well would look like an impatient second one
      SIGINT: () => (process.stdin.isTTY ? undefined : child.kill("SIGINT")),
      SIGTERM: () => child.kill("SIGTERM"),
      SIGHUP: () => child.kill("SIGHUP")
    }
    for (const [signal, handler] of Object.entries(forward)) process.on(signal, handler)
    child.on("error", reject)
    child.on("exit", (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)))
  })

const main = async () => {
  const [command, ...args] = process.argv.slice(2)
  if (!commands.includes(command)) {
    throw new Stop(
      `${command ? `there is no command "${command}"` : "a command is needed"}: ${commands.join(", ")}.`,
      2
    )
  }
  if (command === "pnpm") {
    const tools = await prepareTools()
    return run(tools.pnpm.file, args, pnpmEnvironment(toolchain, environment(tools)))
  }
  const file = path.join(root, "scripts", "commands", `${command}.ts`)
  if (!existsSync(file)) {
    throw new Stop(`the file scripts/commands/${command}.ts is missing from this clone.`)
  }
  const tools = await prepare()
  return run(tools.node.file, ["--disable-warning=ExperimentalWarning", file, ...args], environment(tools))
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error) => {
    say(error instanceof Stop ? error.message : `unexpected: ${error?.stack ?? error}`)
    process.exitCode = error instanceof Stop ? error.exitCode : 1
  }
)
