// @module-tag process
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as fc from "fast-check"
import { proposeAdd } from "../src/evolve/add.ts"
import { proposeRemove } from "../src/evolve/remove.ts"
import type { KnownPlugin } from "../src/plugin/KnownPlugin.ts"
import * as Templates from "../src/template/Templates.ts"
import { commit } from "../src/workspace/Commit.ts"
import { temporaryFolder, writeFiles } from "./fixture.ts"
import { evolveInput, pluginsOf, treeOf } from "./pluginFixture.ts"

/** Plugins of every kind: several of one package, with and without configuration, with names that are taken. */
const plugins: ReadonlyArray<KnownPlugin> = (
  [
    ["alpha", "@acme/one", "@acme/one"],
    ["beta", "@acme/one", "@acme/one"],
    ["gamma", "@acme/one/deep", "@acme/one"],
    ["http", "zeta", "zeta"],
    ["omega", "@mortise/omega", "@mortise/omega"]
  ] as const
).map(([name, from, package_], index) => ({
  name,
  summary: "",
  from,
  factory: name,
  provides: [],
  requires: [],
  package: package_,
  version: "1.0.0",
  ...(index % 2 === 0
    ? {
        config: [
          {
            path: `${name}.file`,
            env: `${name.toUpperCase()}_FILE`,
            type: "string" as const,
            default: "x y",
            doc: "A file."
          },
          {
            path: `${name}.pool.size`,
            env: `${name.toUpperCase()}_SIZE`,
            type: "number" as const,
            default: 4,
            doc: "How many."
          }
        ]
      }
    : {})
}))
const services = Layer.mergeAll(NodeServices.layer, Templates.layerFolders(Effect.succeed([])), pluginsOf(plugins))

const bool = fc.boolean()
/** Apps as different people write them. */
const apps = fc
  .record({
    crlf: bool,
    tabs: bool,
    single: bool,
    semicolons: bool,
    lines: bool,
    trailing: bool,
    comments: bool,
    header: bool,
    mark: bool,
    joined: bool,
    unsorted: bool,
    count: fc.nat(4),
    width: fc.constantFrom(1, 40),
    env: fc.constantFrom(undefined, "A=1\n", "A=1", "# nothing\n\n"),
    json: fc.constantFrom(0, 2, "\t")
  })
  .map((style) => {
    const q = style.single ? "'" : '"'
    const end = style.semicolons ? ";" : ""
    const indent = style.tabs ? "\t" : "  "
    const imports = [
      `import * as Plugin from ${q}@mortise/core/app/Plugin${q}${end}`,
      ...(style.joined ? [`import { alien } from ${q}@acme/one${q}${end}${style.comments ? " // one, two" : ""}`] : []),
      `import { http } from ${q}./http.ts${q}${end}`
    ]
    if (style.unsorted) imports.reverse()
    const args = Array.from({ length: style.count }, (_, index) => `own${"x".repeat(style.width)}${index}()`)
    const comment = (text: string) => (style.comments ? ` // ${text}, ${text}()` : "")
    const list = style.lines
      ? `\n${args.map((arg, index) => `${indent}${arg}${index < args.length - 1 || style.trailing ? "," : ""}${comment("why")}\n`).join("")}${args.length === 0 && style.comments ? `${indent}// none yet\n` : ""}`
      : args.join(", ")
    const app = `${style.header ? "/** The app. */\n" : ""}${imports.join("\n")}\n\n/** All of it. */\nexport const app = Plugin.compose(${list})${end}\nexport const used = http${end}\n`
    const config = style.lines
      ? `export const config = {\n${indent}own: { port: 1 }${style.trailing ? "," : ""}${comment("port")}\n}${end}\n`
      : `export const config = ${style.count === 0 ? "{}" : "{ own: { port: 1 } }"}${end}\n`
    const text = (source: string) => (style.crlf ? source.replaceAll("\n", "\r\n") : source)
    const packageJson = { name: "x", dependencies: style.joined ? { "@acme/one": "^1.0.0", zebra: "1" } : undefined }
    return {
      "package.json": `${JSON.stringify(packageJson, null, style.json)}\n`,
      "src/app.ts": `${style.mark ? "\uFEFF" : ""}${text(app)}`,
      "src/config.ts": text(config),
      ...(style.env === undefined ? {} : { ".env.example": text(style.env) })
    } as Readonly<Record<string, string>>
  })
const names = plugins.map(({ name }) => name)
const rounds = fc.record({
  adds: fc.shuffledSubarray(names, { minLength: 1, maxLength: 4 }),
  order: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
  together: bool
})

const add = (cwd: string, wanted: ReadonlyArray<string>) =>
  proposeAdd(evolveInput({ cwd, names: wanted })).pipe(
    Effect.flatMap(({ proposal }) => (proposal === undefined ? Effect.void : commit(proposal.plan)))
  )
const remove = (cwd: string, wanted: ReadonlyArray<string>) =>
  Effect.flatMap(proposeRemove(evolveInput({ cwd, names: wanted })), ({ plan }) => commit(plan))
const once = <A, E>(effect: Effect.Effect<A, E, Layer.Success<typeof services> | import("effect/Scope").Scope>) =>
  Effect.runPromise(effect.pipe(Effect.scoped, Effect.provide(services)))

describe("remove is the inverse of add", () => {
  it("byte for byte, for any app, any plugins and any order", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(apps, rounds, async (files, { adds, order, together }) => {
        const cwd = temporaryFolder("inverse")
        writeFiles(cwd, files)
        if (together) await once(add(cwd, adds))
        else for (const name of adds) await once(add(cwd, [name]))
        const keys = new Map(adds.map((name) => [name, order.next().value]))
        for (const name of [...adds].sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0)))
          await once(remove(cwd, [name]))
        assert.deepStrictEqual(treeOf(cwd), { ...files })
      }),
      { numRuns: 60 }
    )
  })

  it("and adding twice is adding once", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(apps, fc.shuffledSubarray(names, { minLength: 1, maxLength: 3 }), async (files, adds) => {
        const cwd = temporaryFolder("twice")
        writeFiles(cwd, files)
        await once(add(cwd, adds))
        const after = treeOf(cwd)
        await once(add(cwd, [...adds].reverse()))
        assert.deepStrictEqual(treeOf(cwd), after)
      }),
      { numRuns: 15 }
    )
  })
})
