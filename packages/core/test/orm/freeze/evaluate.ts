// Expressions over rows in memory, with SQL's three values of truth: true, false and null.
import { exactDecimal } from "../../../src/orm/ColumnValue.ts"
import type { Expression, Typed } from "../../../src/orm/Expression.ts"
import { QueryInvalid, UnsupportedFeature, ValueInvalid } from "../../../src/orm/OrmError.ts"
import type { SelectNode } from "../../../src/orm/QueryNode.ts"
import { checked } from "./values.ts"

export type Row = { readonly [property: string]: unknown }

export interface Scope {
  readonly rows: { readonly [alias: string]: Row | undefined }
  readonly parameters: { readonly [name: string]: unknown }
  /** The rows of the group, for aggregates. */
  readonly group: ReadonlyArray<Scope["rows"]> | undefined
  readonly select: (node: SelectNode) => ReadonlyArray<ReadonlyArray<unknown>>
}

const invalid = (problem: string): never => {
  throw new QueryInvalid({ problem })
}

const scaled = (value: unknown, typed: Typed): bigint =>
  BigInt((exactDecimal(value as string, typed.type as never) ?? "0").replace(".", ""))

const unscaled = (value: bigint, typed: Typed): string => {
  const { scale } = typed.type as { readonly scale: number }
  const digits = value
    .toString()
    .replace("-", "")
    .padStart(scale + 1, "0")
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
  return value < 0n ? `-${text}` : text
}

/** What sorts and compares as the column does. */
export const sortable = (value: unknown, typed: Typed | undefined): unknown => {
  if (value === null || value === undefined) return null
  if (typed?.type.kind === "decimal") return scaled(value, typed)
  if (typeof value === "string") return Buffer.from(value).toString("hex")
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex")
  if (value instanceof Date) return value.getTime()
  return value
}

export const compare = (a: unknown, b: unknown): number => {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  return (a as number) < (b as number) ? -1 : 1
}

const pattern = (like: string): RegExp => {
  const chars = [...like]
  let source = ""
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] as string
    const literal = char === "\\" ? (chars[++i] ?? "") : char
    if (char === "%") source += "[\\s\\S]*"
    else if (char === "_") source += "[\\s\\S]"
    else if (literal !== "") source += `\\u{${(literal.codePointAt(0) as number).toString(16)}}`
  }
  return new RegExp(`^${source}$`, "u")
}

/** A value that is given, checked against the type it must have. */
const given = (node: Expression & { readonly _tag: "slot" | "value" }, scope: Scope, orNull = false): unknown => {
  const { typed } = node
  if (typed === undefined) return invalid("nothing says what type it has")
  const value = node._tag === "slot" ? scope.parameters[node.name] : node.value
  if (node._tag === "value" && value === undefined) return invalid("a value is undefined")
  if (!node.list) return checked(value, typed, orNull)
  if (!Array.isArray(value)) throw new ValueInvalid({ ...typed.of, problem: "expected a list" })
  return value.map((item) => checked(item, typed, false))
}

/** What is assigned may be null. */
export const assigned = (node: Expression, scope: Scope, nullable: boolean): unknown =>
  node._tag === "slot" || node._tag === "value" ? given(node, scope, nullable) : evaluate(node, scope)

const summable = new Set(["integer", "bigInteger", "float", "decimal"])

const aggregate = (node: Expression & { readonly _tag: "aggregate" }, scope: Scope): unknown => {
  const { distinct, function: name, of, typed } = node
  if ((name === "sum" || name === "avg") && !summable.has(of?.typed?.type.kind ?? "")) return invalid("not a number")
  const rows = scope.group ?? [scope.rows]
  const values = rows.map((rows) => (of === undefined ? 1 : evaluate(of, { ...scope, rows, group: undefined })))
  const present = values.filter((value) => value !== null)
  const own = of?.typed
  const key = (value: unknown) => sortable(value, own)
  if (name === "count") return distinct ? new Set(present.map(key)).size : present.length
  if (present.length === 0) return null
  if (name === "min" || name === "max") {
    const sorted = present.toSorted((a, b) => compare(key(a), key(b)))
    return name === "min" ? sorted[0] : sorted.at(-1)
  }
  const decimal = own?.type.kind === "decimal" ? own.type : undefined
  if (name === "avg") {
    const sum = present.reduce<number>((sum, value) => sum + Number(value), 0)
    return sum / present.length
  }
  if (decimal !== undefined)
    return unscaled(
      present.reduce<bigint>((sum, v) => sum + scaled(v, typed), 0n),
      typed
    )
  return present.reduce((sum, value) => (sum as number) + (value as number))
}

