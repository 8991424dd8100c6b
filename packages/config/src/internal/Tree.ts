/** Values of one source before they are put on top of each other: each knows where it came from. */
import * as ConfigOrigin from "@mortise/core/app/ConfigOrigin"
import { childOf } from "@mortise/core/app/ConfigSchema"
import type * as SchemaAST from "effect/SchemaAST"
import { fromText } from "./fromText.ts"

/** Text whose meaning the Schema decides: from a variable, a flag, or a place where a variable was put in. */
export class Text {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export interface Leaf {
  readonly kind: "leaf"
  readonly origin: ConfigOrigin.Origin
  /** Plain values; `Text` in the place of what a Schema has to read, also inside lists. */
  readonly value: unknown
}

export interface Branch {
  readonly kind: "branch"
  readonly origin: ConfigOrigin.Origin
  readonly entries: ReadonlyMap<string, Node>
}

export type Node = Leaf | Branch

/** `over` on top of `under`: sections and what is in them are merged, all else is replaced, lists as a whole. */
export const merge = (under: Node, over: Node): Node => {
  if (under.kind === "leaf" || over.kind === "leaf") return over
  const entries = new Map(under.entries)
  for (const [key, node] of over.entries) {
    const below = entries.get(key)
    entries.set(key, below === undefined ? node : merge(below, node))
  }
  return { ...over, entries }
}

/** A tree with one value at a path. */
export const at = (path: ReadonlyArray<string>, leaf: Leaf): Node =>
  path.reduceRight<Node>(
    (node, key) => ({ kind: "branch", origin: leaf.origin, entries: new Map([[key, node]]) }),
    leaf
  )

const plain = (ast: SchemaAST.AST | undefined, value: unknown): unknown => {
  if (value instanceof Text) return fromText(ast, value.text)
  if (Array.isArray(value)) return value.map((item, index) => plain(ast && childOf(ast, index), item))
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(ast && childOf(ast, key), item)]))
  }
  return value
}

/** Plain data: what a file can hold. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== "object" || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** The plain configuration; `ConfigOrigin` knows the origin of each of its values. */
export const build = (ast: SchemaAST.AST | undefined, node: Node): unknown => {
  if (node.kind === "leaf") return plain(ast, node.value)
  const origins: Record<string, ConfigOrigin.Origin> = {}
  const entries = [...node.entries].map(([key, child]) => {
    origins[key] = child.origin
    return [key, build(ast && childOf(ast, key), child)] as const
  })
  const object = Object.fromEntries(entries)
  ConfigOrigin.set(object, origins)
  return object
}
