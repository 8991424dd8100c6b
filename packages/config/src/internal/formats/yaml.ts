import { type Document, isCollection, isMap, isPair, isScalar, LineCounter, parseDocument } from "yaml"
import { type Format, pathKey, Unparsable } from "./Format.ts"

const document = (text: string): readonly [Document.Parsed, LineCounter] => {
  const lineCounter = new LineCounter()
  const parsed = parseDocument(text, { lineCounter, uniqueKeys: true, prettyErrors: false, version: "1.2" })
  const [error] = parsed.errors
  if (error !== undefined) throw new Unparsable(error.message, lineCounter.linePos(error.pos[0]).line)
  return [parsed, lineCounter]
}

const linesOf = (root: unknown, counter: LineCounter): ReadonlyMap<string, number> => {
  const lines = new Map<string, number>()
  const visit = (node: unknown, path: ReadonlyArray<string | number>): void => {
    if (!isCollection(node)) return
    node.items.forEach((item, index) => {
      if (!isMap(node) || !isPair(item)) return visit(item, [...path, index])
      const { key, value } = item
      if (!isScalar(key)) return
      const inner = [...path, String(key.value)]
      if (key.range) lines.set(pathKey(inner), counter.linePos(key.range[0]).line)
      visit(value, inner)
    })
  }
  visit(root, [])
  return lines
}

const valueOf = (parsed: Document.Parsed): unknown => {
  try {
    // so many aliases that a small file becomes a large value are refused
    return parsed.toJS({ maxAliasCount: 100 }) as unknown
  } catch (error) {
    throw new Unparsable((error as Error).message, undefined)
  }
}

export const yaml: Format = {
  parse: (text) => {
    const [parsed, counter] = document(text)
    return { value: valueOf(parsed) ?? {}, lines: linesOf(parsed.contents, counter) }
  },
  write: (text, { path, value }) => {
    const [parsed] = document(text)
    parsed.setIn([...path], value)
    return parsed.toString()
  }
}
