/** Every plugin that `mortise add` knows, added from its packed package to an app of a stranger. */
import { cpSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { collect } from "../packages/create-app/src/plugin/collect.ts"
import { must } from "../scripts/demo/npm.ts"
import { root } from "../scripts/workspace.ts"
import { type PackedWorkspace, servePackedWorkspace } from "./PackedWorkspace.ts"

const plugins = await collect(root)
/** In the template from the start. */
const present = ["http", "gateway", "websocket"]

let packed: PackedWorkspace
let app: string
let untouched: string

const written = ["src", "package.json", ".mortise"]
const copy = (from: string, to: string): void => {
  for (const path of [...written, ".env.example"]) rmSync(join(to, path), { recursive: true, force: true })
  for (const path of written) cpSync(join(from, path), join(to, path), { recursive: true })
}

beforeAll(async () => {
  packed = await servePackedWorkspace()
  app = join(packed.folder, "app")
  untouched = join(packed.folder, "untouched")
  await must(["npm", "create", "mortise@latest", "app", "--", "--template", "minimal", "--yes", "--no-git"], {
    cwd: packed.folder,
    env: packed.env
  })
  copy(app, untouched)
}, 180_000)

afterAll(() => packed?.[Symbol.asyncDispose]())

describe("an app from the template minimal", () => {
  it.each(plugins.map(({ name }) => name).filter((name) => !present.includes(name)))(
    "compiles with %s, which comes with what it needs",
    { timeout: 120_000 },
    async (name) => {
      copy(untouched, app)
      // what npm has printed comes before the result
      const output = await packed.mortise(app, "add", name, "--yes", "--json")
      const { added, check } = JSON.parse(output.slice(output.indexOf("{")))
      assert.include(added, name)
      assert.deepStrictEqual(check, { status: "passed" })
      await must(["npm", "run", "check"], { cwd: app, env: packed.env })
    }
  )
})
