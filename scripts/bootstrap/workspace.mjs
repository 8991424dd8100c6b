import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { Stop, say, since } from "./report.mjs"
import { execute, registryAnswers } from "./run.mjs"

/** The folders of the workspace's packages, from the `packages:` list of pnpm-workspace.yaml (`folder` or `folder/*`). */
const packageFolders = (root) => {
  const lines = readFileSync(path.join(root, "pnpm-workspace.yaml"), "utf8").split("\n")
  const from = lines.indexOf("packages:") + 1
  const to = lines.findIndex((line, index) => index >= from && !/^\s+- /.test(line))
  const patterns = lines.slice(from, to === -1 ? undefined : to).map((line) =>
    line
      .replace(/^\s+- /, "")
      .replace(/["']/g, "")
      .trim()
  )
  const folders = patterns.flatMap((pattern) => {
    if (!pattern.endsWith("/*")) return [pattern]
    const parent = pattern.slice(0, -2)
    if (!existsSync(path.join(root, parent))) return []
    return readdirSync(path.join(root, parent))
      .sort()
      .map((name) => `${parent}/${name}`)
  })
  return folders.filter((folder) => existsSync(path.join(root, folder, "package.json")))
}

/** One hash over all that decides what an install contains; the place too, because links and settings in it are absolute. */
const hashOf = (root, node) => {
  const hash = createHash("sha256").update([root, node.version, process.platform, process.arch].join("\n"))
  const files = ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json"]
  for (const folder of packageFolders(root)) files.push(`${folder}/package.json`)
  for (const file of files) {
    hash.update(`\n${file}\n`)
    if (existsSync(path.join(root, file))) hash.update(readFileSync(path.join(root, file)))
  }
  return hash.digest("hex")
}

/** What an install leaves behind and a deletion by hand would take away. */
const tracesOf = (root) =>
  [
    "node_modules/.modules.yaml",
    "node_modules/.pnpm",
    ...packageFolders(root).map((folder) => `${folder}/node_modules`)
  ].filter((trace) => existsSync(path.join(root, trace)))

const stampOf = (toolchain) => path.join(toolchain, "installed.json")

/** Whether the workspace is installed as its manifests and lock file say now. */
export const isInstalled = (root, toolchain, node) => {
  try {
    const stamp = JSON.parse(readFileSync(stampOf(toolchain), "utf8"))
    return stamp.hash === hashOf(root, node) && stamp.traces.every((trace) => existsSync(path.join(root, trace)))
  } catch {
    return false
  }
}

/**
 * What pnpm is told besides: its store is in the clone, and so are its locks, which it keeps here or else in the system's
 * folder for temporary files. Only pnpm is told: programs put sockets there, whose paths must be short.
 */
export const pnpmEnvironment = (toolchain, env) => {
  const runtime = path.join(toolchain, "run")
  mkdirSync(runtime, { recursive: true, mode: 0o700 })
  return { ...env, XDG_RUNTIME_DIR: runtime, pnpm_config_store_dir: path.join(toolchain, "store") }
}

/** Installs the workspace with pnpm. The stamp goes first and comes back last, so that a killed install is repeated. */
export const installWorkspace = async (root, toolchain, { node, pnpm }, env) => {
  say("installing the workspace")
  const start = Date.now()
  rmSync(stampOf(toolchain), { force: true })
  const args = [
    "install",
    "--frozen-lockfile",
    "--store-dir",
    path.join(toolchain, "store"),
    "--config.confirm-modules-purge=false"
  ]
  if (!process.stderr.isTTY) args.push("--reporter=append-only")
  // asked first, because pnpm tries for minutes before it gives up; with a complete store it needs no registry
  const online = await registryAnswers(root, env)
  if (!online) args.push("--offline")
  const { code } = await execute(pnpm.file, args, { cwd: root, env: pnpmEnvironment(toolchain, env) })
  if (code !== 0 && !online) {
    throw new Stop(
      "the npm registry cannot be reached, so the workspace could not be installed; connect to the network and run the command again."
    )
  }
  if (code !== 0) {
    throw new Stop(
      `pnpm could not install the workspace (exit code ${code}); what it said is above. ` +
        "If a package.json has changed, first bring the lock file up to date: npm run pnpm -- install."
    )
  }
  const fresh = `${stampOf(toolchain)}.${process.pid}`
  writeFileSync(fresh, JSON.stringify({ hash: hashOf(root, node), traces: tracesOf(root) }))
  renameSync(fresh, stampOf(toolchain))
  say(`the workspace is installed (${since(start)})`)
}
