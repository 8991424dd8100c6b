import { symlinkSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { decodePluginManifest, maxManifestBytes } from "../src/plugin/PluginManifest.ts"
import { readPackage } from "../src/plugin/readManifest.ts"
import { temporaryFolder, writeFiles } from "./fixture.ts"

const good = {
  name: "mail",
  summary: "Sends letters",
  from: "@acme/mail/plugin",
  factory: "mail",
  provides: ["@acme/Mail"],
  requires: [],
  config: [{ path: "mail.host", env: "MAIL_HOST", type: "string", default: "x", doc: "The server." }]
}
const entry = good.config[0]
const withConfig = (fields: object) => ({ ...good, config: [{ ...entry, ...fields }] })
const decode = (...plugins: ReadonlyArray<unknown>) => decodePluginManifest("@acme/mail", { plugins })

describe("a manifest", () => {
  it("is taken as it is, with fields of later versions left alone", () => {
    assert.deepInclude(decode({ ...good, later: 1 }).plugins[0], { name: "mail", factory: "mail" })
  })

  it.each<[string, object]>([
    ["no plugin", {}],
    ["a module of another package", { ...good, from: "@evil/mail/plugin" }],
    ["a module of a package with a longer name", { ...good, from: "@acme/mailer" }],
    ["a module above the package", { ...good, from: "@acme/mail/../../evil" }],
    ["a module by path", { ...good, from: "./evil.ts" }],
    ["a module by address", { ...good, from: "data:text/javascript,evil()" }],
    ["a quote in the module", { ...good, from: `@acme/mail/x"; evil(); "` }],
    ["code for a factory", { ...good, factory: "mail(); evil" }],
    ["a call in the factory", { ...good, factory: "mail()" }],
    ["a keyword for a factory", { ...good, factory: "delete" }],
    ["letters that look like others in the factory", { ...good, factory: "m\u0430il" }],
    ["a line break in the summary", { ...good, summary: "a\nb" }],
    ["a terminal's escape in the summary", { ...good, summary: "\u001b[2J" }],
    ["a C1 control character in the summary", { ...good, summary: "\u009b2J" }],
    ["a path for a name", { ...good, name: "../mail" }],
    ["a flag for a name", { ...good, name: "--yes" }],
    ["a name twice", { ...good, aliases: ["mail"] }],
    ["a key that is no text", { ...good, provides: [1] }],
    ["an endless list", { ...good, provides: Array.from({ length: 101 }, (_, index) => `k${index}`) }],
    ["the section of another plugin", withConfig({ path: "http.port" })],
    ["code in a path", withConfig({ path: "mail.x: evil()" })],
    ["the prototype in a path", withConfig({ path: "mail.__proto__" })],
    ["code in a variable", withConfig({ env: "X || evil()" })],
    ["a variable of Node", withConfig({ env: "NODE_OPTIONS" })],
    ["a variable of the loader", withConfig({ env: "LD_PRELOAD" })],
    ["the path of programs", withConfig({ env: "PATH" })],
    ["a line break in a default", withConfig({ default: "x\nLD_PRELOAD=evil" })],
    ["a line separator in a default", withConfig({ default: "x\u2028evil()" })],
    ["a line break in a comment", withConfig({ doc: "x\nLD_PRELOAD=evil" })],
    ["a default of another type", withConfig({ type: "number" })],
    ["a whole number that is none", withConfig({ type: "integer", default: 1.5 })],
    ["a number that is none", withConfig({ type: "number", default: Number.NaN })]
  ])("with %s is refused", (_, plugin) => {
    assert.throws(() => decode(plugin))
  })

  it("with two plugins of one name is refused", () => {
    assert.throws(() => decode(good, good), /two of its plugins are called mail/)
  })
})

describe("the manifest of a package", () => {
  const folder = (packageJson: object, files: Readonly<Record<string, string>> = {}) => {
    const root = temporaryFolder("package")
    const own = { name: "@acme/mail", version: "1.0.0", exports: { "./manifest": "./manifest.json" }, ...packageJson }
    writeFiles(root, {
      "package.json": JSON.stringify(own),
      "manifest.json": JSON.stringify({ plugins: [good] }),
      ...files
    })
    return root
  }
  const refused = async (root: string): Promise<string> => {
    try {
      await readPackage(root)
    } catch (cause) {
      return String(cause)
    }
    throw new Error("it was read")
  }

  it("is read without running anything", async () => {
    const plugins = await readPackage(folder({ main: "./evil.js" }, { "evil.js": "throw 1" }))
    assert.deepInclude(plugins?.[0], { name: "mail", package: "@acme/mail", version: "1.0.0" })
    assert.isUndefined(await readPackage(folder({ exports: { ".": "./index.js" } })))
    assert.isUndefined(await readPackage(folder({ exports: "./index.js" })))
  })

  it.each<[string, unknown, RegExp]>([
    ["above the package", "../manifest.json", /no JSON file of the package/],
    ["above it on a way", "./x/../../manifest.json", /no JSON file of the package/],
    ["by an absolute path", "/etc/passwd", /no JSON file of the package/],
    ["that is code", "./manifest.js", /no JSON file of the package/],
    ["that is no text", 1, /no JSON file of the package/],
    ["that is not there", "./none.json", /ENOENT/]
  ])("%s is refused", async (_, path, message) => {
    assert.match(await refused(folder({ exports: { "./manifest": { default: path } } })), message)
  })

  it("is not read when it is large, broken, a folder, or a link that leads out", async () => {
    const large = JSON.stringify({ plugins: [good], more: "x".repeat(10 * 1024 * 1024) })
    assert.match(await refused(folder({}, { "manifest.json": large })), new RegExp(`at most ${maxManifestBytes}`))
    assert.match(await refused(folder({}, { "manifest.json": "{" })), /not valid JSON/)
    assert.match(await refused(folder({}, { "manifest.json": `{"plugins":${"[".repeat(50_000)}` })), /not valid JSON/)
    const linked = folder({ exports: { "./manifest": "./out.json" } })
    const outside = temporaryFolder("outside")
    writeFiles(outside, { "out.json": JSON.stringify({ plugins: [good] }) })
    symlinkSync(join(outside, "out.json"), join(linked, "out.json"))
    assert.match(await refused(linked), /outside the package/)
  })
})
