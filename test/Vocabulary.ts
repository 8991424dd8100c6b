/** What the packages know by name: keys of the configuration, commands, flags, exports, fields. Read off sources and Schemas. */
import { globSync, readFileSync } from "node:fs"
import path from "node:path"
import { pathToFileURL } from "node:url"
import * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"
import { usage as configUsage } from "../packages/config/src/ConfigCommand.ts"
import { commandNames } from "../packages/create-app/src/cli/command.ts"
import { helpText } from "../packages/orm/src/DbCommand.ts"
import { usage as adminUsage } from "../packages/plugins/admin/src/AdminCommand.ts"
import { published, root } from "../scripts/workspace.ts"

const textOf = (file: string): string => readFileSync(path.join(root, file), "utf8")

/** The sources of every published package, by path from the root; tests, kits and internals of tests are not among them. */
const sources: ReadonlyMap<string, string> = new Map(
  published()
    .flatMap(({ folder }) => globSync(`${folder}/src/**/*.ts`, { cwd: root }))
    .map((file) => file.replaceAll(path.sep, "/"))
    .filter((file) => !file.includes("/testing/"))
    .map((file) => [file, textOf(file)])
)
const all = [...sources.values()].join("\n")
const wordsOf = (pattern: RegExp, text = all): ReadonlySet<string> =>
  new Set([...text.matchAll(pattern)].flatMap((found) => found.slice(1).filter((word) => word !== undefined)))

interface Factory {
  readonly manifest: { readonly name: string; readonly config?: Schema.Codec<unknown, unknown> }
}
const isFactory = (value: unknown): value is Factory => typeof value === "function" && "manifest" in value

/** The Schema of each plugin's section, by the name of the section. */
export const sections: ReadonlyMap<string, AST.AST | undefined> = new Map(
  (
    await Promise.all(
      [...sources]
        .filter(([, text]) => /^export const \w+ = Plugin\.define\(/m.test(text))
        .map(([file]) => import(pathToFileURL(path.join(root, file)).href) as Promise<object>)
    )
  )
    .flatMap((module) => Object.values(module).filter(isFactory))
    .map(({ manifest: { config, name } }) => [name, config && Schema.toEncoded(config).ast])
)

const inside = (ast: AST.AST | undefined, key: string): AST.AST | undefined => {
  if (ast?._tag === "Union") return ast.types.map((type) => inside(type, key)).find((found) => found !== undefined)
  return ast?._tag === "Objects" ? ast.propertySignatures.find(({ name }) => name === key)?.type : undefined
}

/** Whether `auth.lockout.free` is a key, or a section within one. */
export const isConfigKey = (key: string): boolean => {
  const [section = "", ...keys] = key.split(".")
  return keys.reduce(inside, sections.get(section)) !== undefined
}

/** The words that open the lines of a help: its commands. */
const commandsIn = (help: string): ReadonlySet<string> => wordsOf(/^ {2}(\w+)/gm, help)
const flagsIn = (help: string): ReadonlySet<string> => wordsOf(/--([\w-]+)/g, help)

const manifests = published().flatMap(({ folder }) =>
  globSync(`${folder}/manifest.json`, { cwd: root }).flatMap(
    (file) =>
      (JSON.parse(textOf(file)) as { plugins: ReadonlyArray<{ name: string; aliases?: ReadonlyArray<string> }> })
        .plugins
  )
)
/** What `mortise add` takes. */
const plugins = new Set(manifests.flatMap(({ aliases = [], name }) => [name, ...aliases]))

/** What may stand behind `mortise NAME`; any word where nothing is said of it. */
const operands: Readonly<Record<string, ReadonlySet<string>>> = {
  add: plugins,
  remove: plugins,
  config: commandsIn(configUsage)
}

/** Whether `mortise config print` is one of its commands. */
export const isMortiseCommand = (command: string, operand: string | undefined): boolean =>
  commandNames.includes(command) && (operand === undefined || operands[command]?.has(operand) === true)

/** Whether `node src/db.ts up` is one of its commands. */
export const isDbCommand = (command: string): boolean => commandsIn(helpText).has(command)

const commandLine = ["flags.ts", "evolveCommand.ts"]
  .map((file) => textOf(`packages/create-app/src/cli/${file}`))
  .join("\n")
const switches = wordsOf(/Flag\.Boolean\("([\w-]+)"\)/g, commandLine)
const flags = new Set([
  ...wordsOf(/Flag\.\w+\("([\w-]+)"/g, commandLine),
  ...[...switches].map((name) => `no-${name}`),
  ...[adminUsage, configUsage, helpText].flatMap((help) => [...flagsIn(help)])
])
export const isFlag = (name: string): boolean => flags.has(name)

const names = new Set(published().flatMap(({ manifest: { bin = {}, name } }) => [name, ...Object.keys(bin)]))
/** Whether a package or a program is called so. */
export const isPackageOrProgram = (name: string): boolean => names.has(name)

const exported = wordsOf(/^export (?:abstract )?(?:const|class|interface|type|function) (\w+)|^export \* as (\w+)/gm)
export const isExported = (name: string): boolean => exported.has(name)

/** Whether the module `Supervisor` exports `layer`, or its service has `list`. */
export const isMember = (module: string, member: string): boolean =>
  [...sources].some(
    ([file, text]) =>
      file.endsWith(`/${module}.ts`) && new RegExp(`^(?:export const| +readonly) ${member}\\b`, "m").test(text)
  )

const properties = wordsOf(/\b([a-z]\w*)\??:/g)
const literals = wordsOf(/"([a-z][\w-]*)"/g)
/** Whether something declares a property of this name, exports it, or knows it as a literal. */
export const isProperty = (name: string): boolean => properties.has(name) || literals.has(name) || exported.has(name)

/** Whether a source has this word in capitals as a literal: a code that no class has, such as one of a fault. */
export const isLiteral = (code: string): boolean => all.includes(`"${code}"`)

/** Whether the environment is asked for a variable. */
export const isVariable = (name: string): boolean => all.includes(`env.${name}`)

/** Whether a source writes this path, of a folder of the app, as a literal. */
export const isPath = (file: string): boolean => all.includes(`"${file}"`)

/** Whether a source has this piece of a message. */
export const isSaid = (piece: string): boolean => all.includes(piece)
