import { assert, describe, it } from "@effect/vitest"
import { addUse, removeUse } from "../src/edit/appFile.ts"
import { addSections, removeSections } from "../src/edit/configFile.ts"
import { addEnv, removeEnv } from "../src/edit/envFile.ts"
import { addEntry, removeEntry } from "../src/edit/packageJsonFile.ts"
import { open } from "../src/template/CodeProject.ts"

const plugin = 'import * as Plugin from "@mortise/core/app/Plugin"\n'
const mail = { from: "@acme/mail", name: "mail" }
const zip = { from: "@acme/zip", name: "zip" }

/** Composition roots as people write them, and what stands in them when `mail` is added. */
const apps: Readonly<Record<string, readonly [source: string, expected: RegExp]>> = {
  "one line": [`${plugin}export const app = Plugin.compose(a(), b())\n`, /compose\(a\(\), b\(\), mail\(\)\)\n$/],
  "nothing yet": [`${plugin}export const app = Plugin.compose()\n`, /compose\(mail\(\)\)/],
  "a comment only": [
    `${plugin}export const app = Plugin.compose(\n  // nothing yet\n)\n`,
    /compose\(\n {2}\/\/ nothing yet\n {2}mail\(\)\n\)/
  ],
  "many lines": [`${plugin}export const app = Plugin.compose(\n  a(),\n  b()\n)\n`, /\n {2}b\(\),\n {2}mail\(\)\n\)/],
  "a trailing comma": [
    `${plugin}export const app = Plugin.compose(\n  a(),\n  b(),\n)\n`,
    /\n {2}b\(\),\n {2}mail\(\),\n\)/
  ],
  "a trailing comma on one line": [
    `${plugin}export const app = Plugin.compose(a(), b(),)\n`,
    /\(a\(\), b\(\), mail\(\),\)/
  ],
  "a comment after the last": [
    `${plugin}export const app = Plugin.compose(\n  a(),\n  b() // swap in tests, or not\n)\n`,
    /b\(\), \/\/ swap in tests, or not\n {2}mail\(\)\n\)/
  ],
  "a comma in a comment": [
    `${plugin}export const app = Plugin.compose(\n  a(),\n  b() /* x, y */, // z, w\n)\n`,
    /b\(\) \/\* x, y \*\/, \/\/ z, w\n {2}mail\(\),\n\)/
  ],
  "a comment on a line of its own": [
    `${plugin}export const app = Plugin.compose(\n  a(),\n  b()\n  // c(),\n)\n`,
    /b\(\),\n {2}mail\(\)\n {2}\/\/ c\(\),\n\)/
  ],
  "an argument of many lines": [
    `${plugin}export const app = Plugin.compose(a(), b({\n  x: 1,\n  y: 2\n}))\n`,
    /y: 2\n\}\), mail\(\)\)/
  ],
  "line ends and tabs of another system": [
    `${plugin}export const app = Plugin.compose(\n\ta(),\n\tb(),\n)\n`.replaceAll("\n", "\r\n"),
    /\r\n\tb\(\),\r\n\tmail\(\),\r\n\)\r\n$/
  ],
  "a byte order mark": [
    `\uFEFF${plugin}export const app = Plugin.compose(a())\n`,
    /^\uFEFFimport .*a\(\), mail\(\)\)/s
  ],
  "single quotes and semicolons": [
    `import * as Plugin from '@mortise/core/app/Plugin';\nimport { z } from './z';\nexport const app = Plugin.compose(z());\n`,
    /^import \{ mail \} from '@acme\/mail';\n/
  ],
  "no line end at the end": [`${plugin.trimEnd()}; export const app = Plugin.compose(a())`, /a\(\), mail\(\)\)$/],
  "another name for the namespace": [
    `import * as P from "@mortise/core/app/Plugin"\nexport const app = P.compose(a())\n`,
    /P\.compose\(a\(\), mail\(\)\)/
  ],
  "a named import": [
    `import { compose } from "@mortise/core/app/Plugin"\nexport const app = compose(a())\n`,
    /compose\(a\(\), mail\(\)\)/
  ],
  "an alias": [
    `import { compose as fit } from "@mortise/core/app/Plugin"\nexport const app = fit(a())\n`,
    /fit\(a\(\), mail\(\)\)/
  ],
  "the barrel": [
    `import { Plugin } from "@mortise/core"\nexport const app = Plugin.compose(a())\n`,
    /a\(\), mail\(\)\)/
  ],
  "a type argument and a wrapping": [
    `${plugin}export const app = (Plugin.compose<A, [B]>(a()) satisfies X) as Y\n`,
    /compose<A, \[B\]>\(a\(\), mail\(\)\) satisfies X\) as Y/
  ],
  "a namespace import of the plugin": [
    `import * as Mail from "@acme/mail"\n${plugin}export const app = Plugin.compose(a())\n`,
    /^import \* as Mail from "@acme\/mail"\nimport \* as Plugin.*\(a\(\), Mail\.mail\(\)\)/s
  ],
  "the import is there under another name": [
    `import { mail as post } from "@acme/mail"\n${plugin}export const app = Plugin.compose(a())\nexport { post }\n`,
    /\(a\(\), post\(\)\)/
  ],
  "an import to join": [
    `import { cc, zz } from "@acme/mail" // both\n${plugin}export const app = Plugin.compose(a(), cc(), zz())\n`,
    /import \{ cc, mail, zz \} from "@acme\/mail" \/\/ both\n/
  ],
  "an import of many lines to join": [
    `import {\n  aa,\n  bb, // b\n} from "@acme/mail"\n${plugin}export const app = Plugin.compose(aa(), bb())\n`,
    /\{\n {2}aa,\n {2}bb, \/\/ b\n {2}mail,\n\} from/
  ],
  "types of the same module": [
    `import type { Mail } from "@acme/mail"\n${plugin}export const app: Mail = Plugin.compose(a())\n`,
    /import type \{ Mail \} from "@acme\/mail"\nimport \{ mail \} from "@acme\/mail"\n/
  ],
  "a default import of the same module": [
    `import post from "@acme/mail"\n${plugin}export const app = Plugin.compose(post())\n`,
    /import post from "@acme\/mail"\nimport \{ mail \} from "@acme\/mail"\n/
  ],
  "the name is taken": [
    `${plugin}const mail = 1\nexport const app = Plugin.compose(a(mail))\n`,
    /import \{ mail as mailPlugin \} from "@acme\/mail"\n.*a\(mail\), mailPlugin\(\)\)/s
  ],
  "both names are taken": [
    `${plugin}const mail = 1, mailPlugin = 2\nexport const app = Plugin.compose(a(mail, mailPlugin))\n`,
    /mail as mailPlugin2/
  ],
  "a header": [
    `#!/usr/bin/env node\n/** The file. */\n${plugin}export const app = Plugin.compose(a())\n`,
    /^#!\/usr\/bin\/env node\n\/\*\* The file\. \*\/\nimport \{ mail \} from "@acme\/mail"\nimport \* as Plugin/
  ],
  "imports in no order, with comments": [
    `import { z } from "./z.ts"\n${plugin}import { b } from "b" // last\n/* after */\nexport const app = Plugin.compose(z(), b())\n`,
    /from "b" \/\/ last\nimport \{ mail \} from "@acme\/mail"\n\/\* after \*\//
  ],
  "a comment of many lines after an import": [
    `${plugin.trimEnd()} /* one\n two */\nimport { z } from "./z.ts"\nexport const app = Plugin.compose(z())\n`,
    /mail/
  ],
  "something like it in text": [
    `${plugin}// Plugin.compose(x())\nconst text = "Plugin.compose(y())"\nexport const app = Plugin.compose(a(text))\n`,
    /a\(text\), mail\(\)\)/
  ]
}

