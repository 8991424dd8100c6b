/** Apps made by the packed `create-mortise`, outside the workspace: installed, type-checked and tested as a stranger would. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { removeFolder, temporaryFolder } from "../scripts/demo/App.ts"
import { forgetOthers, must, npmEnvironment } from "../scripts/demo/npm.ts"
import { packPackages } from "../scripts/demo/packages.ts"
import { type Registry, serveRegistry } from "../scripts/demo/registry.ts"
import { root } from "../scripts/workspace.ts"

/** Starts a built app on free ports and stops it once it is ready; gives its exit code. */
const runBuilt = async (app: string): Promise<unknown> => {
  const settings = { PORT: "0", TCP_PORT: "0", SOCKET_PATH: join(app, "app.sock") }
  const child = spawn(process.execPath, ["dist/main.js"], { cwd: app, env: { ...process.env, ...settings } })
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (text.includes('"event":"ready"')) child.kill("SIGTERM")
  })
  const [code] = await once(child, "exit")
  return code
}

let registry: Registry
let env: Record<string, string>
let folder: string

beforeAll(async () => {
  const { hash, versions } = await packPackages()
  const upstream = await must(["npm", "config", "get", "registry"], { cwd: root, env: process.env })
  registry = await serveRegistry(versions, upstream.trim().split("\n").at(-1) ?? "")
  folder = temporaryFolder()
  env = {
    ...npmEnvironment(registry.url),
    pnpm_config_registry: registry.url,
    pnpm_config_store_dir: join(root, ".toolchain", "store")
  }
  forgetOthers(env.npm_config_cache ?? "", hash)
}, 120_000)

afterAll(async () => {
  await registry?.[Symbol.asyncDispose]()
  if (folder !== undefined) removeFolder(folder)
})

// the chat with npm is what `npm start -- --check` does
describe.each([
  ["minimal", "npm"],
  ["minimal", "pnpm"],
  ["chat", "pnpm"]
] as const)("an app from the template %s, installed with %s", (template, manager) => {
  it("type-checks, passes its own tests, builds and starts, and has no tie to the workspace", {
    timeout: 180_000
  }, async () => {
    const name = `${template}-${manager}`
    const output = await must(
      ["npm", "create", "mortise@latest", name, "--", "--template", template, "--package-manager", manager, "--yes"],
      { cwd: folder, env }
    )
    assert.include(output, `Created ${name} in`)
    assert.match(output, /Installed in/)
    const app = join(folder, name)
    await must([manager, "run", "check"], { cwd: app, env })
    assert.match(await must([manager, "run", "test"], { cwd: app, env }), /Tests .*passed/)
    await must([manager, "run", "build"], { cwd: app, env })
    assert.strictEqual(await runBuilt(app), 0)
    for (const file of ["package.json", "tsconfig.json", ".mortise/lock.json"]) {
      assert.notMatch(readFileSync(join(app, file), "utf8"), /workspace:|catalog:|create-mortise"|\.\.\//)
    }
    const lock = readFileSync(join(app, manager === "npm" ? "package-lock.json" : "pnpm-lock.yaml"), "utf8")
    assert.notInclude(lock, root)
  })
})
