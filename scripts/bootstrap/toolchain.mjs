import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import path from "node:path"
import { Stop, say, since } from "./report.mjs"
import { execute, npmScript, onPath, registryAnswers, saysUnreachable, versionOf } from "./run.mjs"

const exe = process.platform === "win32" ? ".exe" : ""

/**
 * What the workspace needs, and the npm package that carries it. `npm install` runs without scripts, because newer
 * versions of npm hold scripts of dependencies back; `step` is the script that puts the binary in its place.
 */
const needed = {
  node: {
    title: "Node",
    least: [24, 7],
    spec: "node@24",
    step: "installArchSpecificPackage.js",
    bin: `bin/node${exe}`
  },
  pnpm: { title: "pnpm", least: [12, 0], spec: "pnpm@12", step: "install.js", bin: `pnpm${exe}` }
}

const isNewEnough = (version, [major, minor]) => {
  const [a = 0, b = 0] = version.split(".").map(Number)
  return a > major || (a === major && b >= minor)
}

const placeOf = (toolchain, name) => path.join(toolchain, name, "node_modules", name, ...needed[name].bin.split("/"))

/** Size and time of a file: when they are the same, it still reports the version it reported last time. */
const markOf = (file) => {
  try {
    const { size, mtimeMs } = statSync(file)
    return `${size}:${mtimeMs}`
  } catch {
    return undefined
  }
}

const look = (toolchain, name) => {
  const { least } = needed[name]
  if (name === "node" && isNewEnough(process.versions.node, least)) {
    return { file: process.execPath, version: process.versions.node }
  }
  for (const file of [...onPath(name), placeOf(toolchain, name)]) {
    const version = markOf(file) === undefined ? undefined : versionOf(file, toolchain)
    if (version !== undefined && isNewEnough(version, least)) return { file, version }
  }
  return undefined
}

/** The Node and pnpm to use; undefined where none is new enough. Asking programs for their version is slow, so the answer is kept. */
export const findTools = (toolchain) => {
  const memory = path.join(toolchain, "found.json")
  const key = [process.execPath, process.versions.node, process.env.PATH].join("\n")
  try {
    const known = JSON.parse(readFileSync(memory, "utf8"))
    const same = (tool) => tool.mark !== undefined && tool.mark === markOf(tool.file)
    if (known.key === key && same(known.node) && same(known.pnpm)) return { node: known.node, pnpm: known.pnpm }
  } catch {
    // the first run, or a file cut short: look again
  }
  const found = { node: look(toolchain, "node"), pnpm: look(toolchain, "pnpm") }
  if (found.node && found.pnpm) {
    for (const tool of [found.node, found.pnpm]) tool.mark = markOf(tool.file)
    mkdirSync(toolchain, { recursive: true })
    const fresh = `${memory}.${process.pid}`
    writeFileSync(fresh, JSON.stringify({ key, ...found }))
    renameSync(fresh, memory)
  }
  return found
}

/** Settings of an outer `npm run` that would send an inner `npm install` elsewhere. */
const withoutOuterNpm = (env) => {
  const dropped =
    /^npm_(package|lifecycle)_|^npm_config_(global|prefix|local_prefix|global_prefix|location|workspaces?|include_workspace_root|omit|only|production|package_lock|dry_run|ignore_scripts)$/i
  return Object.fromEntries(Object.entries(env).filter(([key]) => !dropped.test(key)))
}

const installTool = async (toolchain, name, outerEnv) => {
  const { title, least, spec, step } = needed[name]
  const npm = npmScript()
  if (npm === undefined) {
    throw new Stop(
      `${title} ${least.join(".")} or newer is missing, and there is no npm to fetch it with; install one of the two.`
    )
  }
  say(`fetching ${title} (${spec}) from the npm registry into .toolchain, once`)
  const start = Date.now()
  const fresh = path.join(toolchain, `${name}.new`)
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  const env = { ...withoutOuterNpm(outerEnv), npm_config_loglevel: "error" }
  for (const unwanted of ["package_lock", "fund", "audit"]) env[`npm_config_${unwanted}`] = "false"
  const unreachable = () =>
    new Stop(
      `the npm registry cannot be reached, so ${title} could not be fetched; connect to the network and run the command again, or install ${title} ${least.join(".")} or newer yourself.`
    )
  const fail = ({ code, output }) => {
    if (saysUnreachable(output)) throw unreachable()
    process.stderr.write(output)
    throw new Stop(`npm could not install ${spec} (exit code ${code}); what it said is above.`)
  }
  // asked first, because npm tries for minutes before it gives up
  if (!(await registryAnswers(fresh, env))) throw unreachable()
  const args = [
    "install",
    "--prefix",
    fresh,
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    "--include=optional",
    spec
  ]
  const installed = await execute(process.execPath, [npm, ...args], { cwd: fresh, env, quiet: true })
  if (installed.code !== 0) fail(installed)
  const folder = path.join(fresh, "node_modules", name)
  const placed = await execute(process.execPath, [path.join(folder, step)], { cwd: folder, env, quiet: true })
  const version = versionOf(placeOf(toolchain, name).replace(path.join(toolchain, name), fresh), toolchain)
  if (version === undefined) {
    if (placed.code !== 0) fail(placed)
    throw new Stop(
      `the ${title} that npm delivers for ${process.platform}-${process.arch} does not run here; install ${title} ${least.join(".")} or newer yourself.`
    )
  }
  const place = path.join(toolchain, name)
  rmSync(place, { recursive: true, force: true })
  renameSync(fresh, place)
  say(`${title} ${version} is ready (${since(start)})`)
}

/** Fetches what is missing. Each tool is built in a folder of its own and renamed at the end, so a killed run leaves no half of one. */
export const installMissingTools = async (toolchain, tools, env) => {
  if (tools.node && tools.pnpm) return tools
  for (const left of readdirSync(toolchain).filter((name) => name.endsWith(".new"))) {
    rmSync(path.join(toolchain, left), { recursive: true, force: true })
  }
  for (const name of ["node", "pnpm"]) {
    try {
      if (tools[name] === undefined) await installTool(toolchain, name, env)
    } finally {
      rmSync(path.join(toolchain, `${name}.new`), { recursive: true, force: true })
    }
  }
  return findTools(toolchain)
}
