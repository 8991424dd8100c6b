import path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Block, type Page, pages } from "./Page.ts"
import { compile, makeFolder, removeFolder, run, write } from "./Workshop.ts"

const isCode = ({ language }: Block) => language === "ts"

/** `docs/wire.md` has its files in `docs-wire`. */
const folderOf = (page: Page) => page.file.replace(/\.md$/, "").replaceAll("/", "-")
const fileOf = (block: Block) => block.file ?? `line-${block.line}.ts`

/** The files of a page: parts of one file are put together, with blank lines so that the compiler's lines are findable. */
const filesOf = (page: Page): ReadonlyMap<string, string> => {
  const files = new Map<string, string>()
  for (const block of page.blocks.filter(isCode)) {
    const before = files.get(fileOf(block))
    const code = before === undefined ? block.code : `${before}\n${block.code}`
    files.set(fileOf(block), code.endsWith("\n") ? code : `${code}\n`)
  }
  return files
}

/** A page that changes the files of an app has a test of its own. */
const withCode = pages.filter(
  (page) => page.blocks.some(isCode) && page.blocks.every(({ after }) => after === undefined)
)
const programs = withCode.flatMap((page) =>
  page.blocks.flatMap((block, i) => (block.run && isCode(block) ? [{ page, block, next: page.blocks[i + 1] }] : []))
)

let folder: string
let problems: string
beforeAll(async () => {
  folder = await makeFolder("code")
  for (const page of withCode) {
    for (const [file, text] of filesOf(page)) await write(folder, path.join(folderOf(page), file), text)
  }
  problems = await compile(folder)
}, 180_000)
afterAll(() => removeFolder(folder))

describe("the code of the pages compiles", () => {
  it("at all", () => {
    expect(withCode.length).toBeGreaterThan(5)
    // a problem outside the pages belongs to nobody below
    expect(problems.split("\n").filter((line) => /^(?:\.\.|error)/.test(line))).toEqual([])
  })

  it.each(withCode.map((page) => [page.file, page] as const))("%s", (_, page) => {
    const mine = problems.split("\n").filter((line) => line.startsWith(`${folderOf(page)}/`))
    expect(mine).toEqual([])
  })
})

describe("the programs of the pages print what the pages say", () => {
  it.each(programs.map((one) => [`${one.page.file}:${one.block.line}`, one] as const))("%s", async (_, one) => {
    const { block, next, page } = one
    expect(next?.language, "a text block with the output follows").toBe("text")
    const { code, err, out } = await run(path.join(folder, folderOf(page)), fileOf(block))
    expect(out.trimEnd(), err).toBe(next?.code)
    expect(code, err).toBe(0)
  })
})
