/** Every module a source file names: static, dynamic, type-only, `require`. */
import { parseSync } from "vite"

export interface Import {
  readonly specifier: string
  /** Erased before the program runs. */
  readonly typeOnly: boolean
}

interface Node {
  readonly type: string
  readonly [key: string]: unknown
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string"

const literal = (value: unknown): string | undefined => {
  const text = isNode(value) && value.type === "Literal" ? value.value : undefined
  return typeof text === "string" ? text : undefined
}

const isTypeOnly = (node: Node): boolean => {
  if (node.importKind === "type" || node.exportKind === "type") return true
  const parts = node.specifiers as ReadonlyArray<Node> | undefined
  return parts !== undefined && parts.length > 0 && parts.every((part) => isTypeOnly(part))
}

const named = (node: Node): Import | undefined => {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration": {
      const specifier = literal(node.source)
      return specifier === undefined ? undefined : { specifier, typeOnly: isTypeOnly(node) }
    }
    case "ImportExpression": {
      const specifier = literal(node.source)
      return specifier === undefined ? undefined : { specifier, typeOnly: false }
    }
    case "TSImportType": {
      const specifier = literal(node.source)
      return specifier === undefined ? undefined : { specifier, typeOnly: true }
    }
    case "TSExternalModuleReference": {
      const specifier = literal(node.expression)
      return specifier === undefined ? undefined : { specifier, typeOnly: false }
    }
    case "CallExpression": {
      const callee = node.callee as Node
      const specifier = literal((node.arguments as ReadonlyArray<unknown>)[0])
      if (specifier === undefined || callee.type !== "Identifier" || callee.name !== "require") return undefined
      return { specifier, typeOnly: false }
    }
    default:
      return undefined
  }
}

const walk = (value: unknown, found: Array<Import>): void => {
  if (Array.isArray(value)) {
    for (const part of value) walk(part, found)
    return
  }
  if (!isNode(value)) return
  const one = named(value)
  if (one !== undefined) found.push(one)
  for (const key of Object.keys(value)) walk(value[key], found)
}

/** The imports of a TypeScript or JavaScript file; `file` decides the dialect by its extension. */
export const importsOf = (file: string, source: string): ReadonlyArray<Import> => {
  const { errors, program } = parseSync(file, source)
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0]?.message}`)
  const found: Array<Import> = []
  walk(program, found)
  return found
}
