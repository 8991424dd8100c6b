/** What a module declares, read from the declarations that the compiler made of it. Nothing is type-checked here. */
import { ts } from "ts-morph"
import { anchorOf } from "../anchor.ts"
import { type Docstring, parseDocstring } from "./docstring.ts"

export interface Item {
  readonly name: string
  /** What stands behind `#` in its address: small letters, with a number where another has the same. */
  readonly anchor: string
  readonly exported: boolean
  /** What kind of thing, for people: `class`, `interface`, `type`, `function`, `value`. */
  readonly kind: string
  readonly doc: Docstring | undefined
  /** The declaration without `export declare` and without its docstring; those of members are in it. */
  readonly code: string
}

export interface ReExport {
  /** As written: `./Composition.ts`. */
  readonly from: string
  /** `export * as Plugin`. */
  readonly namespace: string | undefined
  /** Exported name by declared name; empty: all of them. */
  readonly names: ReadonlyMap<string, string>
}

export interface Declarations {
  readonly items: ReadonlyArray<Item>
  readonly reExports: ReadonlyArray<ReExport>
  /** Names that come from elsewhere: the local name, the module and what it is called there (`*`: all of it). */
  readonly imports: ReadonlyMap<string, { readonly from: string; readonly name: string }>
}

const parse = (text: string): ts.SourceFile =>
  ts.createSourceFile("module.d.ts", text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS)

const commentOf = (node: ts.Node, text: string): string | undefined => {
  const last = (node as { jsDoc?: ReadonlyArray<ts.JSDoc> }).jsDoc?.at(-1)
  return last === undefined ? undefined : text.slice(last.pos, last.end)
}

const isExported = (node: ts.Statement): boolean =>
  ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true

const kindOf = (node: ts.Statement): string => {
  if (ts.isClassDeclaration(node)) return "class"
  if (ts.isInterfaceDeclaration(node)) return "interface"
  if (ts.isTypeAliasDeclaration(node)) return "type"
  if (ts.isFunctionDeclaration(node)) return "function"
  if (!ts.isVariableStatement(node)) return "value"
  const type = node.declarationList.declarations[0]?.type
  return type !== undefined && ts.isFunctionTypeNode(type) ? "function" : "value"
}

const namesOf = (node: ts.Statement): ReadonlyArray<string> => {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.map(({ name }) => name.getText())
  if (
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isEnumDeclaration(node) ||
    ts.isModuleDeclaration(node)
  ) {
    return node.name === undefined ? ["default"] : [node.name.text]
  }
  return []
}

/** `import("effect/Cause").YieldableError` as people write it: `Cause.YieldableError`. */
const shorter = (code: string): string => code.replace(/import\("[^"]*?([\w-]+)(?:\.ts)?"\)\./g, "$1.")

/** A class that extends the value of a call is declared in two: the base gets a name. Puts them together again. */
const basesOf = (file: ts.SourceFile): ReadonlyMap<string, string> =>
  new Map(
    file.statements.flatMap((node) => {
      if (!ts.isVariableStatement(node) || isExported(node)) return []
      const [declaration] = node.declarationList.declarations
      const name = declaration?.name.getText() ?? ""
      return name.endsWith("_base") && declaration?.type !== undefined ? [[name, declaration.type.getText()]] : []
    })
  )

/** The module's docstring is the first comment of its source, where something else than a declaration follows. */
export const moduleDocstring = (source: string): Docstring | undefined => {
  const comment = /^\/\*\*[\s\S]*?\*\//.exec(source)?.[0]
  if (comment === undefined) return undefined
  const next = source.slice(comment.length)
  return /^\s*(?:import\b|\/\*\*|export (?:\*|\{|type \{))/.test(next) || /^\n\s*\n/.test(next)
    ? parseDocstring(comment)
    : undefined
}

/** Anchors of the headings that every page of the reference may have. */
const reserved = ["module", "classes", "types"]

/** Gives each item an anchor of its own. */
export const withAnchors = (items: ReadonlyArray<Item>): ReadonlyArray<Item> => {
  const taken = new Map(reserved.map((anchor) => [anchor, 1]))
  return items.map((item) => {
    const anchor = anchorOf(item.name)
    const before = taken.get(anchor) ?? 0
    taken.set(anchor, before + 1)
    return { ...item, anchor: before === 0 ? anchor : `${anchor}-${before}` }
  })
}

/** Reads the text of a `.d.ts`. `moduleDoc`: the comment that is the module's own, which no declaration may claim. */
export const readDeclarations = (text: string, moduleDoc: Docstring | undefined): Declarations => {
  const file = parse(text)
  const bases = basesOf(file)
  const items = new Map<string, Item>()
  const reExports: Array<ReExport> = []
  const imports = new Map<string, { from: string; name: string }>()
  const aliases = new Map<string, string>()

  const addImport = (node: ts.ImportDeclaration): void => {
    const from = (node.moduleSpecifier as ts.StringLiteral).text
    const bindings = node.importClause?.namedBindings
    if (bindings === undefined) return
    if (ts.isNamespaceImport(bindings)) imports.set(bindings.name.text, { from, name: "*" })
    else
      for (const { name, propertyName } of bindings.elements)
        imports.set(name.text, { from, name: (propertyName ?? name).text })
  }

  const addExport = (node: ts.ExportDeclaration): void => {
    const from = (node.moduleSpecifier as ts.StringLiteral | undefined)?.text
    const clause = node.exportClause
    const named = clause !== undefined && ts.isNamedExports(clause) ? clause.elements : []
    const names = new Map(named.map(({ name, propertyName }) => [name.text, (propertyName ?? name).text]))
    if (from === undefined) for (const [exported, local] of names) aliases.set(local, exported)
    else {
      const namespace = clause !== undefined && ts.isNamespaceExport(clause) ? clause.name.text : undefined
      reExports.push({ from, names, namespace })
    }
  }

  const addItem = (node: ts.Statement): void => {
    const [name] = namesOf(node)
    if (name === undefined || bases.has(name)) return
    const comment = commentOf(node, text)
    const doc = comment === undefined ? undefined : parseDocstring(comment)
    const own = doc?.text === moduleDoc?.text ? undefined : doc
    const code = shorter(
      node
        .getText()
        .replace(/^(?:export |declare |default )+/, "")
        .replace(/(?<=extends )\w+_base\b/, (base) => bases.get(base) ?? base)
    )
    const before = items.get(name)
    items.set(name, {
      name,
      anchor: "",
      exported: isExported(node) || before?.exported === true,
      // a Schema and the type of its values have one name
      kind: before === undefined ? kindOf(node) : `${before.kind} and ${kindOf(node)}`.replace(/^(\w+) and \1$/, "$1"),
      doc: before?.doc ?? own,
      code: before === undefined ? code : `${before.code}\n${code}`
    })
  }

  for (const node of file.statements) {
    if (ts.isImportDeclaration(node)) addImport(node)
    else if (ts.isExportDeclaration(node)) addExport(node)
    else if (ts.isExportAssignment(node)) aliases.set(node.expression.getText(), "default")
    else addItem(node)
  }
  const renamed = [...items.values()].map((item): Item => {
    const alias = aliases.get(item.name)
    if (alias === undefined) return item
    // the declaration keeps its name: those that need an alias (`delete`) cannot stand in one
    return { ...item, name: alias, exported: true }
  })
  return { items: renamed, reExports, imports }
}
