// @module-tag process
import { spawnSync } from "node:child_process"
import { chmodSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type EvolveInput, proposeAdd } from "../src/evolve/add.ts"
import { proposeRemove } from "../src/evolve/remove.ts"
import { commit } from "../src/workspace/Commit.ts"
import { writeFiles } from "./fixture.ts"
import { appFiles, appFolder, appServices, evolveInput, treeOf } from "./pluginFixture.ts"

const run = (given: Partial<EvolveInput> & Pick<EvolveInput, "cwd">) => {
  const input = evolveInput(given)
  return proposeAdd(input).pipe(
    Effect.tap(({ proposal }) => (proposal === undefined ? Effect.void : commit(proposal.plan))),
    Effect.scoped,
    Effect.provide(appServices)
  )
}
const add = (cwd: string, names: ReadonlyArray<string>, given: Partial<EvolveInput> = {}) =>
  run({ cwd, names, ...given })
const remove = (cwd: string, names: ReadonlyArray<string>, given: Partial<EvolveInput> = {}) =>
  proposeRemove(evolveInput({ cwd, names, ...given })).pipe(
    Effect.tap(({ plan }) => commit(plan)),
    Effect.scoped,
    Effect.provide(appServices)
  )
const checked = { check: true }

describe("add", () => {
  it.effect("writes the call, the import, the configuration, its variables and the record of it", () =>
    Effect.gen(function* () {
      const cwd = appFolder()
      const { proposal } = yield* add(cwd, ["mail"], checked)
      assert.deepStrictEqual(proposal?.verdict, { status: "passed" })
      const files = treeOf(cwd)
      assert.strictEqual(
        files["src/app.ts"],
        `import { mail } from "@acme/mail"
import * as Plugin from "@mortise/core/app/Plugin"
import { http } from "@mortise/core/http/HttpPlugin"

/** The shop. */
export const app = Plugin.compose(
  http(), // the page, and more
  mail()
)
`
      )
      assert.include(
        files["src/config.ts"],
        `  http: { port: 0 },
  mail: {
    host: process.env.MAIL_HOST || "localhost",
    port: Number(process.env.MAIL_PORT || 25),
    password: process.env.MAIL_PASSWORD ?? ""
  }
}`
      )
      assert.strictEqual(
        files[".env.example"],
        "# The server.\nMAIL_HOST=localhost\n# Its port.\nMAIL_PORT=25\n# The password.\nMAIL_PASSWORD=\n"
      )
      assert.strictEqual(files["package.json"], appFiles["package.json"])
      const lock = JSON.parse(files[".mortise/lock.json"] ?? "{}")
      assert.deepInclude(lock.plugins[0], { name: "mail", package: "@acme/mail", version: "1.2.3", dependency: false })
    })
  )

  it.effect("finds several at once, by other names and by package, and is taken back without a trace", () =>
    Effect.gen(function* () {
      const cwd = appFolder()
      yield* add(cwd, ["db", "@acme/accounts", "@acme/mail#mail"], checked)
      assert.include(treeOf(cwd)["src/app.ts"], "  database(),\n  accounts(),\n  mail()\n)")
      yield* remove(cwd, ["mail"])
      yield* remove(cwd, ["accounts", "database"], checked)
      assert.deepStrictEqual(treeOf(cwd), { ...appFiles })
    })
  )

  it.effect("says so when it is there already, and changes nothing", () =>
    Effect.gen(function* () {
      const cwd = appFolder()
      yield* add(cwd, ["mail"])
      const before = treeOf(cwd)
      const { already, proposal } = yield* add(cwd, ["mail", "@acme/mail#mail"])
      assert.isUndefined(proposal)
      assert.deepStrictEqual(
        already.map(({ name }) => name),
        ["mail"]
      )
      assert.deepStrictEqual(treeOf(cwd), before)
    })
  )

  it.effect("puts a dependency into package.json under the range that its kind has, and takes it out again", () =>
    Effect.gen(function* () {
      const packageJson = `{"name": "shop", "type": "module", "dependencies": {"@mortise/core": "~0.1.2"}}`
      const cwd = appFolder({ "package.json": packageJson })
      yield* add(cwd, ["@acme/database"])
      assert.strictEqual(
        treeOf(cwd)["package.json"],
        `{"name": "shop", "type": "module", "dependencies": {"@acme/database": "^1.2.3", "@mortise/core": "~0.1.2"}}`
      )
      yield* remove(cwd, ["database"])
      assert.strictEqual(treeOf(cwd)["package.json"], packageJson)
    })
  )

  it.effect("keeps a section, a variable and an import that were there before, also when it is removed", () =>
    Effect.gen(function* () {
      const own = {
        "src/app.ts": `import { mail as post } from "@acme/mail"\nimport * as Plugin from "@mortise/core/app/Plugin"\nexport const app = Plugin.compose()\n`,
        "src/config.ts": `export const config = { mail: { host: "mine", port: 1, password: "" } }\n`,
        ".env.example": "MAIL_HOST=mine\n"
      }
      const cwd = appFolder(own)
      yield* add(cwd, ["mail"])
      const files = treeOf(cwd)
      assert.include(files["src/app.ts"], "compose(post())")
      assert.strictEqual(files["src/config.ts"], own["src/config.ts"])
      assert.include(files[".env.example"], "MAIL_HOST=mine\n# Its port.\nMAIL_PORT=25\n")
      yield* remove(cwd, ["mail"])
      assert.deepStrictEqual(treeOf(cwd), { ...appFiles, ...own })
    })
  )

  it.effect("keeps what a user writes elsewhere in the same files", () =>
    Effect.gen(function* () {
      const cwd = appFolder()
      yield* add(cwd, ["mail"])
      const edit = (path: string, from: string, to: string) => {
        const text = readFileSync(join(cwd, path), "utf8")
        assert.include(text, from)
        writeFileSync(join(cwd, path), text.replace(from, to))
      }
      edit("src/app.ts", "// the page, and more", "// mine")
      edit("src/config.ts", "  mail: {\n", "  extra: { a: 1 }, // mine\n  mail: {\n")
      edit("src/config.ts", `"localhost"`, `"elsewhere"`)
      edit(".env.example", "# The server.", "MINE=1\n# The server.")
      yield* remove(cwd, ["mail"])
      const files = treeOf(cwd)
      assert.strictEqual(files["src/app.ts"], appFiles["src/app.ts"]?.replace("// the page, and more", "// mine"))
      assert.strictEqual(
        files["src/config.ts"],
        "export const config = {\n  // the page\n  http: { port: 0 },\n  extra: { a: 1 } // mine\n}\n"
      )
      assert.strictEqual(files[".env.example"], "MINE=1\n")
    })
  )
})

