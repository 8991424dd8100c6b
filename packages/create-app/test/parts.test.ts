import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { temporaryFolder, tinyTemplate } from "./fixture.ts"
import { filesFor, input, planFor, services } from "./pipelineRun.ts"

const part = (fields: object) => fields
/** A template whose history lies in memory, or in a database with `orm`, and is cleaned with `tasks` as well. */
const manifest = (parts: ReadonlyArray<object>): string =>
  `export default ${JSON.stringify({
    name: "tiny",
    summary: "",
    answers: [],
    app: {
      plugins: [
        { from: "./MemoryHistory.ts", name: "memoryHistory", args: [] },
        { from: "./page.ts", name: "page", args: [] }
      ]
    },
    next: [{ command: "npm run join", purpose: "join" }],
    parts
  })}`
const parts = [
  part({
    with: ["orm"],
    files: ["src/StoredHistory.ts", "src/migrations/"],
    drops: ["src/MemoryHistory.ts"],
    plugins: [
      { from: "./StoredHistory.ts", name: "mortiseAppHistory", args: [{ days: 3 }], replaces: "memoryHistory" }
    ],
    dependencies: ["@mortise/orm"]
  }),
  part({
    with: ["accounts"],
    files: ["src/login.ts", { from: "src/page.accounts.ts", to: "src/page.ts" }],
    scripts: ["login"],
    next: [{ command: "npm run login", purpose: "log in" }]
  }),
  part({
    with: ["orm", "tasks"],
    without: ["quiet"],
    files: ["src/cleanup.ts", "src/migrations/"],
    plugins: [{ from: "./cleanup.ts", name: "cleanup", args: [] }]
  }),
  part({ with: ["accounts", "tasks"], files: [{ from: "src/page.both.ts", to: "src/page.ts" }] })
]
const template = (given: ReadonlyArray<object> = parts) => {
  const cwd = temporaryFolder()
  return {
    cwd,
    directory: "chat-room",
    template: tinyTemplate(cwd, {
      "template.ts": manifest(given),
      "package.json": JSON.stringify({
        name: "x",
        scripts: { start: "node src/main.ts", login: "node src/login.ts" },
        dependencies: { "@mortise/core": "^0.1.0", "@mortise/orm": "^0.1.0" }
      }),
      "src/MortiseAppPlugin.ts": undefined,
      "src/MemoryHistory.ts": "export const memoryHistory = () => 'memory'\n",
      "src/StoredHistory.ts": `import "@mortise/orm/x"\nexport const mortiseAppHistory = (_: unknown) => 'stored'\n`,
      "src/migrations/0001.ts": "export const up = 1\n",
      "src/login.ts": `import { page } from "./page.accounts.ts"\nexport const login = page\n`,
      "src/page.ts": "export const page = () => 'plain'\n",
      "src/page.accounts.ts": "export const page = () => 'accounts'\n",
      "src/page.both.ts": `export const page = () => 'both'\n`,
      "src/cleanup.ts": "export const cleanup = () => 1\n",
      "src/main.ts": `import { app } from "./app.ts"\nimport { page } from "./page.ts"\nconsole.log(app, page)\n`
    })
  }
}
const filesWith = (names: ReadonlyArray<string>) => filesFor(input({ ...template(), with: names }))
const added = ["StoredHistory", "migrations/0001", "login", "page.accounts", "page.both", "cleanup"].map(
  (name) => `src/${name}.ts`
)
const pathsIn = (files: Readonly<Record<string, string>>) => added.filter((path) => path in files)

describe("the parts of a template", () => {
  it.effect("stay away without their plugins", () =>
    Effect.gen(function* () {
      const files = yield* filesWith([])
      assert.deepStrictEqual(pathsIn(files), [])
      assert.include(files["src/app.ts"], "Plugin.compose(memoryHistory(), page())")
      assert.deepStrictEqual(JSON.parse(files["package.json"] ?? "").scripts, { start: "node src/main.ts" })
      assert.deepStrictEqual(JSON.parse(files["package.json"] ?? "").dependencies, { "@mortise/core": "^0.1.0" })
    }).pipe(Effect.provide(services))
  )

  it.effect("bring and take whole files, and put a plugin in another's place", () =>
    Effect.gen(function* () {
      const files = yield* filesWith(["orm"])
      assert.deepStrictEqual(pathsIn(files), ["src/StoredHistory.ts", "src/migrations/0001.ts"])
      assert.notProperty(files, "src/MemoryHistory.ts")
      assert.include(files["src/app.ts"], "Plugin.compose(chatRoomHistory({ days: 3 }), page(), sqlite())")
      assert.notInclude(files["src/app.ts"], "memoryHistory")
      assert.property(JSON.parse(files["package.json"] ?? "").dependencies, "@mortise/orm")
    }).pipe(Effect.provide(services))
  )

  it.effect("put a variant in the place of a file, for those who import either", () =>
    Effect.gen(function* () {
      const given = input({ ...template(), with: ["accounts"] })
      const planned = yield* planFor(given)
      const files = yield* filesFor(given)
      assert.deepStrictEqual(pathsIn(files), ["src/login.ts"])
      assert.strictEqual(files["src/page.ts"], "export const page = () => 'accounts'\n")
      assert.include(files["src/login.ts"], `from "./page.ts"`)
      assert.deepStrictEqual(
        planned.next.map(({ command }) => command),
        ["npm run join", "npm run login"]
      )
      assert.property(JSON.parse(files["package.json"] ?? "").scripts, "login")
    }).pipe(Effect.provide(services))
  )

  it.effect("can need several plugins, or the absence of one", () =>
    Effect.gen(function* () {
      assert.include(pathsIn(yield* filesWith(["tasks", "orm"])), "src/cleanup.ts")
      assert.notInclude(pathsIn(yield* filesWith(["tasks", "orm", "quiet"])), "src/cleanup.ts")
      const all = yield* filesWith(["orm", "accounts", "tasks"])
      assert.include(
        all["src/app.ts"],
        "Plugin.compose(chatRoomHistory({ days: 3 }), page(), cleanup(), sqlite(), accounts(), tasks())"
      )
      // of two variants the later part's
      assert.strictEqual(all["src/page.ts"], "export const page = () => 'both'\n")
    }).pipe(Effect.provide(services))
  )

  it.effect.each<[string, object, RegExp]>([
    ["a file that is not there", { files: ["src/none.ts"] }, /names src\/none\.ts, which is no file/],
    ["a variant in another folder", { files: [{ from: "x/page.ts", to: "src/page.ts" }] }, /not in one folder/],
    ["an entry that is not there", { plugins: [{ from: "./x.ts", name: "x", replaces: "y" }] }, /replaces y/],
    ["no plugin at all", { with: [] }, /with/],
    [
      "a variable of the system",
      { config: [{ path: "x.y", env: "NODE_OPTIONS", type: "string", doc: "" }] },
      /variable of the system/
    ]
  ])("are refused with %s", ([, fields, message]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(filesFor(input(template([{ with: ["orm"], ...fields }]))))
      assert.strictEqual(error._tag, "TemplateInvalid")
      assert.match(error.message, message)
    }).pipe(Effect.provide(services))
  )
})
