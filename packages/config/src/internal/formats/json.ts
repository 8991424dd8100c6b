import { applyEdits, modify, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser"
import { type Format, lineAt, pathKey, Unparsable } from "./Format.ts"

const strict = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false }
const layout = { formattingOptions: { insertSpaces: true, tabSize: 2, eol: "\n" } }

const words = (code: ParseError["error"]): string =>
  printParseErrorCode(code)
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()

const tree = (text: string): Node => {
  if (text.trim() === "") throw new Unparsable("it is empty", 1)
  const errors: Array<ParseError> = []
  const root = parseTree(text, errors, strict)
  const [error] = errors
  if (error !== undefined) throw new Unparsable(words(error.error), lineAt(text, error.offset))
  if (root === undefined) throw new Unparsable("no value", 1)
  return root
}

const parse: Format["parse"] = (text) => {
  const lines = new Map<string, number>()
  const visit = (node: Node, path: ReadonlyArray<string | number>): unknown => {
    if (node.type === "array") return (node.children ?? []).map((child, index) => visit(child, [...path, index]))
    if (node.type !== "object") return node.value
    const entries = (node.children ?? []).map((property) => {
      const [key, value] = property.children as [Node, Node]
      const inner = [...path, String(key.value)]
      const line = lineAt(text, key.offset)
      if (lines.has(pathKey(inner))) throw new Unparsable(`the key "${key.value}" stands there twice`, line)
      lines.set(pathKey(inner), line)
      return [String(key.value), visit(value, inner)] as const
    })
    return Object.fromEntries(entries)
  }
  return { value: visit(tree(text), []), lines }
}

export const json: Format = {
  parse,
  write: (text, { path, value }) => {
    const before = text.trim() === "" ? "{}\n" : text
    tree(before)
    return applyEdits(before, modify(before, [...path], value, layout))
  }
}
