import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import path from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { root } from "../../scripts/workspace.ts"
import { pageAt } from "./Page.ts"
import { makeFolder, removeFolder, write } from "./Workshop.ts"

const { blocks } = pageAt("docs/templates.md")

let folder: string
beforeAll(async () => {
  folder = await makeFolder("template")
  for (const { code, file } of blocks) {
    if (file !== undefined) await write(folder, path.join("guestbook", file), `${code}\n`)
  }
  // what the page asks for beside its blocks
  const manifest = {
    name: "mortise-template-guestbook",
    private: true,
    type: "module",
    scripts: { start: "node src/app.ts", test: "node --test", check: "tsc --noEmit" },
    dependencies: { "@mortise/core": "workspace:*", "@mortise/transport-socket": "workspace:*", effect: "catalog:" },
    devDependencies: { "create-mortise": "workspace:*" }
  }
  await write(folder, "guestbook/package.json", JSON.stringify(manifest))
  await write(folder, "guestbook/src/config.ts", "export const port = 7420\n")
  await write(folder, "guestbook/README.md", "# mortise-app\n\nListens on port 7420.\n")
}, 60_000)
afterAll(() => removeFolder(folder))

const create = async (name: string, ...flags: ReadonlyArray<string>) => {
  const mortise = path.join(root, "packages/create-app/src/bin/mortise.ts")
  const args = [mortise, "create", name, "--template", "./guestbook", "--yes", "--no-install", "--no-git", ...flags]
  await promisify(execFile)(process.execPath, args, { cwd: folder })
  return (file: string) => readFile(path.join(folder, name, file), "utf8")
}

describe("the page about templates", () => {
  it("shows the src/app.ts that its manifest makes", async () => {
    const read = await create("my-book")
    expect(await read("src/app.ts")).toBe(`${blocks.find(({ file }) => file === "src/app.ts")?.code}\n`)
  })

  it("is right about answers, names and conditions", async () => {
    const read = await create("other-book", "--port", "8123", "--no-tcp")
    expect(await read("src/config.ts")).toBe("export const port = 8123\n")
    expect(await read("README.md")).toBe("# other-book\n\nListens on port 8123.\n")
    expect(await read("src/app.ts")).not.toContain("tcp")
    expect(JSON.parse(await read("package.json"))).toMatchObject({ name: "other-book", version: "0.0.0" })
    expect(await read("package.json")).not.toContain("create-mortise")
    await expect(read("template.ts")).rejects.toThrow("ENOENT")
  })
})