describe("a service that is missing", () => {
  it.effect("is named with the plugins that provide it, and the command that would do", () =>
    Effect.gen(function* () {
      const cwd = appFolder()
      for (const given of [{}, checked]) {
        const error = yield* Effect.flip(add(cwd, ["accounts"], given))
        assert.strictEqual(error._tag, "ServiceMissing")
        assert.include(error.message, "accounts needs Database")
        assert.include(error.message, "mortise add accounts --with database")
      }
      assert.deepStrictEqual(treeOf(cwd), { ...appFiles })
    })
  )

  it.effect("comes with --with, or with --yes", () =>
    Effect.gen(function* () {
      const [one, two] = [appFolder(), appFolder()]
      yield* add(one, ["accounts"], { with: ["database"], ...checked })
      const { also } = yield* add(two, ["accounts"], { yes: true, ...checked })
      assert.deepStrictEqual(
        also.map(({ name }) => name),
        ["database"]
      )
      assert.include(treeOf(two)["src/app.ts"], "database(),\n  accounts()")
    })
  )

  it.effect("may come from a plugin of the app's own, which the compiler knows", () =>
    Effect.gen(function* () {
      const cwd = appFolder({
        "src/own.ts": `import { Database } from "@acme/database"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Layer from "effect/Layer"
export const own = Plugin.define({ name: "own", provides: [Database], layer: () => Layer.succeed(Database, { file: "" }) })
`,
        "src/app.ts": `import * as Plugin from "@mortise/core/app/Plugin"\nimport { own } from "./own.ts"\nexport const app = Plugin.compose(own())\n`,
        "src/main.ts": undefined
      })
      const { also } = yield* add(cwd, ["accounts"], checked)
      assert.deepStrictEqual(also, [])
      assert.include(treeOf(cwd)["src/app.ts"], "compose(own(), accounts())")
    })
  )

  it.effect("holds a plugin that others need in the app, and names both", () =>
    Effect.gen(function* () {
      const cwd = appFolder()
      yield* add(cwd, ["accounts", "database"])
      const before = treeOf(cwd)
      const error = yield* Effect.flip(remove(cwd, ["database"]))
      assert.strictEqual(error._tag, "PluginNeeded")
      for (const word of ["database", "accounts", "mortise remove accounts database"])
        assert.include(error.message, word)
      assert.deepStrictEqual(treeOf(cwd), before)
    })
  )
})

