// @module-tag process
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type EvolveInput, proposeAdd } from "../src/evolve/add.ts"
import { proposeRemove } from "../src/evolve/remove.ts"
import * as Templates from "../src/template/Templates.ts"
import { apply } from "../src/workspace/Apply.ts"
import { commit } from "../src/workspace/Commit.ts"
import { temporaryFolder, tinyTemplate } from "./fixture.ts"
import { input, planFor } from "./pipelineRun.ts"
import { evolveInput, known, pluginsOf, treeOf } from "./pluginFixture.ts"

/** A chat with its history in memory, or in a database; with both that and tasks it is cleaned at night. */
const manifest = {
  name: "tiny",
  summary: "",
  answers: [
    {
      kind: "port",
      name: "port",
      flag: "port",
      question: "?",
      default: 7420,
      places: [{ file: "src/config.ts", constant: "port" }]
    }
  ],
  app: {
    plugins: [
      { from: "./memory.ts", name: "mortiseAppHistory", args: [] },
      { from: "./page.ts", name: "page", args: [] }
    ]
  },
  parts: [
    {
      with: ["orm"],
      files: ["src/stored.ts", "src/migrations/"],
      drops: ["src/memory.ts"],
      plugins: [
        { from: "./stored.ts", name: "stored", args: [{ port: { answer: "port" } }], replaces: "mortiseAppHistory" }
      ],
      scripts: ["migrate"],
      dependencies: ["pg-types"],
      next: [{ command: "npm run migrate", purpose: "make the tables" }]
    },
    { with: ["accounts"], files: [{ from: "src/page.accounts.ts", to: "src/page.ts" }] },
    {
      with: ["orm", "tasks"],
      files: ["src/cleanup.ts"],
      plugins: [{ from: "./cleanup.ts", name: "cleanup", args: [] }],
      config: [{ path: "cleanup.days", env: "CLEANUP_DAYS", type: "number", default: 30, doc: "Days that are kept." }]
    }
  ]
}

const prepare = Effect.gen(function* () {
  const cwd = temporaryFolder()
  const folder = tinyTemplate(cwd, {
    "template.ts": `export default ${JSON.stringify(manifest)}`,
    "package.json": JSON.stringify({
      name: "x",
      scripts: { start: "node src/main.ts", migrate: "node src/migrations/0001.ts" },
      dependencies: { "@mortise/core": "^0.1.0", "pg-types": "^1.0.0" }
    }),
    "src/MortiseAppPlugin.ts": undefined,
    "config.json": undefined,
    "README.md": "# mortise-app\n",
    "src/config.ts": "export const port = 7420\nexport const config = { http: { port } }\n",
    "src/memory.ts": "export const mortiseAppHistory = () => 1\n",
    "src/stored.ts": `import "./migrations/0001.ts"\nexport const stored = (_: object) => 1\n`,
    "src/migrations/0001.ts": "export const mortiseAppTables = 1\n",
    "src/page.ts": "export const page = () => 1\n",
    "src/page.accounts.ts": "export const page = () => 2\n",
    "src/cleanup.ts": "export const cleanup = () => 1\n",
    "src/main.ts": `import { app } from "./app.ts"\nconsole.log(app)\n`
  })
  const services = Layer.mergeAll(
    NodeServices.layer,
    Templates.layerFolders(Effect.succeed([folder])),
    pluginsOf(known)
  )
  const create = (directory: string, names: ReadonlyArray<string> = []) =>
    planFor(input({ cwd, directory, name: "chat", template: folder, with: names, answers: { port: 8000 } })).pipe(
      Effect.flatMap(({ plan }) => apply(plan)),
      Effect.as(join(cwd, directory)),
      Effect.scoped,
      Effect.provide(services)
    )
  const add = (app: string, names: ReadonlyArray<string>, given: Partial<EvolveInput> = {}) =>
    proposeAdd(evolveInput({ cwd: app, names, ...given })).pipe(
      Effect.tap(({ proposal }) => (proposal === undefined ? Effect.void : commit(proposal.plan))),
      Effect.scoped,
      Effect.provide(services)
    )
  const remove = (app: string, names: ReadonlyArray<string>, given: Partial<EvolveInput> = {}) =>
    proposeRemove(evolveInput({ cwd: app, names, ...given })).pipe(
      Effect.tap(({ plan }) => commit(plan)),
      Effect.scoped,
      Effect.provide(services)
    )
  return { cwd, folder, create, add, remove }
})

