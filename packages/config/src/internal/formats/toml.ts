import { patch } from "@decimalturn/toml-patch"
import { type AST, getStaticTOMLValue, ParseError, parseTOML } from "toml-eslint-parser"
import { type Format, pathKey, Unparsable } from "./Format.ts"

const program = (text: string): AST.TOMLProgram => {
  try {
    return parseTOML(text, { tomlVersion: "1.0" })
  } catch (error) {
    if (error instanceof ParseError) throw new Unparsable(error.message, error.lineNumber)
    throw error
  }
}

/** Dates of TOML as the text that a Schema reads. */
const data = (value: unknown): unknown => {
  if (value instanceof Date) return value.toISOString()
  if (typeof value === "bigint") return Number(value)
  if (Array.isArray(value)) return value.map(data)
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, data(item)]))
  }
  return value
}

const linesOf = (root: AST.TOMLProgram): ReadonlyMap<string, number> => {
  const lines = new Map<string, number>()
  const mark = (path: ReadonlyArray<string | number>, line: number) => {
    // the tables around it stand where the first of their values does
    for (let length = 1; length <= path.length; length++) {
      const key = pathKey(path.slice(0, length))
      if (!lines.has(key)) lines.set(key, line)
    }
  }
  const keyValue = (node: AST.TOMLKeyValue, around: ReadonlyArray<string | number>): void => {
    const path = [...around, ...node.key.keys.map((key) => (key.type === "TOMLBare" ? key.name : key.value))]
    mark(path, node.loc.start.line)
    if (node.value.type === "TOMLInlineTable") for (const inner of node.value.body) keyValue(inner, path)
  }
  for (const node of root.body[0].body) {
    if (node.type === "TOMLKeyValue") keyValue(node, [])
    else {
      mark(node.resolvedKey, node.loc.start.line)
      for (const inner of node.body) keyValue(inner, node.resolvedKey)
    }
  }
  return lines
}

export const toml: Format = {
  parse: (text) => {
    const parsed = program(text)
    return { value: data(getStaticTOMLValue(parsed)), lines: linesOf(parsed) }
  },
  write: (text, { path, value }) => {
    const before = data(getStaticTOMLValue(program(text))) as Record<string, unknown>
    const after = structuredClone(before)
    let table = after
    for (const key of path.slice(0, -1)) {
      const inner = table[key]
      table = (typeof inner === "object" && inner !== null ? inner : (table[key] = {})) as Record<string, unknown>
    }
    table[path.at(-1) ?? ""] = value
    return patch(text, after)
  }
}
