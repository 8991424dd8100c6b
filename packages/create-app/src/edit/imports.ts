import type { ImportDeclaration, Node } from "ts-morph"
import { isReserved } from "../template/reserved.ts"
import type { Splice } from "../workspace/Splice.ts"
import { insertItem, type List, removeItem } from "./list.ts"
import { indentAt, lineStart, quoted } from "./Style.ts"
import type { Source } from "./source.ts"

/** An export of a module. */
export interface Exported {
  readonly from: string
  readonly name: string
}

/** How an export is named in a file, and what has to be inserted for that. */
export interface Imported {
  /** `sqlite`, `sqlitePlugin` when that name is taken, `Orm.sqlite` under a namespace import. */
  readonly local: string
  readonly splices: ReadonlyArray<Splice>
}

const isRelative = (specifier: string): boolean => specifier.startsWith(".")
/** Packages before files, both by name. */
const bySpecifier = (a: string, b: string): number =>
  isRelative(a) === isRelative(b) ? (a < b ? -1 : a > b ? 1 : 0) : isRelative(a) ? 1 : -1

const isSorted = <A>(items: ReadonlyArray<A>, order: (a: A, b: A) => number): boolean =>
  items.every((item, index) => index === 0 || order(items[index - 1] as A, item) <= 0)

const namedList = ({ style, text }: Source, declaration: ImportDeclaration): List | undefined => {
  const bindings = declaration.getImportClause()?.getNamedBindings()
  return bindings?.getKindName() === "NamedImports"
    ? {
        source: text,
        items: declaration.getNamedImports(),
        open: bindings.getStart() + 1,
        close: bindings.getEnd() - 1,
        pad: " ",
        style
      }
    : undefined
}

/** What names an export here already: `tcp`, its alias, or a member of a namespace. */
export const localOf = ({ file }: Source, { from, name }: Exported): string | undefined => {
  for (const declaration of file.getImportDeclarations()) {
    if (declaration.getModuleSpecifierValue() !== from || declaration.isTypeOnly()) continue
    const named = declaration.getNamedImports().find((each) => each.getName() === name && !each.isTypeOnly())
    if (named !== undefined) return named.getAliasNode()?.getText() ?? named.getName()
    const namespace = declaration.getNamespaceImport()
    if (namespace !== undefined) return `${namespace.getText()}.${name}`
  }
  return undefined
}

/** Every name that the file binds or uses, but for names of properties. */
const namesIn = ({ file }: Source): ReadonlySet<string> => {
  const names = new Set<string>()
  file.forEachDescendant((node) => {
    if (node.getKindName() === "Identifier") names.add(node.getText())
  })
  return names
}

const freeName = (source: Source, name: string, freed?: string): string => {
  const taken = new Set(namesIn(source))
  if (freed !== undefined) taken.delete(freed)
  const isFree = (word: string) => !taken.has(word) && !isReserved(word)
  if (isFree(name)) return name
  const base = `${name}Plugin`
  for (let index = 1; ; index++) {
    const word = index === 1 ? base : `${base}${index}`
    if (isFree(word)) return word
  }
}

/**
 * Finds how an export is named in a file, or imports it: into an import of its module, or in the place that order gives.
 * `freed` is a name that will be free, since its import goes.
 */
export const addImport = (source: Source, exported: Exported, freed?: string): Imported => {
  const present = localOf(source, exported)
  if (present !== undefined) return { local: present, splices: [] }
  const local = freeName(source, exported.name, freed)
  const specifier = local === exported.name ? local : `${exported.name} as ${local}`
  const declarations = source.file.getImportDeclarations()
  const merged = declarations.find(
    (each) =>
      each.getModuleSpecifierValue() === exported.from && !each.isTypeOnly() && namedList(source, each) !== undefined
  )
  const list = merged === undefined ? undefined : namedList(source, merged)
  if (merged !== undefined && list !== undefined) {
    const names = merged.getNamedImports().map((each) => each.getName())
    const index = isSorted(names, (a, b) => (a < b ? -1 : 1)) ? names.findIndex((each) => each > exported.name) : -1
    return { local, splices: insertItem(list, specifier, index === -1 ? undefined : index) }
  }
  const { semicolon } = source.style
  const line = `import { ${specifier} } from ${quoted(exported.from, source.style)}${semicolon}`
  return { local, splices: [insertLine(source, declarations, exported.from, line)] }
}