describe("an app whose template has parts", () => {
  it.effect("gets them with add as with create --with, and loses them with remove", () =>
    Effect.gen(function* () {
      const { add, create, remove } = yield* prepare
      const base = yield* create("base")
      const made = yield* create("made", ["orm", "tasks", "accounts"])
      const grown = yield* create("grown")
      const { proposal } = yield* add(grown, ["orm", "tasks", "accounts"])
      assert.deepStrictEqual(treeOf(grown), treeOf(made))
      assert.deepStrictEqual(
        proposal?.parts.after?.parts.flatMap(({ next = [] }) => next.map(({ command }) => command)),
        ["npm run migrate"]
      )
      const files = treeOf(grown)
      assert.include(
        files["src/app.ts"],
        "Plugin.compose(stored({ port: 8000 }), page(), cleanup(), sqlite(), tasks(), accounts())"
      )
      assert.include(files["src/config.ts"], "cleanup: { days: Number(process.env.CLEANUP_DAYS || 30) }")
      assert.strictEqual(files["src/page.ts"], "export const page = () => 2\n")
      assert.strictEqual(files["src/migrations/0001.ts"], "export const chatTables = 1\n")
      assert.include(files["package.json"], "migrate")
      assert.notProperty(files, "src/memory.ts")
      yield* remove(grown, ["tasks", "orm", "accounts"])
      assert.deepStrictEqual(treeOf(grown), treeOf(base))
      yield* remove(made, ["orm", "accounts", "tasks"])
      assert.deepStrictEqual(treeOf(made), treeOf(base))
    })
  )

  it.effect("gets them one by one, in any order, and loses each with its plugin", () =>
    Effect.gen(function* () {
      const { add, create, remove } = yield* prepare
      const base = treeOf(yield* create("base"))
      for (const [index, order] of [
        ["tasks", "orm", "accounts"],
        ["accounts", "tasks", "orm"]
      ].entries()) {
        const app = yield* create(`app${index}`)
        const before: Array<Record<string, string>> = []
        for (const name of order) {
          before.push(treeOf(app))
          yield* add(app, [name])
        }
        assert.property(treeOf(app), "src/cleanup.ts")
        for (const name of [...order].reverse()) {
          yield* remove(app, [name])
          assert.deepStrictEqual(treeOf(app), before.pop())
        }
        for (const name of order) yield* add(app, [name])
        for (const name of order) yield* remove(app, [name])
        assert.deepStrictEqual(treeOf(app), base)
      }
    })
  )

  it.effect("has the parts of what stands in for a plugin too", () =>
    Effect.gen(function* () {
      const { create } = yield* prepare
      const files = treeOf(yield* create("app", ["postgres"]))
      assert.property(files, "src/stored.ts")
      assert.include(files["src/app.ts"], "postgres()")
    })
  )

  it.effect("cannot have two that provide one service", () =>
    Effect.gen(function* () {
      const { add, create } = yield* prepare
      const app = yield* create("app", ["postgres"])
      const attempts = [Effect.asVoid(create("other", ["postgres", "orm"])), Effect.asVoid(add(app, ["orm"]))]
      for (const attempt of attempts as ReadonlyArray<Effect.Effect<void, { readonly _tag: string }>>) {
        const error = yield* Effect.flip(attempt)
        assert.strictEqual(error._tag, "ServiceTaken")
      }
    })
  )

  it.effect("keeps files that somebody has changed: the whole is refused, or the plugin comes alone", () =>
    Effect.gen(function* () {
      const { add, create, remove } = yield* prepare
      const app = yield* create("app")
      writeFileSync(join(app, "src/memory.ts"), "export const chatHistory = () => 'mine'\n")
      const before = treeOf(app)
      const error = yield* Effect.flip(add(app, ["orm"]))
      assert.strictEqual(error._tag, "PartConflict")
      assert.match(error.message, /src\/memory\.ts.*--no-parts/s)
      assert.deepStrictEqual(treeOf(app), before)
      yield* add(app, ["orm"], { parts: false })
      const after = treeOf(app)
      assert.include(after["src/app.ts"], "compose(chatHistory(), page(), sqlite())")
      assert.strictEqual(after["src/memory.ts"], before["src/memory.ts"])
      yield* remove(app, ["orm"])
      assert.deepStrictEqual(treeOf(app), before)
    })
  )

  it.effect("refuses to replace an entry that somebody has changed", () =>
    Effect.gen(function* () {
      const { add, create } = yield* prepare
      const app = yield* create("app")
      const text = treeOf(app)["src/app.ts"] ?? ""
      writeFileSync(join(app, "src/app.ts"), text.replace("chatHistory()", "chatHistory({ size: 3 })"))
      const error = yield* Effect.flip(add(app, ["orm"]))
      assert.strictEqual(error._tag, "EditRefused")
      assert.include(error.message, "it is not chatHistory() any more")
    })
  )

  it.effect("is told when its template is not known any more, and gets the plugin alone", () =>
    Effect.gen(function* () {
      const { add, create, folder } = yield* prepare
      const app = yield* create("app")
      writeFileSync(
        join(app, ".mortise/lock.json"),
        (treeOf(app)[".mortise/lock.json"] ?? "").replace('"name": "tiny"', '"name": "gone"')
      )
      const { proposal } = yield* add(app, ["orm"])
      assert.isTrue(proposal?.parts.unknown)
      assert.notProperty(treeOf(app), "src/stored.ts")
      rmSync(folder, { recursive: true })
    })
  )
})
