// @module-tag app
/** Every plugin that `mortise add` knows, added from its packed package to an app of a stranger. */
import { cpSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { collect } from "../packages/create-app/src/plugin/collect.ts"
import { must } from "../scripts/demo/npm.ts"
import { root } from "../scripts/workspace.ts"
import minimal from "../templates/minimal/template.ts"
import { type PackedWorkspace, servePackedWorkspace } from "./PackedWorkspace.ts"

/** All but those that the template has from the start. */
const plugins = (await collect(root)).filter(
  ({ factory, from }) => !minimal.app.plugins.some((use) => use.name === factory && use.from === from)
)

/** The first plugins of a list that can be in one app: no two provide one service. */
const together = (list: typeof plugins): typeof plugins => {
  const provided = new Set<string>()
  return list.filter(({ provides }) => {
    if (provides.some((service) => provided.has(service))) return false
    for (const service of provides) provided.add(service)
    return true
  })
}

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

/** Adds plugins to the app as it was made, and holds the compiler's word against its own of before. */
const add = async (names: ReadonlyArray<string>): Promise<void> => {
  copy(untouched, app)
  // what npm has printed comes before the result
  const output = await packed.mortise(app, "add", ...names, "--yes", "--json")
  const { added, check } = JSON.parse(output.slice(output.indexOf("{")))
  assert.includeMembers(added, [...names])
  assert.deepStrictEqual(check, { status: "passed" })
  await must(["npm", "run", "check"], { cwd: app, env: packed.env })
}

describe("an app from the template minimal", { timeout: 120_000 }, () => {
  it.each(plugins.map(({ name }) => name))("compiles with %s, which comes with what it needs", (name) => add([name]))

  it.each([
    ["first", plugins],
    ["last", plugins.toReversed()]
  ] as const)("compiles with as many at once as fit together, the %s of those that do not", (_, list) =>
    add(together(list).map(({ name }) => name))
  )
})