const insertLine = (
  { style, text }: Source,
  declarations: ReadonlyArray<ImportDeclaration>,
  from: string,
  line: string
): Splice => {
  const [first] = declarations
  if (first === undefined) return { start: 0, end: 0, text: line + style.eol }
  const specifiers = declarations.map((each) => each.getModuleSpecifierValue())
  const next = isSorted(specifiers, bySpecifier) ? specifiers.findIndex((each) => bySpecifier(from, each) < 0) : -1
  if (next === 0) {
    const start = lineStart(text, first.getStart())
    return { start, end: start, text: line + style.eol }
  }
  const packages = specifiers.findLastIndex((each) => !isRelative(each))
  const index =
    next > 0 ? next - 1 : isRelative(from) || packages === -1 || isSorted(specifiers, bySpecifier) ? -1 : packages
  const previous = declarations.at(index) ?? first
  const end = endOfLine(text, previous)
  return text[end - 1] === "\n"
    ? { start: end, end, text: line + style.eol }
    : { start: end, end, text: style.eol + line }
}

/** Behind the line that a statement and the comments after it end on. */
const endOfLine = (text: string, statement: Node): number => {
  const end = Math.max(statement.getEnd(), ...statement.getTrailingCommentRanges().map((range) => range.getEnd()))
  const found = text.indexOf("\n", end)
  return found === -1 ? text.length : found + 1
}

/**
 * Takes an import out of a file, unless its local name is used outside of `gone`, which are the places that go with it.
 * What {@link addImport} put in leaves no trace.
 */
export const removeImport = (source: Source, exported: Exported, gone: ReadonlyArray<Node>): ReadonlyArray<Splice> => {
  for (const declaration of source.file.getImportDeclarations()) {
    if (declaration.getModuleSpecifierValue() !== exported.from || declaration.isTypeOnly()) continue
    const named = declaration.getNamedImports().find((each) => each.getName() === exported.name && !each.isTypeOnly())
    const list = namedList(source, declaration)
    if (named === undefined || list === undefined) continue
    const local = named.getAliasNode()?.getText() ?? named.getName()
    const isGone = (node: Node): boolean =>
      [named, ...gone].some((each) => each.getStart() <= node.getStart() && node.getEnd() <= each.getEnd())
    let used = false
    source.file.forEachDescendant((node) => {
      if (node.getKindName() === "Identifier" && node.getText() === local && !isGone(node)) used = true
    })
    if (used) return []
    if (list.items.length > 1 || declaration.getDefaultImport() !== undefined) return removeItem(list, named)
    const { text } = source
    const ownLine =
      indentAt(text, declaration.getStart()).length === declaration.getStart() - lineStart(text, declaration.getStart())
    const start = ownLine ? lineStart(text, declaration.getStart()) : declaration.getStart()
    const end = endOfLine(text, declaration)
    // the last line of a file without a line end
    const before = text[end - 1] !== "\n" && start > 0 ? source.style.eol.length : 0
    return [{ start: start - before, end, text: "" }]
  }
  return []
}

/**
 * Imports an export in the place of another of another module, whose import goes unless it is used outside of `gone`. In a file
 * whose imports have no order the new one takes the old one's line.
 */
export const replaceImport = (source: Source, old: Exported, next: Exported, gone: ReadonlyArray<Node>): Imported => {
  const removed = removeImport(source, old, gone)
  const added = addImport(source, next, removed.length === 0 ? undefined : localOf(source, old))
  const [line, ...others] = removed
  const specifiers = source.file.getImportDeclarations().map((each) => each.getModuleSpecifierValue())
  const [insertion] = added.splices
  const swaps =
    line !== undefined &&
    others.length === 0 &&
    added.splices.length === 1 &&
    insertion?.text.startsWith("import ") === true &&
    source.text.slice(line.start, line.end).startsWith("import ") &&
    !isSorted(specifiers, bySpecifier)
  return {
    local: added.local,
    splices: swaps ? [{ ...line, text: insertion.text }] : [...added.splices, ...removed]
  }
}
