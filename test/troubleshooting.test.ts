/** What the entries of docs/troubleshooting.md name exists: a key, command or function that is renamed is renamed there too. */
import { readFileSync } from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { catalogue, entriesPage } from "../scripts/errors.ts"
import { root } from "../scripts/workspace.ts"
import { pages } from "./docs/Page.ts"
import * as Vocabulary from "./Vocabulary.ts"

const codes = new Set((await catalogue()).map(({ code }) => code))
const scripts = (JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { scripts: object }).scripts

/** Words of users, of the shell, of other programs and of this page's own examples. */
const foreign = new Set([
  "mail.queue",
  "package#plugin",
  "npm:name",
  "./my-template",
  "0 3 * * *",
  "Europe/Berlin",
  "BEGIN PUBLIC KEY",
  "ls -l",
  "ls -ld",
  "ECONNREFUSED",
  "ENOENT",
  "Basic",
  "package.json",
  "config/",
  "./",
  "/"
])

type Rule = readonly [form: RegExp, holds: (...parts: ReadonlyArray<string>) => boolean]

/** What a term may be by its form, and when there is such a thing; the first form that fits counts. */
const rules: ReadonlyArray<Rule> = [
  [
    /^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)$/,
    (name = "") => codes.has(name) || Vocabulary.isLiteral(name) || Vocabulary.isVariable(name)
  ],
  [/^--([\w-]+)(?: [A-Z]+)?$/, (flag = "") => Vocabulary.isFlag(flag)],
  [/^mortise (\w+)(?: (\w+))?$/, (command = "", operand) => Vocabulary.isMortiseCommand(command, operand)],
  [
    /^node src\/db\.ts (\w+)(?: --([\w-]+))?$/,
    (command = "", flag) => Vocabulary.isDbCommand(command) && (flag === undefined || Vocabulary.isFlag(flag))
  ],
  [/^npm run (\w+)$/, (script = "") => Object.hasOwn(scripts, script)],
  [/^context\.(\w+)$/, (field = "") => Vocabulary.isProperty(field)],
  [/^([a-z][a-z-]*(?:\.\w+)+)$/, (key = "") => Vocabulary.isConfigKey(key)],
  [/^([A-Z]\w*)\.(\w+)$/, (module = "", member = "") => Vocabulary.isMember(module, member)],
  [/^([A-Z]\w*)$/, (name = "") => Vocabulary.isExported(name)],
  [/^(\w+)\(\)$/, (name = "") => Vocabulary.sections.has(name) && Vocabulary.isExported(name)],
  [
    /^([a-z]\w*)(?:: "(\w[\w-]*)")?$/,
    (name = "", value = name) =>
      [name, value].every((word) => Vocabulary.isProperty(word) || Vocabulary.isPackageOrProgram(word))
  ],
  [/^((?:@mortise\/)?[a-z][a-z-]+)$/, (name = "") => Vocabulary.isPackageOrProgram(name)],
  [
    /^(\.\/manifest)$/,
    (name = "") => readFileSync(path.join(root, "packages/core/package.json"), "utf8").includes(`"${name}":`)
  ],
  [/^(\.mortise\/[\w.]+)$/, (file = "") => Vocabulary.isPath(file)]
]

/** Why a term of an entry is wrong; undefined where it is right. */
const problemOf = (term: string): string | undefined => {
  if (foreign.has(term)) return undefined
  for (const [form, holds] of rules) {
    const found = form.exec(term)
    if (found !== null) return holds(...found.slice(1)) ? undefined : `there is no ${term}`
  }
  return `${term} has no form that this test knows`
}

const page = pages.find(({ file }) => file === entriesPage)
const before = (page?.text ?? "").split(/^## accounts$/m)[0] ?? ""
const entries = (page?.text ?? "").split(/^### /m).flatMap((part) => {
  const [, code] = /^`([A-Z0-9_]+)`\n/.exec(part) ?? []
  const text = (part.split(/^#/m)[0] ?? "").replaceAll(/\n {2}/g, " ")
  const terms = [...text.matchAll(/`([^`\n]+)`/g)].map(([, term = ""]) => term)
  const quotes = [...text.replaceAll(/`[^`]*`/g, "").matchAll(/"([^"]+)"/g)].map(([, quote = ""]) => quote)
  return code === undefined ? [] : [[code, terms, quotes] as const]
})

describe(entriesPage, () => {
  it.each(entries)("%s names only what there is", (_, terms, quotes) => {
    expect(terms.flatMap((term) => problemOf(term) ?? [])).toEqual([])
    expect(quotes.filter((quote) => !Vocabulary.isSaid(quote))).toEqual([])
  })

  it("quotes messages as they are in its first table", () => {
    const said = [...before.matchAll(/^\| `([A-Z][a-z].*?…[^`]*)`/gm)].map(([, message = ""]) => message)
    expect(said).toEqual(["Port … is in use", "The configuration has … problems"])
    expect(said.filter((message) => !message.split("…").every(Vocabulary.isSaid))).toEqual([])
  })

  it("needs each of the words that are not Mortise's", () => {
    const used = new Set(entries.flatMap(([, terms]) => terms))
    expect([...foreign].filter((term) => !used.has(term))).toEqual([])
  })

  it("has an entry behind each code that its first table names", () => {
    const linked = [...before.matchAll(/\[`([A-Z0-9_]+)`\]\(#([a-z0-9_]+)\)/g)]
    expect(linked.length).toBeGreaterThan(15)
    expect(linked.filter(([, code = "", anchor]) => !codes.has(code) || anchor !== code.toLowerCase())).toEqual([])
  })

  it("is read with eyes that see what was renamed", () => {
    const renamed = [
      "gateway.deadline",
      "auth.lockout.first",
      "nobody.port",
      "ORM_GONE",
      "--no-cheque",
      "mortise install",
      "mortise add wobsocket",
      "mortise config show",
      "node src/db.ts upwards",
      "node src/db.ts up --order",
      "npm run nothing",
      "Supervisor.listen",
      "Superviser.list",
      "SessionBounds",
      "jwt2()",
      "maxFrameBites",
      'whenFull: "explode"',
      "@mortise/plugin-events-mqtt",
      "a b"
    ]
    expect(renamed.filter((term) => problemOf(term) === undefined)).toEqual([])
    expect(
      ["gateway.deadlineMillis", "auth.lockout.free", "Supervisor.list", "jwt()"].flatMap(
        (term) => problemOf(term) ?? []
      )
    ).toEqual([])
  })
})
