/** Plays docs/migrations.md: writes its files, types its commands, compares what they print and what they write. */
import { readFile } from "node:fs/promises"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Block, pages } from "./Page.ts"
import { compile, makeFolder, removeFolder, run, write } from "./Workshop.ts"

const page = pages.find(({ file }) => file === "docs/migrations.md")
const blocks = page?.blocks ?? []

let folder: string
beforeAll(async () => {
  folder = await makeFolder("migrations")
})
afterAll(() => removeFolder(folder))

const read = (file: string) => readFile(path.join(folder, file), "utf8")

/** Puts a block into its file: behind the line that it names, or as the file. */
const put = async ({ after, code, file = "" }: Block) => {
  if (after === undefined) return write(folder, file, `${code}\n`)
  const lines = (await read(file)).split("\n")
  const at = lines.findIndex((line) => line.includes(after))
  expect(at, `${file} has a line with ${after}`).toBeGreaterThanOrEqual(0)
  return write(folder, file, lines.toSpliced(at + 1, 0, code).join("\n"))
}

describe("docs/migrations.md", () => {
  it("does what it says, step by step", async () => {
    let printed = ""
    let written = ""
    let commands = 0
    for (const block of blocks) {
      if (block.language === "ts" && block.file !== undefined) await put(block)
      // what was generated last
      else if (block.language === "ts") expect(await read(path.join("src", written))).toBe(`${block.code}\n`)
      else if (block.language === "sh") {
        const [node, script = "", ...args] = block.code.split(" ")
        expect(node).toBe("node")
        const { code, err, out } = await run(folder, script, {}, args)
        expect(code, err).toBe(0)
        printed = out.trim()
        written = /^Wrote (\S+)/.exec(printed)?.[1] ?? written
        commands++
      } else if (block.language === "text") expect(printed).toBe(block.code)
    }
    expect(commands).toBe(6)
    expect(await compile(folder)).toBe("")
  }, 120_000)
})