const syntaxErrors = async (text: string): Promise<number> => {
  const project = await open([{ path: "x.ts", text: text.replace("\uFEFF", "") }])
  return project.getProgram().getSyntacticDiagnostics(project.getSourceFileOrThrow("/x.ts")).length
}
const keep = { join: false, keepImport: false }
const call = "()"

describe("the composition root", () => {
  it.each(Object.entries(apps))(
    "with %s takes a plugin, and is the same again without it",
    async (_, [source, expected]) => {
      const { text } = await addUse("app.ts", source, { exported: mail, call })
      assert.match(text, expected)
      assert.strictEqual(await syntaxErrors(text), 0)
      const keepImport = source.includes('"@acme/mail"') && !/import (?:\{ cc|\{\n|type|post)/.test(source)
      assert.strictEqual((await removeUse("app.ts", text, mail, { ...keep, keepImport })).text, source)
    }
  )

  it.each(Object.entries(apps))("with %s takes two, which leave in either order", async (_, [source]) => {
    const one = (await addUse("app.ts", source, { exported: zip, call })).text
    const both = (await addUse("app.ts", one, { exported: mail, call })).text
    assert.strictEqual(await syntaxErrors(both), 0)
    const keepImport = source.includes('"@acme/mail"') && !/import (?:\{ cc|\{\n|type|post)/.test(source)
    const without = async (text: string, exported: typeof mail) =>
      (await removeUse("app.ts", text, exported, { ...keep, keepImport: exported === mail && keepImport })).text
    assert.strictEqual(await without(await without(both, mail), zip), source)
    assert.strictEqual(await without(await without(both, zip), mail), source)
  })

  it("is put on many lines when one becomes too long, and back", async () => {
    const long = "a".repeat(70)
    const source = `${plugin}export const app = Plugin.compose(${long}(), b())\n`
    const first = await addUse("app.ts", source, { exported: mail, call })
    const second = await addUse("app.ts", first.text, { exported: zip, call: `({ file: "x" })` })
    assert.deepStrictEqual([first.broken, second.broken], [false, true])
    assert.include(second.text, `compose(\n  ${long}(),\n  b(),\n  mail(),\n  zip({ file: "x" })\n)\n`)
    const back = await removeUse("app.ts", second.text, zip, { join: true, keepImport: false })
    assert.strictEqual(back.text, first.text)
    assert.isFalse(back.broken)
  })

  it.each([
    ["of another name", { from: "./mailbox.ts", name: "mailbox" }, /compose\(a\(\), mailbox\(\{ x: 1 \}\), b\(\)\)/],
    [
      "of the same name",
      { from: "./box/post.ts", name: "post" },
      /import \{ post \} from "\.\/box\/post\.ts"\n.*compose\(a\(\), post\(\{ x: 1 \}\), b/s
    ],
    ["of the same module", { from: "./post.ts", name: "mailbox" }, /import \{ mailbox \} from "\.\/post\.ts"\n/]
  ])("puts a plugin in the place of another %s, and back", async (_, exported, expected) => {
    const old = { exported: { from: "./post.ts", name: "post" }, call }
    const other = { exported, call: "({ x: 1 })" }
    const imports = [
      'import { z } from "./z.ts"\n',
      plugin,
      'import { post } from "./post.ts"\n',
      'import { b } from "./b.ts"\n'
    ]
    for (const order of [imports, [...imports].reverse(), [...imports].sort()]) {
      const source = `${order.join("")}\nexport const app = Plugin.compose(a(), post(), b())\nz()\n`
      const { text } = await addUse("app.ts", source, other, old)
      assert.match(text, expected)
      assert.notInclude(text, "post()")
      assert.notInclude(text, "postPlugin")
      assert.strictEqual((await addUse("app.ts", text, old, other)).text, source)
    }
  })

  it("keeps an import that something else uses", async () => {
    const source = `import { mail } from "@acme/mail"\n${plugin}export const other = mail\nexport const app = Plugin.compose(mail(), a())\n`
    const { text } = await removeUse("app.ts", source, mail, keep)
    assert.strictEqual(text, source.replace("mail(), a", "a"))
  })

  it.each<[string, string, RegExp]>([
    ["a syntax error", `${plugin}export const app = Plugin.compose(a(\n`, /syntax error in line/],
    ["no call", `${plugin}export const app = 1\n`, /no Plugin\.compose/],
    [
      "two calls",
      `${plugin}export const app = Plugin.compose(a())\nexport const b = Plugin.compose()\n`,
      /lines 2 and 3/
    ],
    ["a spread", `${plugin}export const app = Plugin.compose(a(), ...plugins)\n`, /\.\.\.plugins/],
    ["bytes that are no text", `${plugin}export const app = Plugin.compose("\uFFFD")\n`, /UTF-8/]
  ])("with %s is refused", async (_, source, message) => {
    for (const edit of [
      () => addUse("app.ts", source, { exported: mail, call }),
      () => removeUse("app.ts", source, mail, keep)
    ]) {
      let failure: unknown
      await edit().catch((cause: unknown) => {
        failure = cause
      })
      assert.match(String(failure), message)
    }
  })
})

describe("the configuration", () => {
  const entries = [
    { path: "sqlite.file", env: "SQLITE_FILE", type: "string" as const, default: "data/app.db", doc: "Where it is." },
    { path: "sqlite.pool.size", env: "SQLITE_POOL", type: "number" as const, default: 4, doc: "How many." },
    { path: "jwt.secret", env: "JWT_SECRET", type: "string" as const, default: "x", secret: true, doc: "The key." },
    { path: "jwt.strict", env: "JWT_STRICT", type: "boolean" as const, default: true, doc: "Strict." }
  ]
  it.each([
    "export const config = {}\n",
    "export const config = { http: { port: 1 } }\n",
    "export const config = {\n  http: { port: 1 } // the page\n}\n",
    "export const config = {\n    http: { port: 1 },\n    // more\n} as const satisfies X\n",
    "export const config = {\r\n\thttp: { port: 1 },\r\n}\r\n"
  ])("%j takes sections and is the same again without them", async (source) => {
    const { added, text } = await addSections("config.ts", source, entries)
    assert.deepStrictEqual(added, ["sqlite", "jwt"])
    assert.strictEqual(await syntaxErrors(text), 0)
    assert.include(
      text,
      `sqlite: { file: process.env.SQLITE_FILE || "data/app.db", pool: { size: Number(process.env.SQLITE_POOL || 4) } }`
    )
    assert.include(text, `jwt: { secret: process.env.JWT_SECRET ?? "", strict: process.env.JWT_STRICT !== "false" }`)
    assert.strictEqual(await removeSections("config.ts", text, ["sqlite", "jwt"]), source)
    assert.strictEqual(await removeSections("config.ts", text, ["jwt", "sqlite"]), source)
  })

  it.each([
    "export const config = Environment.config({})\n",
    "export const config = Environment.config({\n  http: { port: 1 } // the page\n})\n",
    "export const config = Environment.config({ http: { port: 1 } } as const)\n"
  ])("%j takes sections that are read by Environment", async (source) => {
    const { added, text } = await addSections("config.ts", source, entries)
    assert.deepStrictEqual(added, ["sqlite", "jwt"])
    assert.strictEqual(await syntaxErrors(text), 0)
    const squeezed = text.replace(/\s+/g, " ")
    assert.include(squeezed, `file: Environment.string("SQLITE_FILE", "data/app.db")`)
    assert.include(squeezed, `pool: { size: Environment.number("SQLITE_POOL", 4) }`)
    assert.include(
      squeezed,
      `jwt: { secret: Environment.string("JWT_SECRET"), strict: Environment.boolean("JWT_STRICT", true) }`
    )
    assert.strictEqual(await removeSections("config.ts", text, ["sqlite", "jwt"]), source)
  })

  it("keeps a section that is there", async () => {
    const source = `export const config = { "sqlite": mine }\n`
    assert.deepStrictEqual(await addSections("config.ts", source, entries.slice(0, 2)), { text: source, added: [] })
  })

  it("has its variables in .env.example, but no secret", () => {
    for (const source of ["", "A=1\n", "A=1", "A=1\r\n\r\n"]) {
      const text = addEnv(source, entries)
      assert.include(
        text.replaceAll("\r", ""),
        "# Where it is.\nSQLITE_FILE=data/app.db\n# How many.\nSQLITE_POOL=4\n# The key.\nJWT_SECRET=\n"
      )
      const more = [{ path: "b.b", env: "B", type: "string" as const, default: `two "words"`, doc: "B." }]
      const both = addEnv(text, more)
      assert.include(both, `B="two \\"words\\""`)
      assert.strictEqual(removeEnv(removeEnv(both, entries), more), source)
      assert.strictEqual(removeEnv(removeEnv(both, more), entries), source)
      assert.strictEqual(addEnv(text, entries), text)
      // a value of the user's own stays
      assert.include(removeEnv(text.replace("SQLITE_POOL=4", "SQLITE_POOL=5"), entries), "SQLITE_POOL=5")
    }
  })
})

describe("package.json", () => {
  it.each([
    `{\n  "name": "x",\n  "dependencies": {\n    "a": "1",\n    "z": "1"\n  }\n}\n`,
    `{\n\t"dependencies": {\n\t\t"z": "1",\n\t\t"a": "1"\n\t},\n\t"x": 1\n}`,
    `{"dependencies":{}}`,
    `{\r\n  "name": "x"\r\n}\r\n`,
    `{"name":"x", "dependencies": {"a": "1"}}`
  ])("%j takes an entry and is the same again without it", async (source) => {
    const { made, text } = await addEntry(source, "dependencies", "m", "^1")
    assert.strictEqual(JSON.parse(text).dependencies.m, "^1")
    assert.strictEqual((await addEntry(text, "dependencies", "m", "^2")).text, text)
    assert.strictEqual(await removeEntry(text, "dependencies", "m", made), source)
  })
})
