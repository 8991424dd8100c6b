// @module-tag process
/** The bootstrap in a small clone of its own, whose path has a space, with a pnpm that only writes down what it was asked. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { appendFile, chmod, cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { root } from "../scripts/workspace.ts"

let clone: string
let bin: string
const children = new Set<ChildProcess>()

const fakePnpm = `
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs"
if (process.argv[2] === "--version") console.log("12.0.0")
else {
  appendFileSync("pnpm.log", process.argv.slice(2).join(" ") + "\\n")
  writeFileSync("runtime.log", process.env.XDG_RUNTIME_DIR ?? "")
  console.log("progress of pnpm")
  mkdirSync("node_modules/.pnpm", { recursive: true })
  if (existsSync("hold")) await new Promise((resolve) => {
    const look = setInterval(() => existsSync("hold") || resolve(clearInterval(look)), 10)
  })
}`

const fakeCommand = `
if (process.argv[2] === "wait") {
  process.on("SIGTERM", () => process.exit(7))
  setInterval(() => {}, 1000)
  console.log("waiting")
} else {
  console.log(JSON.stringify({ args: process.argv.slice(2), env: process.env }))
  process.exitCode = Number(process.argv[3] ?? 0)
}`

const npmOfThisMachine = (): string => {
  const places = [process.env.npm_execpath, ...(process.env.PATH ?? "").split(":").map((folder) => `${folder}/npm`)]
  const npm = places.find((file) => file !== undefined && /[\\/]npm(-cli\.js)?$/.test(file) && existsSync(file))
  if (npm === undefined) throw new Error("this test needs npm on PATH")
  return npm
}

beforeEach(async () => {
  clone = path.join(await realpath(await mkdtemp(path.join(tmpdir(), "mortise-boot-"))), "a clone")
  bin = path.join(clone, "bin")
  await mkdir(bin, { recursive: true })
  await cp(path.join(root, "scripts", "bootstrap.mjs"), path.join(clone, "scripts", "bootstrap.mjs"), {
    recursive: true
  })
  await cp(path.join(root, "scripts", "bootstrap"), path.join(clone, "scripts", "bootstrap"), { recursive: true })
  await mkdir(path.join(clone, "scripts", "commands"))
  await writeFile(path.join(clone, "scripts", "commands", "check.ts"), fakeCommand)
  await writeFile(path.join(clone, "package.json"), '{ "type": "module" }')
  await writeFile(path.join(clone, "pnpm-workspace.yaml"), "packages:\n  - packages/*\n")
  await writeFile(path.join(clone, "pnpm.mjs"), fakePnpm)
  await writeFile(path.join(bin, "pnpm"), `#!/bin/sh\nexec "${process.execPath}" "${clone}/pnpm.mjs" "$@"\n`)
  await chmod(path.join(bin, "pnpm"), 0o755)
  await symlink(npmOfThisMachine(), path.join(bin, "npm"))
})

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL")
  children.clear()
  await rm(path.dirname(clone), { recursive: true, force: true })
})

interface Run {
  readonly child: ChildProcess
  readonly output: { out: string; err: string }
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>
}

const start = (args: ReadonlyArray<string>, env: Record<string, string> = {}): Run => {
  const { HOME = "", USER = "" } = process.env
  const child = spawn(process.execPath, [path.join(clone, "scripts", "bootstrap.mjs"), ...args], {
    cwd: clone,
    env: { HOME, USER, PATH: bin, ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  children.add(child)
  const output = { out: "", err: "" }
  child.stdout.on("data", (chunk) => {
    output.out += chunk
  })
  child.stderr.on("data", (chunk) => {
    output.err += chunk
  })
  return { child, output, ended: once(child, "close").then(([code]) => ({ code, ...output })) }
}

const run = (...args: ReadonlyArray<string>) => start(args).ended

const installs = async (): Promise<number> =>
  existsSync(path.join(clone, "pnpm.log"))
    ? (await readFile(path.join(clone, "pnpm.log"), "utf8")).split("\n").length - 1
    : 0

describe("the bootstrap", () => {
  it("installs the workspace once, then only hands over", async () => {
    const first = await run("check", "--json", "3")
    expect(first).toMatchObject({ code: 3 })
    expect(JSON.parse(first.out).args).toEqual(["--json", "3"])
    expect(first.err).toMatch(
      /^mortise: installing the workspace\nprogress of pnpm\nmortise: the workspace is installed \([\d.]+ s\)\n$/
    )
    const second = await run("check")
    expect(second).toMatchObject({ code: 0, err: "" })
    expect(await installs()).toBe(1)
  })

  it("keeps caches inside the clone and the chosen programs first on PATH", async () => {
    const { env } = JSON.parse((await run("check")).out) as { env: Record<string, string> }
    for (const name of [
      "npm_config_cache",
      "XDG_CACHE_HOME",
      "XDG_DATA_HOME",
      "XDG_STATE_HOME",
      "NODE_COMPILE_CACHE"
    ]) {
      expect(env[name], name).toMatch(new RegExp(`^${clone}/\\.toolchain/`))
    }
    expect(env.PATH?.split(":").slice(0, 2)).toEqual([path.dirname(process.execPath), bin])
    expect(await readFile(path.join(clone, "pnpm.log"), "utf8")).toContain(`--store-dir ${clone}/.toolchain/store`)
  })

  it("keeps pnpm's locks inside the clone, and leaves a command the runtime folder of the user", async () => {
    const { out } = await start(["check"], { XDG_RUNTIME_DIR: "/run/user/7" }).ended
    expect(await readFile(path.join(clone, "runtime.log"), "utf8")).toBe(`${clone}/.toolchain/run`)
    expect(existsSync(path.join(clone, ".toolchain", "run"))).toBe(true)
    expect(JSON.parse(out).env.XDG_RUNTIME_DIR).toBe("/run/user/7")
  })

  it("hands over to pnpm itself without an install, which a changed manifest would not let pass", async () => {
    const { code, out } = await run("pnpm", "install", "--lockfile-only")
    expect({ code, out }).toEqual({ code: 0, out: "progress of pnpm\n" })
    expect(await readFile(path.join(clone, "pnpm.log"), "utf8")).toBe("install --lockfile-only\n")
    expect(await readFile(path.join(clone, "runtime.log"), "utf8")).toBe(`${clone}/.toolchain/run`)
  })

  it("says nothing and asks pnpm for nothing when all is in place", async () => {
    await run("check")
    const asked = await readFile(path.join(clone, "pnpm.log"), "utf8")
    const { err } = await start(["check"]).ended
    expect(err).toBe("")
    expect(await readFile(path.join(clone, "pnpm.log"), "utf8")).toBe(asked)
  })

  it.each([
    ["a manifest changes", () => writeFile(path.join(clone, "package.json"), '{ "type": "module", "name": "x" }')],
    ["the lock file changes", () => appendFile(path.join(clone, "pnpm-lock.yaml"), "# more\n")],
    ["the install was deleted", () => rm(path.join(clone, "node_modules"), { recursive: true })],
    [
      "a package appears",
      async () => {
        await mkdir(path.join(clone, "packages", "new"), { recursive: true })
        await writeFile(path.join(clone, "packages", "new", "package.json"), "{}")
      }
    ]
  ])("installs again when %s", async (_, change) => {
    await run("check")
    await change()
    expect((await run("check")).code).toBe(0)
    expect(await installs()).toBe(2)
  })

  it("repeats an install that was killed, and takes away the lock it left", async () => {
    await writeFile(path.join(clone, "hold"), "")
    const killed = start(["check"])
    await vi.waitFor(async () => expect(await installs()).toBe(1), { timeout: 10_000 })
    killed.child.kill("SIGKILL")
    await rm(path.join(clone, "hold"))
    expect(existsSync(path.join(clone, ".toolchain", "lock"))).toBe(true)
    expect((await run("check")).code).toBe(0)
    expect(await installs()).toBe(2)
    expect(existsSync(path.join(clone, ".toolchain", "lock"))).toBe(false)
  })

  it("lets a second run wait for the install of the first", async () => {
    await writeFile(path.join(clone, "hold"), "")
    const first = start(["check"])
    await vi.waitFor(async () => expect(await installs()).toBe(1), { timeout: 10_000 })
    const second = start(["check"])
    await vi.waitFor(
      () =>
        expect(second.output.err).toContain(`another run is installing (process ${first.child.pid}); waiting for it`),
      { timeout: 10_000 }
    )
    await rm(path.join(clone, "hold"))
    expect(await Promise.all([first.ended, second.ended])).toMatchObject([{ code: 0 }, { code: 0 }])
    expect(await installs()).toBe(1)
  })

  it("ends with one sentence when pnpm fails, and tries again the next time", async () => {
    await writeFile(path.join(clone, "pnpm.mjs"), `${fakePnpm}\nif (process.argv[2] === "install") process.exit(3)`)
    const failed = await run("check")
    expect(failed).toMatchObject({ code: 1, out: "" })
    expect(failed.err.trimEnd().split("\n").at(-1)).toMatch(/^mortise: .+\.$/)
    await writeFile(path.join(clone, "pnpm.mjs"), fakePnpm)
    expect((await run("check")).code).toBe(0)
  })

  it("ends with one sentence when a tool is missing and the registry cannot be reached", async () => {
    await rm(path.join(bin, "pnpm"))
    const { code, err, out } = await start(["check"], { npm_config_registry: "http://127.0.0.1:9" }).ended
    expect({ code, out }).toEqual({ code: 1, out: "" })
    expect(err.trimEnd().split("\n")).toEqual([
      "mortise: fetching pnpm (pnpm@12) from the npm registry into .toolchain, once",
      "mortise: the npm registry cannot be reached, so pnpm could not be fetched; connect to the network and run the command again, or install pnpm 12.0 or newer yourself."
    ])
  })

  it("does not take a pnpm that is too old", async () => {
    await writeFile(path.join(clone, "pnpm.mjs"), fakePnpm.replace("12.0.0", "11.9.0"))
    const { code, err } = await start(["check"], { npm_config_registry: "http://127.0.0.1:9" }).ended
    expect(code).toBe(1)
    expect(err).toContain("fetching pnpm")
  })

  it("passes SIGTERM on and ends with the code of the command", async () => {
    const waiting = start(["check", "wait"])
    await vi.waitFor(() => expect(waiting.output.out).toContain("waiting"), { timeout: 10_000 })
    waiting.child.kill("SIGTERM")
    expect((await waiting.ended).code).toBe(7)
  })

  it.each([[[]], [["chek"]]])("lists the commands for %j", async (args) => {
    const { code, err } = await run(...args)
    expect(code).toBe(2)
    expect(err).toContain("start, test, check, bench, docs, errors, api, status, release, hooks, mortise, pnpm")
  })
})
