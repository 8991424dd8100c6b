/** What the pages tell people to type. The demo (`npm start -- --check`) does the same with packed packages. */
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"
import { appCommands } from "../../packages/create-app/src/cli/appCommand.ts"
import { packages, root } from "../../scripts/workspace.ts"
import { pages } from "./Page.ts"
import { makeFolder, removeFolder } from "./Workshop.ts"

const scriptsOf = (folder: string): ReadonlyArray<string> =>
  Object.keys(
    (JSON.parse(readFileSync(path.join(root, folder, "package.json"), "utf8")) as { scripts: object }).scripts
  )
const inWorkspace = scriptsOf(".")
const inChat = scriptsOf("templates/chat")

/** Lines of shell blocks, and commands in running text, each without its comment. */
const commands = pages
  .filter(({ file }) => !file.startsWith("docs/decisions/"))
  .flatMap(({ blocks, file, text }) => {
    const typed = blocks.filter(({ language }) => language === "sh").flatMap(({ code }) => code.split("\n"))
    const said = [...text.matchAll(/`((?:npm|mortise|node) [^`…]+)`/g)].map(([, command = ""]) => command)
    return [...typed, ...said].map((line) => [file, line.replace(/\s+#.*$/, "").trim()] as const)
  })
  .filter(([, line]) => line !== "")

/** Pages whose commands may be those of an app; elsewhere they are the workspace's. */
const aboutApps = new Set(["docs/quick-start.md", "docs/operations.md"])

/** The arguments of `mortise create`, however it is called. */
const createArguments = (line: string): string | undefined =>
  /^npm create mortise(?:@\w+)?\b(.*)/.exec(line)?.[1]?.replace(" -- ", " ") ??
  /^npm run mortise -- create (.*)/.exec(line)?.[1] ??
  /^mortise create\b(.*)/.exec(line)?.[1]

/** What a package of the app brings: done in that package's own tests. */
const isOfApp = (line: string): boolean =>
  Object.keys(appCommands).some((name) => new RegExp(`^mortise ${name}\\b`).test(line)) ||
  /^(?:npx )?mortise-(?:config|admin)\b/.test(line)

const isEvolving = (line: string): boolean => /^mortise (?:add|remove)\b/.test(line)

describe("commands of the pages", () => {
  it("are found", () => {
    expect(commands.length).toBeGreaterThan(20)
  })

  it.each(commands.filter(([, line]) => /^npm (?:start|test|run)\b/.test(line)))("%s: %s is a script", (file, line) => {
    const [, first = "", second = ""] = line.split(/\s+/)
    const script = first === "run" ? second : first
    expect(aboutApps.has(file) ? [...inChat, ...inWorkspace] : inWorkspace).toContain(script)
  })

  it.each(
    commands.flatMap(([file, line]) => {
      const args = createArguments(line)
      return args === undefined
        ? []
        : [
            [
              file,
              line,
              args
                .trim()
                .split(/\s+/)
                .filter((word) => word !== "")
            ] as const
          ]
    })
  )("%s: %s is understood", async (_, __, args) => {
    const mortise = path.join(root, "packages/create-app/src/bin/mortise.ts")
    const where = args.some((arg) => !arg.startsWith("-")) ? [] : ["my-app"]
    // what a person would be asked
    const silent = args.includes("--yes") ? [] : ["--yes"]
    const line = [mortise, "create", ...where, ...args, ...silent, "--dry-run", "--json"]
    const { stdout } = await promisify(execFile)(process.execPath, line, { cwd: tmpdir() })
    if (args.includes("--help")) expect(stdout).toContain("USAGE")
    else expect(JSON.parse(stdout)).toMatchObject({ ok: true, dryRun: true })
  })

  it.each(commands.filter(([, line]) => line.startsWith("npm install ")))("%s: %s names packages", (_, line) => {
    const known = ["effect", "--global", ...packages().map(({ manifest }) => manifest.name)]
    for (const name of line
      .split(/\s+/)
      .slice(2)
      .filter((word) => !word.startsWith("--omit")))
      expect(known).toContain(name)
  })

  // those of strangers' packages are done in packages/create-app, with packages that are there
  const evolving = [...new Set(commands.map(([, line]) => line))].filter(
    (line) => isEvolving(line) && !/@acme|npm:|NAME|remove$/.test(line)
  )
  it("of mortise add and remove work in an app, one after the other", { timeout: 120_000 }, async () => {
    const folder = await makeFolder("evolve")
    const mortise = (...args: ReadonlyArray<string>) =>
      promisify(execFile)(process.execPath, [path.join(root, "packages/create-app/src/bin/mortise.ts"), ...args], {
        cwd: folder
      })
    try {
      await mortise("create", "app", "--template", "minimal", "--yes", "--no-install", "--no-git")
      expect(evolving.length).toBeGreaterThan(2)
      for (const line of evolving) {
        const flags = ["--cwd", "app", "--no-install", "--no-check", "--json"]
        const { stdout } = await mortise(...line.split(/\s+/).slice(1), ...flags)
        expect(JSON.parse(stdout)).toMatchObject({ ok: true })
      }
    } finally {
      await removeFolder(folder)
    }
  })

  it("are of kinds that are looked at here", () => {
    const others = commands.filter(
      ([, line]) =>
        createArguments(line) === undefined &&
        !isEvolving(line) &&
        !isOfApp(line) &&
        !/^(?:npm (?:start|test|run|install) ?|cd |node (?:src|dist)\/)/.test(line)
    )
    expect(others).toEqual([])
  })
})
