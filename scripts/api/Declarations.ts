/** One declaration file, taken apart: what each statement declares, exports, and speaks of. */
import path from "node:path"
import { parseSync } from "vite"

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** Something of another file: one name of it, or all (`*`). */
export interface Reference {
  /** A specifier as it stands: relative, or the name of a package. */
  readonly from: string
  readonly name: string
}

export interface Statement {
  /** Without comments and blank lines. */
  readonly text: string
  readonly declares: ReadonlyArray<string>
  readonly exported: boolean
  /** Names that may be of this file or imported. */
  readonly names: ReadonlySet<string>
  /** What it takes from elsewhere by itself: `export … from`, `import("…")`. */
  readonly references: ReadonlyArray<Reference>
}

export interface Declarations {
  readonly statements: ReadonlyArray<Statement>
  /** By the local name. */
  readonly imports: ReadonlyMap<string, Reference>
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string"

const visit = (value: unknown, see: (node: Node) => void): void => {
  if (Array.isArray(value)) for (const part of value) visit(part, see)
  else if (isNode(value)) {
    see(value)
    for (const key of Object.keys(value)) visit(value[key], see)
  }
}

const nameOf = (value: unknown): string =>
  isNode(value) ? String(value.name ?? value.value ?? (isNode(value.left) ? nameOf(value.left) : "")) : ""

const literalOf = (value: unknown): string => (isNode(value) ? String(value.value ?? "") : "")

const declaredBy = (node: Node): ReadonlyArray<string> => {
  const inner = isNode(node.declaration) ? node.declaration : node
  if (inner.type === "VariableDeclaration")
    return (inner.declarations as ReadonlyArray<Node>).map(({ id }) => nameOf(id))
  return isNode(inner.id) ? [nameOf(inner.id)] : []
}

const referencesOf = (node: Node): ReadonlyArray<Reference> => {
  const found: Array<Reference> = []
  if (isNode(node.source)) {
    const from = literalOf(node.source)
    if (node.type === "ExportAllDeclaration") found.push({ from, name: "*" })
    for (const part of (node.specifiers ?? []) as ReadonlyArray<Node>) found.push({ from, name: nameOf(part.local) })
  }
  visit(node, (inner) => {
    if (inner.type === "TSImportType")
      found.push({ from: literalOf(inner.source), name: nameOf(inner.qualifier) || "*" })
  })
  return found
}

const importsOf = (node: Node): ReadonlyArray<readonly [string, Reference]> =>
  ((node.specifiers ?? []) as ReadonlyArray<Node>).map((part) => {
    const name = part.type === "ImportSpecifier" ? nameOf(part.imported) : "*"
    return [nameOf(part.local), { from: literalOf(node.source), name }]
  })

/** Takes the text of a `.d.ts` apart; `file` names it in an error. */
export const readDeclarations = (file: string, source: string): Declarations => {
  const { comments, errors, program } = parseSync(path.basename(file), source)
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0]?.message}`)
  const textOf = ({ end, start }: Node): string => {
    let text = ""
    let at = start
    for (const comment of comments.filter((one) => one.start >= start && one.end <= end)) {
      text += source.slice(at, comment.start)
      at = comment.end
    }
    return (text + source.slice(at, end)).replace(/[ \t]+$/gm, "").replace(/\n{2,}/g, "\n")
  }
  const imports = new Map<string, Reference>()
  const statements: Array<Statement> = []
  for (const node of program.body as unknown as ReadonlyArray<Node>) {
    if (node.type === "ImportDeclaration") {
      for (const [local, reference] of importsOf(node)) imports.set(local, reference)
      continue
    }
    const text = textOf(node)
    if (text === "export {};") continue
    const names = new Set<string>()
    if (!isNode(node.source)) visit(node, (inner) => inner.type === "Identifier" && names.add(nameOf(inner)))
    statements.push({
      text,
      declares: declaredBy(node),
      exported: node.type.startsWith("Export"),
      names,
      references: referencesOf(node)
    })
  }
  return { statements, imports }
}
