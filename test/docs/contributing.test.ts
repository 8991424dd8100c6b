/** Does what CONTRIBUTING.md says about a message of the chat, in a copy of the template. */
import { cp, readFile, symlink } from "node:fs/promises"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { installed, program } from "../../scripts/Step.ts"
import { root } from "../../scripts/workspace.ts"
import { pageAt } from "./Page.ts"
import { makeFolder, removeFolder, write } from "./Workshop.ts"

const template = "templates/chat"
const steps = pageAt("CONTRIBUTING.md").blocks.filter(({ file }) => file?.startsWith(`${template}/`))

let folder: string
beforeAll(async () => {
  folder = await makeFolder("contributing")
  await cp(path.join(root, template), folder, {
    recursive: true,
    filter: (file) => !/[\\/](?:node_modules|dist)$/.test(file)
  })
  await symlink(path.join(root, template, "node_modules"), path.join(folder, "node_modules"))
})
afterAll(() => removeFolder(folder))

const tsc = () => program(installed("tsc"), ["-p", folder, "--pretty", "false"], { cwd: folder })
const test = (file: string) =>
  program(installed("vitest"), ["run", "--root", folder, "--testTimeout=30000", file], {
    cwd: folder,
    env: { NO_COLOR: "1" }
  })

/** Puts a block of the page where it says. */
const follow = async (block: (typeof steps)[number]): Promise<void> => {
  const file = (block.file ?? "").slice(template.length + 1)
  if (block.after === undefined) return write(folder, file, `${block.code}\n`)
  const lines = (await readFile(path.join(folder, file), "utf8")).split("\n")
  const at = lines.flatMap((line, index) => (line.includes(block.after ?? "") ? [index] : []))
  expect(at, `"${block.after}" stands once in ${file}`).toHaveLength(1)
  await write(folder, file, lines.toSpliced((at[0] ?? 0) + 1, 0, ...block.code.split("\n")).join("\n"))
}

const limit = { timeout: 180_000 }

describe("a message of the chat, as CONTRIBUTING.md adds it", () => {
  it("is missed by the compiler once the contract has it", limit, async () => {
    const [contract] = steps
    if (contract === undefined) throw new Error("CONTRIBUTING.md changes no file of the chat")
    await follow(contract)
    const { code, output } = await tsc()
    expect(code).not.toBe(0)
    expect(output).toContain("Property 'roll' is missing")
    expect(output).toContain("src/chat/handlers.ts")
  })

  it("compiles with its handler, and its test passes", limit, async () => {
    for (const block of steps.slice(1)) await follow(block)
    expect(await tsc()).toEqual({ code: 0, output: "" })
    const { code, output } = await test("test/roll.test.ts")
    expect(output).toContain("Tests  2 passed (2)")
    expect(code, output).toBe(0)
  })

  it("has a test that fails when the room hears another number, as the page says", limit, async () => {
    const file = "src/chat/handlers.ts"
    const right = await readFile(path.join(folder, file), "utf8")
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of the handler
    const wrong = right.replace("rolls ${shown} of", "rolls ${shown + 1} of")
    expect(wrong).not.toBe(right)
    await write(folder, file, wrong)
    const { code, output } = await test("test/roll.test.ts")
    expect(code).not.toBe(0)
    expect(output).toContain("Tests  1 failed | 1 passed (2)")
  })
})
