// @module-tag process
import { execFile } from "node:child_process"
import { readdirSync } from "node:fs"
import { createRequire } from "node:module"
import { basename, dirname, join, relative, sep } from "node:path"
import { fileURLToPath } from "node:url"
import { beforeAll, describe, expect, it } from "vitest"

const root = fileURLToPath(new URL("../../type-errors/", import.meta.url))
const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc")

/** Files that hold what the mistakes are made with, and must hold none. */
const isPart = (file: string) => basename(file) === "parts.ts"

const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .toSorted()

/** One run for all files: what the compiler says, by file, without places. */
const compile = (): Promise<ReadonlyMap<string, string>> =>
  new Promise((resolve, reject) => {
    const args = [compiler, "-p", root, "--pretty", "false"]
    execFile(process.execPath, args, { cwd: root, maxBuffer: 1 << 24 }, (error, output, complaint) => {
      if (error === null || complaint !== "")
        return reject(new Error(`expected type errors, got:\n${output}${complaint}`))
      const said = new Map<string, string>()
      let current = ""
      for (const line of output.trimEnd().split(/\r?\n/)) {
        const [, file, rest] = /^(.+?)\(\d+,\d+\): (error TS\d+: .*)$/.exec(line) ?? []
        if (file !== undefined) current = relative(root, join(root, file)).split(sep).join("/")
        said.set(current, `${said.get(current) ?? ""}${rest ?? line}\n`)
      }
      resolve(said)
    })
  })

let said: ReadonlyMap<string, string>
beforeAll(async () => {
  said = await compile()
}, 120_000)

describe("the compiler says, about", () => {
  it.each(files.filter((file) => !isPart(file)))("%s", async (file) => {
    const text = said.get(file)
    expect(text, "the mistake compiles").toBeDefined()
    await expect(text).toMatchFileSnapshot(join(root, file.replace(/\.ts$/, ".txt")))
  })

  it("each mistake that a text was kept of", () => {
    const texts = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".txt"))
    expect(texts.filter((text) => !files.includes(text.replace(/\.txt$/, ".ts")))).toEqual([])
  })

  it("no mistake that is in no file of its own", () => {
    const expected = new Set(files.filter((file) => !isPart(file)))
    expect([...said.keys()].filter((file) => !expected.has(file))).toEqual([])
  })
})
