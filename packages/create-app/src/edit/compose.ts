import type { CallExpression, Node } from "ts-morph"
import { NoPlace } from "./EditRefused.ts"
import type { Exported } from "./imports.ts"
import type { List } from "./list.ts"
import { type Source, withoutTypes } from "./source.ts"

/** The modules that export `compose`, and the one that exports the namespace that has it. */
const composeModules = ["@mortise/core/app/Plugin", "@mortise/core/app/Composition"]
const barrel = "@mortise/core"

/** One argument of `Plugin.compose`. */
export interface Use {
  readonly node: Node
  /** Where its factory or value comes from; undefined when it is made in the file itself. */
  readonly exported: Exported | undefined
  /** `as`: a second instance, under another service key; `override`: stands for another plugin. */
  readonly kind: "plain" | "as" | "override"
  /** The plugin that an override stands for. */
  readonly replaces: Exported | undefined
}

export interface Compose {
  readonly uses: ReadonlyArray<Use>
  readonly list: List
}

const kindOf = (node: Node): string => node.getKindName()

/** How the imports of a file name things: a local name, or a namespace. */
const importsOf = ({ file }: Source) => {
  const locals = new Map<string, Exported>()
  const namespaces = new Map<string, string>()
  for (const declaration of file.getImportDeclarations()) {
    const from = declaration.getModuleSpecifierValue()
    for (const named of declaration.getNamedImports()) {
      locals.set(named.getAliasNode()?.getText() ?? named.getName(), { from, name: named.getName() })
    }
    const namespace = declaration.getNamespaceImport()?.getText()
    if (namespace !== undefined) namespaces.set(namespace, from)
  }
  return { locals, namespaces }
}
type Imports = ReturnType<typeof importsOf>

/** The ways in which a file writes the functions of the module `Plugin`, such as `Plugin.compose`. */
const namesOf = (imports: Imports, name: string): ReadonlySet<string> => {
  const names = new Set<string>()
  for (const [local, exported] of imports.locals) {
    if (exported.name === name && composeModules.includes(exported.from)) names.add(local)
    if (exported.name === "Plugin" && exported.from === barrel) names.add(`${local}.${name}`)
  }
  for (const [local, from] of imports.namespaces) {
    if (composeModules.includes(from)) names.add(`${local}.${name}`)
    if (from === barrel) names.add(`${local}.Plugin.${name}`)
  }
  return names
}

const calleeOf = (node: Node): Node => (node as CallExpression).getExpression()
const calls = (node: Node, names: ReadonlySet<string>): boolean =>
  kindOf(node) === "CallExpression" && names.has(calleeOf(node).getText().replace(/\s+/g, ""))

/** Finds the one `Plugin.compose(...)` of a file; throws a {@link NoPlace} that says what is there instead. */
export const findCompose = (source: Source): Compose => {
  const imports = importsOf(source)
  const names = namesOf(imports, "compose")
  const found: Array<CallExpression> = []
  source.file.forEachDescendant((node) => {
    if (calls(node, names)) found.push(node as CallExpression)
  })
  const [call, second] = found
  if (call === undefined) throw new NoPlace("it has no Plugin.compose(...)")
  if (second !== undefined) {
    const lines = found.map((each) => each.getStartLineNumber()).join(" and ")
    throw new NoPlace(`it has ${found.length} calls of Plugin.compose, in lines ${lines}, and one is meant`)
  }
  const items = call.getArguments()
  const spread = items.find((item) => kindOf(item) === "SpreadElement")
  if (spread !== undefined) {
    throw new NoPlace(`Plugin.compose has ${spread.getText()} among its arguments, whose plugins cannot be seen here`)
  }
  const typeArguments = call.getTypeArguments().at(-1)?.getEnd() ?? calleeOf(call).getEnd()
  const list: List = {
    source: source.text,
    items,
    open: source.text.indexOf("(", typeArguments) + 1,
    close: call.getEnd() - 1,
    pad: "",
    style: source.style
  }
  return { list, uses: items.map((node) => useOf(source, imports, node)) }
}

const useOf = (source: Source, imports: Imports, node: Node): Use => {
  const plugin = unwrap(source, node)
  const [first, second] = kindOf(plugin) === "CallExpression" ? (plugin as CallExpression).getArguments() : []
  if (first !== undefined && calls(plugin, namesOf(imports, "as"))) {
    return { node, exported: exportedOf(source, imports, first), kind: "as", replaces: undefined }
  }
  if (first !== undefined && second !== undefined && calls(plugin, namesOf(imports, "override"))) {
    const replaces = exportedOf(source, imports, first)
    return { node, exported: exportedOf(source, imports, second), kind: "override", replaces }
  }
  return { node, exported: exportedOf(source, imports, plugin), kind: "plain", replaces: undefined }
}

/** What an expression takes its value from: `sqlite`, `sqlite()`, `Orm.sqlite()`. */
const exportedOf = (source: Source, { locals, namespaces }: Imports, node: Node): Exported | undefined => {
  const plugin = unwrap(source, node)
  const text = (kindOf(plugin) === "CallExpression" ? calleeOf(plugin) : plugin).getText().replace(/\s+/g, "")
  const local = locals.get(text)
  if (local !== undefined) return local
  const dot = text.lastIndexOf(".")
  const from = namespaces.get(text.slice(0, Math.max(dot, 0)))
  return from === undefined ? undefined : { from, name: text.slice(dot + 1) }
}

/** An expression without what only concerns its type; the value of a constant of the file for its name. */
const unwrap = ({ file }: Source, node: Node): Node => {
  const at = withoutTypes(node)
  if (kindOf(at) !== "Identifier") return at
  return file.getVariableDeclaration(at.getText())?.getInitializer() ?? at
}
