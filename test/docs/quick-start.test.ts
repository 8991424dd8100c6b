import { type ChildProcess, execFile, spawn } from "node:child_process"
import { readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { createInterface } from "node:readline"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { installed, program } from "../../scripts/Step.ts"
import { root } from "../../scripts/workspace.ts"
import { type Block, pageAt } from "./Page.ts"
import { makeFolder, removeFolder, run, write } from "./Workshop.ts"

const { blocks } = pageAt("docs/quick-start.md")
const changes = blocks.filter(({ file, language }) => language === "ts" && file !== undefined)
const outputs = (block: Block) =>
  blocks.slice(blocks.indexOf(block) + 1).find(({ language }) => language === "text")?.code

let folder: string
let app: string
beforeAll(async () => {
  folder = await makeFolder("quick-start")
  app = path.join(folder, "my-chat")
  const mortise = path.join(root, "packages/create-app/src/bin/mortise.ts")
  const args = [mortise, "create", "my-chat", "--template", "chat", "--yes", "--no-install", "--no-git"]
  await promisify(execFile)(process.execPath, args, { cwd: folder })
}, 60_000)
afterAll(() => removeFolder(folder))

/** Does what a block says: puts it behind the line it names, or makes the file. */
const apply = async ({ after, code, file = "" }: Block): Promise<void> => {
  if (after === undefined) return write(app, file, `${code}\n`)
  const lines = (await readFile(path.join(app, file), "utf8")).split("\n")
  const places = lines.flatMap((line, i) => (line.includes(after) ? [i] : []))
  expect(places, `lines of ${file} with ${after}`).toHaveLength(1)
  lines.splice((places[0] ?? 0) + 1, 0, code)
  await write(app, file, lines.join("\n"))
}

/** `npm run check` of the app, without npm. */
const check = () => program(installed("tsc"), ["--noEmit", "-p", app, "--pretty", "false"], { cwd: app })

/** The app from its sources, as `npm run dev` starts it; resolves when it is ready. */
const start = (env: Record<string, string>): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["src/main.ts"], {
      cwd: app,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"]
    })
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.includes(`"ready"`)) resolve(child)
    })
    child.on("close", (code) => reject(new Error(`the app ended with ${code}`)))
  })

describe("the quick start", () => {
  it("gives an app that compiles, and the files that it lists", async () => {
    expect(await check()).toEqual({ code: 0, output: "" })
    const listed = [...pageAt("docs/quick-start.md").text.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, file = ""]) => file)
    )
    expect(listed.length).toBeGreaterThan(8)
    for (const file of listed.filter((file) => !file.endsWith("/"))) await readFile(path.join(app, file))
  })

  it("says what the compiler says when the handler is missing", async () => {
    const [contract] = changes
    if (contract === undefined) throw new Error("the page changes nothing")
    await apply(contract)
    const { code, output } = await check()
    expect(code).not.toBe(0)
    expect(output).toContain(outputs(contract))
  })

  it("ends with a message of one's own, which is answered as the page says", async () => {
    for (const change of changes.slice(1)) await apply(change)
    expect(await check()).toEqual({ code: 0, output: "" })

    const client = changes.find((block) => block.run)
    if (client?.file === undefined) throw new Error("the page has no client to run")
    const env = { PORT: "0", TCP_PORT: "0", SOCKET_PATH: path.join(tmpdir(), `mortise-docs-${process.pid}.sock`) }
    const server = await start(env)
    try {
      const { code, err, out } = await run(app, client.file, env)
      expect(out.trimEnd(), err).toBe(outputs(client))
      expect(code).toBe(0)
    } finally {
      server.removeAllListeners("close")
      const ended = new Promise((resolve) => server.on("close", resolve))
      server.kill("SIGTERM")
      expect(await ended).toBe(0)
    }
  })
})
