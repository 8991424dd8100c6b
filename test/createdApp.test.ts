// @module-tag app
/** Apps made by the packed `create-mortise`, outside the workspace: installed, type-checked and tested as a stranger would. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { postgresAvailable, postgresDatabase } from "@mortise/orm/testing"
import * as Effect from "effect/Effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { must } from "../scripts/demo/npm.ts"
import { root } from "../scripts/workspace.ts"
import { type PackedWorkspace, servePackedWorkspace } from "./PackedWorkspace.ts"

/** `npm start` on free ports, as a group of processes that all get SIGTERM once the app is ready; gives what it said. */
const start = async (manager: string, app: string, env: Record<string, string>): Promise<string> => {
  const settings = { PORT: "0", TCP_PORT: "0", SOCKET_PATH: join(app, "app.sock") }
  const child = spawn(manager, ["start"], {
    cwd: app,
    env: { ...env, ...settings },
    detached: true,
    stdio: ["ignore", "pipe", "inherit"]
  })
  let said = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text
    if (text.includes('"event":"ready"') && child.pid !== undefined) process.kill(-child.pid, "SIGTERM")
  })
  await once(child, "close")
  return said
}

let packed: PackedWorkspace
let env: Record<string, string>
let folder: string

beforeAll(async () => {
  packed = await servePackedWorkspace()
  ;({ env, folder } = packed)
}, 120_000)

afterAll(() => packed?.[Symbol.asyncDispose]())

/** What an app is run in, with a database of its own where it needs one. */
const withDatabase = (needed: boolean, walk: (env: Record<string, string>) => Promise<void>): Promise<void> => {
  if (!needed) return walk(env)
  const walked = Effect.flatMap(postgresDatabase, (url) => Effect.promise(() => walk({ ...env, POSTGRES_URL: url })))
  return Effect.runPromise(Effect.scoped(walked))
}
const hasPostgres = await postgresAvailable()

// the chat with npm is what `npm start -- --check` does
describe.each([
  ["minimal", "npm", ""],
  ["minimal", "pnpm", ""],
  ["chat", "pnpm", ""],
  ["chat", "pnpm", "orm,accounts,tasks,events,health"],
  ...(hasPostgres ? ([["chat", "pnpm", "postgres,accounts,tasks,events"]] as const) : [])
] as const)("an app from the template %s, installed with %s, with plugins: %s", (template, manager, plugins) => {
  it(
    "type-checks, passes its own tests, builds and starts with one command, and has no tie to the workspace",
    {
      timeout: 180_000
    },
    () =>
      withDatabase(plugins.includes("postgres"), async (env) => {
        const name = plugins === "" ? `${template}-${manager}` : `${template}-with-${plugins.replaceAll(",", "-")}`
        const chosen = plugins === "" ? [] : ["--with", plugins]
        const output = await must(
          [
            "npm",
            "create",
            "mortise@latest",
            name,
            "--",
            "--template",
            template,
            "--package-manager",
            manager,
            "--yes",
            ...chosen
          ],
          { cwd: folder, env }
        )
        assert.include(output, `Created ${name} in`)
        assert.match(output, /Installed in/)
        const app = join(folder, name)
        await must([manager, "run", "check"], { cwd: app, env })
        assert.match(await must([manager, "run", "test"], { cwd: app, env }), /Tests .*passed/)
        assert.match(await start(manager, app, env), new RegExp(`"event":"stopped",.*"name":"${name}".*"code":0`))
        if (template === "chat") assert.include(readdirSync(join(app, "dist")).join(" "), "shared-")
        // the folder of the build, the page and the manifest are all that a server needs
        const elsewhere = join(folder, `${name}-deployed`)
        // … but for native code, which cannot be bundled
        const native = plugins === "" ? [] : ["node_modules"]
        for (const part of ["dist", "public", "package.json", ...native]) {
          if (existsSync(join(app, part)))
            cpSync(join(app, part), join(elsewhere, part), { recursive: true, verbatimSymlinks: true })
        }
        assert.match(await start("npm", elsewhere, { ...env, npm_config_ignore_scripts: "true" }), /"event":"stopped"/)
        for (const file of ["package.json", "tsconfig.json", ".mortise/lock.json"]) {
          assert.notMatch(readFileSync(join(app, file), "utf8"), /workspace:|catalog:|create-mortise"|\.\.\//)
        }
        const lock = readFileSync(join(app, manager === "npm" ? "package-lock.json" : "pnpm-lock.yaml"), "utf8")
        assert.notInclude(lock, root)
      })
  )
})

describe("an app that grows", () => {
  it("gets a plugin that was not installed, type-checked before, and is the same again without it", {
    timeout: 240_000
  }, async () => {
    const app = join(folder, "grows")
    await must(["npm", "create", "mortise@latest", "grows", "--", "--template", "minimal", "--yes", "--no-git"], {
      cwd: folder,
      env
    })
    const files = ["src/app.ts", "src/config.ts", "package.json", ".mortise/lock.json"]
    const before = files.map((file) => readFileSync(join(app, file), "utf8"))
    const output = await packed.mortise(app, "add", "tcp", "unix", "--yes")
    assert.include(output, "Added tcp, unix. The app compiles.")
    await must(["npm", "run", "check"], { cwd: app, env })
    assert.match(await must(["npm", "test"], { cwd: app, env }), /Tests .*passed/)
    assert.include(readFileSync(join(app, "src/app.ts"), "utf8"), "greeter(), tcp(), unix())")
    await packed.mortise(app, "remove", "tcp", "unix")
    assert.deepStrictEqual(
      files.map((file) => readFileSync(join(app, file), "utf8")),
      before
    )
    assert.isFalse(existsSync(join(app, ".env.example")))
  })

  it("gets accounts in a chat, with what the template has for them and the packages that this needs", {
    timeout: 240_000
  }, async () => {
    const app = join(folder, "chat-pnpm")
    const output = await packed.mortise(app, "add", "accounts", "--yes")
    assert.include(output, "The app compiles.")
    await must(["pnpm", "run", "check"], { cwd: app, env })
    assert.isTrue(existsSync(join(app, "src/accounts/plugin.ts")))
    await packed.mortise(app, "remove", "accounts")
    assert.isFalse(existsSync(join(app, "src/accounts/plugin.ts")))
  })
})
