import { execFile } from "node:child_process"
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"

interface Outcome {
  readonly stdout: string
  readonly stderr: string
}
const node = (file: string, ...args: ReadonlyArray<string>): Promise<Outcome> =>
  new Promise((resolve) => {
    const all = ["--disable-warning=ExperimentalWarning", file, ...args]
    execFile(process.execPath, all, (_, stdout, stderr) => resolve({ stdout, stderr }))
  })
const fixture = (name: string): string => fileURLToPath(new URL(`./imports/${name}.ts`, import.meta.url))

describe("Imports.prepare", () => {
  it("leads every import to the module that Node would find, once", async () => {
    const [plain, prepared] = await Promise.all([node(fixture("listed")), node(fixture("listed"), "prepared")])
    const loaded = JSON.parse(plain.stdout) as ReadonlyArray<string>
    assert.isAbove(loaded.length, 150, plain.stderr)
    assert.deepStrictEqual(JSON.parse(prepared.stdout), loaded)
  })

  it("leaves it to Node to say which file of an app is missing, and who wants it", async () => {
    const { stderr } = await node(fixture("missing"))
    assert.include(stderr, "ERR_MODULE_NOT_FOUND")
    assert.include(stderr, "missing.ts")
  })

  it("takes no short cuts where it was bundled, and needs no package there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "mortise-imports-"))
    try {
      copyFileSync(fileURLToPath(new URL("../../src/app/Imports.ts", import.meta.url)), join(folder, "main.ts"))
      writeFileSync(join(folder, "package.json"), `{ "type": "module" }`)
      const start = join(folder, "start.ts")
      writeFileSync(start, `import { prepare } from "./main.ts"\nprepare()\nconsole.log("prepared")\n`)
      const { stderr, stdout } = await node(start)
      assert.strictEqual(stdout, "prepared\n", stderr)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