export const evaluate = (node: Expression, scope: Scope): unknown => {
  switch (node._tag) {
    case "column": {
      const row = scope.rows[node.source]
      return row === undefined ? null : (row[node.field.property] ?? null)
    }
    case "slot":
    case "value":
      return given(node, scope)
    case "compare": {
      if (node.left.typed?.type.kind === "json") return invalid("JSON is compared with nothing")
      const left = sortable(evaluate(node.left, scope), node.left.typed)
      const right = sortable(evaluate(node.right, scope), node.right.typed ?? node.left.typed)
      if (left === null || right === null) return null
      const order = compare(left, right)
      return {
        "=": order === 0,
        "<>": order !== 0,
        "<": order < 0,
        "<=": order <= 0,
        ">": order > 0,
        ">=": order >= 0
      }[node.operator]
    }
    case "arithmetic": {
      const left = evaluate(node.left, scope)
      const right = evaluate(node.right, scope)
      const { typed } = node
      if (typed?.type.kind === "decimal") {
        if (node.operator === "*") return invalid("decimals are not multiplied")
        if (left === null || right === null) return null
        const [a, b] = [scaled(left, typed), scaled(right, typed)]
        return unscaled(node.operator === "+" ? a + b : a - b, typed)
      }
      if (left === null || right === null) return null
      const [a, b] = [left as number, right as number]
      return node.operator === "+" ? a + b : node.operator === "-" ? a - b : a * b
    }
    case "like": {
      const of = evaluate(node.of, scope)
      const like = evaluate(node.pattern, scope)
      return of === null || like === null ? null : pattern(like as string).test(of as string)
    }
    case "isNull":
      return evaluate(node.of, scope) === null
    case "in": {
      if (node.of.typed?.type.kind === "json") return invalid("JSON is compared with nothing")
      const of = sortable(evaluate(node.of, scope), node.of.typed)
      const list = evaluate(node.list, scope) as ReadonlyArray<unknown>
      return of === null
        ? list.length === 0
          ? false
          : null
        : list.some((item) => sortable(item, node.of.typed) === of)
    }
    case "inSelect": {
      const of = sortable(evaluate(node.of, scope), node.of.typed)
      return scope.select(node.select).some(([item]) => sortable(item, node.of.typed) === of)
    }
    case "and":
    case "or": {
      const values = node.items.map((item) => evaluate(item, scope))
      const decisive = node._tag === "or"
      return values.includes(decisive) ? decisive : values.includes(null) ? null : !decisive
    }
    case "not": {
      const of = evaluate(node.of, scope)
      return of === null ? null : !of
    }
    case "aggregate":
      return aggregate(node, scope)
    case "invalid":
      return invalid(node.problem)
  }
}

/** Walks a query before it runs: what is invalid or unknown is found without any row. */
export const verify = (value: unknown, features: ReadonlySet<string>, depth = 0): void => {
  if (depth > 1000) return invalid("it is too deep")
  if (Array.isArray(value)) {
    for (const item of value) verify(item, features, depth + 1)
    return
  }
  if (typeof value !== "object" || value === null) return
  const node = value as { readonly [key: string]: unknown }
  if (node["_tag"] === "invalid") invalid(String(node["problem"]))
  const of = (value: unknown) => (value as Expression | undefined)?.typed
  if (node["operator"] === "*" && of(node)?.type.kind === "decimal") invalid("decimals are not multiplied")
  if ("as" in node && of(node["expression"]) === undefined)
    invalid(`nothing says what type "${String(node["as"])}" has`)
  const feature = node["feature"]
  if (typeof feature === "string" && !features.has(feature))
    throw new UnsupportedFeature({ feature, dialect: "memory" })
  for (const key of Object.keys(node)) {
    if (key !== "model" && key !== "field" && key !== "typed" && key !== "value" && key !== "on" && key !== "slots") {
      verify(node[key], features, depth + 1)
    } else if (key === "on" && !Array.isArray(node["on"])) verify(node["on"], features, depth + 1)
  }
}
