import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { problemOf } from "../src/pipeline/configure.ts"
import * as Plugins from "../src/plugin/Plugins.ts"
import { templateFolders } from "../src/template/TemplateFolder.ts"
import * as Templates from "../src/template/Templates.ts"
import { temporaryFolder } from "./fixture.ts"
import { filesFor, input } from "./pipelineRun.ts"

const root = join(import.meta.dirname, "..", "..", "..", "templates")
const folders = await templateFolders(root)
const names = folders.map((folder) => folder.slice(root.length + 1))
const services = Layer.mergeAll(
  NodeServices.layer,
  Templates.layerFolders(Effect.succeed(folders)),
  Plugins.layerWorkspace(join(root, ".."))
)

const manifests = await Effect.runPromise(
  Templates.Templates.use((templates) => templates.list).pipe(Effect.provide(services))
)

/** Every set of the plugins that a template has parts for. */
const pluginSets = (template: string): ReadonlyArray<ReadonlyArray<string>> => {
  const parts = manifests.find(({ manifest }) => manifest.name === template)?.manifest.parts ?? []
  const plugins = [...new Set(parts.flatMap((part) => [...part.with, ...(part.without ?? [])]))]
  return Array.from({ length: 2 ** plugins.length }, (_, set) =>
    plugins.filter((_, index) => (set & (1 << index)) !== 0)
  )
}

describe.each(names)("the template %s", (name) => {
  const at = (path: string): string => join(root, name, path)
  const create = (given: Partial<Parameters<typeof input>[0]> = {}) =>
    filesFor(input({ cwd: temporaryFolder(), directory: "x", template: name, ...given }))

  it.effect("has the src/app.ts that its manifest makes", () =>
    Effect.gen(function* () {
      // under its own name nothing is renamed
      const files = yield* create({ name: "mortise-app" })
      assert.strictEqual(readFileSync(at("src/app.ts"), "utf8"), files["src/app.ts"])
    }).pipe(Effect.provide(services))
  )

  it.effect("gives apps a README, a test, a strict tsconfig and the scripts start, test and check", () =>
    Effect.gen(function* () {
      const files = yield* create()
      const { scripts } = JSON.parse(files["package.json"] ?? "{}")
      assert.includeMembers(Object.keys(scripts), ["start", "test", "check"])
      assert.property(files, "README.md")
      assert.include(JSON.stringify(files["tsconfig.json"]).replaceAll(" ", ""), 'strict\\":true')
      assert.isTrue(Object.keys(files).some((path) => path.endsWith(".test.ts")))
    }).pipe(Effect.provide(services))
  )

  it.effect.each([
    "chat",
    "rooms",
    "effect-app",
    "map",
    "@acme/error",
    "http2-server",
    "3d",
    "client",
    "plugin",
    "app"
  ])("makes a sound plan for an app called %s", (appName) =>
    Effect.gen(function* () {
      const files = yield* create({ name: appName })
      assert.strictEqual(JSON.parse(files["package.json"] ?? "{}").name, appName)
    }).pipe(Effect.provide(services))
  )

  it.effect.each(pluginSets(name).map((chosen) => ({ chosen, shown: chosen.join(", ") })))(
    "makes a sound plan with the plugins [$shown]",
    ({ chosen }) =>
      Effect.gen(function* () {
        const made = yield* Effect.result(create({ with: chosen }))
        // a plugin that needs another alone is for the command line to refuse
        if (made._tag === "Failure") assert.strictEqual(made.failure._tag, "ServiceMissing", made.failure.message)
        else {
          const { plugins: added = [] } = JSON.parse(made.success[".mortise/lock.json"] ?? "{}")
          assert.isAtLeast(added.length, chosen.length)
        }
      }).pipe(Effect.provide(services))
  )

  it.effect("writes each answer where it belongs", () =>
    Effect.gen(function* () {
      const templates = yield* Templates.Templates
      const entry = (yield* templates.list).find(({ manifest }) => manifest.name === name)
      for (const answer of entry?.manifest.answers ?? []) {
        assert.isUndefined(problemOf(answer, answer.default))
        if (answer.kind !== "port") continue
        const files = yield* create({ answers: { [answer.flag]: 54321 } })
        for (const place of answer.places ?? []) assert.include(files[place.file], "54321")
      }
    }).pipe(Effect.provide(services))
  )

  it("is a private package with the template's type at hand", () => {
    const packageJson = JSON.parse(readFileSync(at("package.json"), "utf8"))
    assert.isTrue(packageJson.private)
    assert.strictEqual(packageJson.devDependencies["create-mortise"], "workspace:*")
    assert.isTrue(existsSync(at("README.md")))
  })
})