describe("what cannot be added is refused, and nothing is changed", () => {
  const composed = (body: string) => `import * as Plugin from "@mortise/core/app/Plugin"\n${body}`
  it.effect.each<[string, Readonly<Record<string, string | undefined>>, ReadonlyArray<string>, string, RegExp]>([
    [
      "no composition root",
      { "src/app.ts": undefined },
      ["mail"],
      "EditRefused",
      /src\/app\.ts: there is no such file.*import \{ mail \} from "@acme\/mail".*npm install @acme\/mail/s
    ],
    [
      "two calls",
      { "src/app.ts": composed("Plugin.compose()\nPlugin.compose()\n") },
      ["mail"],
      "EditRefused",
      /2 calls of Plugin\.compose, in lines 2 and 3/
    ],
    ["a spread", { "src/app.ts": composed("Plugin.compose(...all)\n") }, ["mail"], "EditRefused", /\.\.\.all/],
    [
      "a syntax error",
      { "src/app.ts": composed("Plugin.compose(\n") },
      ["mail"],
      "EditRefused",
      /syntax error in line/
    ],
    [
      "no configuration",
      { "src/config.ts": undefined },
      ["mail"],
      "EditRefused",
      /src\/config\.ts: there is no such file.*mail: \{/s
    ],
    [
      "a configuration that is no object",
      { "src/config.ts": "export const config = load()\n" },
      ["mail"],
      "EditRefused",
      /no constant config that is an object/
    ],
    ["an unknown name", {}, ["mial"], "PluginUnknown", /Did you mean mail\?.*npm:mial/],
    ["a package with several", {}, ["@acme/mail"], "PluginAmbiguous", /@acme\/mail#mail, @acme\/mail#spam/],
    ["a plugin that a package does not have", {}, ["@acme/mail#none"], "PluginUnknown", /@acme\/mail#spam/],
    ["a package without a manifest", {}, ["npm:effect"], "PluginManifestInvalid", /exports no \.\/manifest/],
    [
      "a broken package.json",
      { "package.json": "{ name" },
      ["mail"],
      "PackageJsonInvalid",
      /package\.json cannot be read/
    ],
    ["a package.json that is no object", { "package.json": "[]" }, ["mail"], "PackageJsonInvalid", /no object/],
    ["a damaged record", { ".mortise/lock.json": "{}" }, ["mail"], "LockInvalid", /lock\.json cannot be read/],
    [
      "what does not compile",
      {},
      ["@acme/mail#spam"],
      "CheckFailed",
      /would not compile.*src\/app\.ts\(\d+.*--no-check.*spam\(\)/s
    ]
  ])("%s", ([, changes, names, tag, message]) =>
    Effect.gen(function* () {
      const cwd = appFolder(changes)
      const before = treeOf(cwd)
      const error = yield* Effect.flip(add(cwd, names, checked))
      assert.strictEqual(error._tag, tag)
      assert.match(error.message, message)
      assert.deepStrictEqual(treeOf(cwd), before)
    })
  )

  it.effect("a folder without an app", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(add("/", ["mail"]))
      assert.strictEqual(error._tag, "AppNotFound")
    })
  )

  it.effect("problems that the app has anyway do not count", () =>
    Effect.gen(function* () {
      const cwd = appFolder({ "src/broken.ts": "export const x: string = 1\n" })
      const { proposal } = yield* add(cwd, ["mail"], checked)
      assert.deepStrictEqual(proposal?.verdict, { status: "passed" })
    })
  )

  it.effect("an absent plugin cannot be removed", () =>
    Effect.gen(function* () {
      const cwd = appFolder()
      const error = yield* Effect.flip(remove(cwd, ["htpp"]))
      assert.strictEqual(error._tag, "PluginAbsent")
      assert.include(error.message, "Did you mean http?")
    })
  )
})

describe("a git repository", () => {
  it.effect("with changes that are not committed is worked on, and the files are named", () =>
    Effect.gen(function* () {
      const cwd = appFolder()
      const git = (...args: ReadonlyArray<string>) =>
        spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], { cwd })
      git("init", "--quiet")
      writeFiles(cwd, { ".gitignore": "node_modules/\n" })
      git("add", "--all")
      git("commit", "--quiet", "--message", "x")
      writeFiles(cwd, { "src/main.ts": "", "src/config.ts": `${appFiles["src/config.ts"]}// mine\n` })
      const { proposal } = yield* add(cwd, ["mail"])
      assert.deepStrictEqual(proposal?.dirty, ["src/config.ts"])
      assert.include(treeOf(cwd)["src/config.ts"], "// mine")
    })
  )
})

describe.skipIf(process.getuid?.() === undefined)("a folder that cannot be written", () => {
  it("is left as it is, with the reason", () => {
    const cwd = appFolder()
    const before = treeOf(cwd)
    chmodSync(join(cwd, ".."), 0o755)
    for (const folder of [".", "src"]) chmodSync(join(cwd, folder), 0o555)
    // root may write everywhere, so the run is somebody else's
    const uid = process.getuid?.() === 0 ? { uid: 65534 } : {}
    const bin = join(import.meta.dirname, "../src/bin/mortise.ts")
    const result = spawnSync(process.execPath, [bin, "add", "mail", "--no-check", "--no-install"], {
      cwd,
      encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: cwd },
      ...uid
    })
    assert.strictEqual(result.status, 1, result.stderr)
    assert.match(result.stderr, /Cannot write .*permission denied\. Everything is as it was before\./)
    assert.deepStrictEqual(treeOf(cwd), before)
    for (const folder of [".", "src"]) chmodSync(join(cwd, folder), 0o755)
  })
})
