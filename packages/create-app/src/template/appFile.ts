import type { Project } from "ts-morph"
import type { AppFile, Json, PluginUse } from "./Template.ts"

/** Longest line, as the workspace's formatter has it. */
const lineWidth = 120

/** Where `Plugin` comes from. */
const pluginModule = "@mortise/core/app/Plugin"

type Answers = Readonly<Record<string, Json>>

/** Replaces `{ answer: "name" }` at any depth by that answer. */
export const withAnswers = (value: Json, answers: Answers): Json => {
  if (Array.isArray(value)) return value.map((item: Json) => withAnswers(item, answers))
  if (value === null || typeof value !== "object") return value
  const entries = Object.entries(value)
  const only = entries[0]
  if (entries.length === 1 && only?.[0] === "answer" && typeof only[1] === "string") {
    const answer = answers[only[1]]
    if (answer === undefined) throw new Error(`app.plugins names the answer ${only[1]}, which no question has`)
    return answer
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, withAnswers(item, answers)]))
}

const literal = (value: Json): string => {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`
  if (value === null || typeof value !== "object") return JSON.stringify(value)
  const entries = Object.entries(value).map(
    ([key, item]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)}: ${literal(item)}`
  )
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`
}

/** What stands behind a plugin's name: its arguments, or nothing for a plugin that is a value. */
export const callOf = (use: PluginUse, answers: Answers): string =>
  use.args === undefined ? "" : `(${use.args.map((arg) => literal(withAnswers(arg, answers))).join(", ")})`

/** Whether an entry stands in an app with these answers. */
export const isUsed = (use: PluginUse, answers: Answers): boolean =>
  use.when === undefined || answers[use.when.answer] === use.when.is

const isRelative = (specifier: string): boolean => specifier.startsWith(".")
/** Packages before files, both by name: the order that the workspace's formatter gives imports. */
const bySpecifier = (a: string, b: string): number =>
  isRelative(a) === isRelative(b) ? (a < b ? -1 : a > b ? 1 : 0) : isRelative(a) ? 1 : -1

/**
 * Writes the composition root with ts-morph: the imports, sorted, and one exported `Plugin.compose(...)`, laid out as the
 * workspace's formatter would. Later commands edit this file and no other.
 */
export const printAppFile = async (project: Project, app: AppFile, answers: Answers): Promise<string> => {
  const { ts, VariableDeclarationKind } = await import("ts-morph")
  const uses = app.plugins.filter((use) => isUsed(use, answers))
  const modules = new Map<string, Set<string>>()
  for (const use of uses) modules.set(use.from, (modules.get(use.from) ?? new Set()).add(use.name))

  const name = app.export ?? "app"
  const args = uses.map((use) => use.name + callOf(use, answers))
  const inline = `export const ${name} = Plugin.compose(${args.join(", ")})`
  const fits = inline.length <= lineWidth && uses.every((use) => use.comment === undefined)

  const file = project.createSourceFile(`/${app.file ?? "src/app.ts"}`, "", { overwrite: true })
  file.addImportDeclarations(
    [
      { moduleSpecifier: pluginModule, namespaceImport: "Plugin" },
      ...[...modules].map(([moduleSpecifier, names]) => ({ moduleSpecifier, namedImports: [...names].sort() }))
    ].sort((a, b) => bySpecifier(a.moduleSpecifier, b.moduleSpecifier))
  )
  file.addVariableStatement({
    isExported: true,
    declarationKind: VariableDeclarationKind.Const,
    ...(app.doc === undefined ? {} : { docs: [app.doc.includes("\n") ? `\n${app.doc}` : app.doc] }),
    declarations: [
      {
        name,
        initializer: (writer) => {
          if (fits) {
            writer.write(`Plugin.compose(${args.join(", ")})`)
            return
          }
          writer.write("Plugin.compose(").newLine()
          writer.indent(() => {
            args.forEach((text, index) => {
              for (const line of uses[index]?.comment?.split("\n") ?? []) writer.writeLine(`// ${line}`)
              writer.writeLine(index === args.length - 1 ? text : `${text},`)
            })
          })
          writer.write(")")
        }
      }
    ]
  })
  file.formatText({ semicolons: ts.SemicolonPreference.Remove, indentSize: 2, ensureNewLineAtEndOfFile: true })
  return file.getFullText()
}
