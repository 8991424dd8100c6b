/** Filters as objects, made into expressions. */
import * as types from "../ColumnType.ts"
import type { Comparison, Expression } from "../Expression.ts"
import type { Any as AnyModel } from "../Model.ts"
import { ExprImpl, typedAs } from "./expr.ts"
import type { Field, Typed } from "./field.ts"

/** Makes the node for a value of a filter: a value, or a slot that it will fill. */
export type Bind = (value: unknown, typed: Typed, list: boolean) => Expression

const boolean = typedAs(types.boolean)
const text = typedAs(types.text)

export const invalid = (problem: string): Expression => ({ _tag: "invalid", problem, typed: boolean })
const not = (of: Expression): Expression => ({ _tag: "not", of, typed: boolean })
const all = (items: ReadonlyArray<Expression>): Expression =>
  items.length === 1 ? (items[0] as Expression) : { _tag: "and", items, typed: boolean }

/** Whether an object lists operators, rather than being a value. */
export const isOperators = (value: unknown): value is { readonly [operator: string]: unknown } => {
  if (typeof value !== "object" || value === null || value instanceof ExprImpl) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** So that `50%` finds itself only. */
const literally = (value: string): string => value.replace(/[\\%_]/g, "\\$&")

export const patterns: { readonly [operator: string]: ((value: string) => string) | undefined } = {
  __proto__: null as never,
  like: (value) => value,
  contains: (value) => `%${literally(value)}%`,
  startsWith: (value) => `${literally(value)}%`,
  endsWith: (value) => `%${literally(value)}`
}

export const comparisons: { readonly [operator: string]: Comparison | undefined } = {
  __proto__: null as never,
  eq: "=",
  ne: "<>",
  lt: "<",
  lte: "<=",
  gt: ">",
  gte: ">="
}

const condition = (of: Expression, field: Field, operator: string, value: unknown, bind: Bind): Expression => {
  const name = `${field.of.table}.${field.property}`
  if (value === undefined) return invalid(`"${operator}" of "${name}" is undefined`)
  if (operator === "isNull") {
    if (typeof value !== "boolean") return invalid(`"isNull" of "${name}" is neither true nor false`)
    const isNull: Expression = { _tag: "isNull", of, typed: boolean }
    return value ? isNull : not(isNull)
  }
  if (operator === "in" || operator === "notIn") {
    if (!Array.isArray(value) && !(value instanceof ExprImpl)) return invalid(`"${operator}" of "${name}" takes a list`)
    const within: Expression = { _tag: "in", of, list: bind(value, field, true), typed: boolean }
    return operator === "in" ? within : not(within)
  }
  const comparison = comparisons[operator]
  if (comparison !== undefined) {
    if (value !== null) {
      return { _tag: "compare", operator: comparison, left: of, right: bind(value, field, false), typed: boolean }
    }
    if (operator !== "eq" && operator !== "ne") return invalid(`"${name}" is compared with null by "${operator}"`)
    const isNull: Expression = { _tag: "isNull", of, typed: boolean }
    return operator === "eq" ? isNull : not(isNull)
  }
  const pattern = patterns[operator]
  if (pattern === undefined) return invalid(`"${operator}" of "${name}" is no operator`)
  if (field.type.kind !== "text" && field.type.kind !== "enum")
    return invalid(`"${operator}" is for text, and "${name}" is none`)
  if (typeof value === "string") return { _tag: "like", of, pattern: bind(pattern(value), text, false), typed: boolean }
  if (operator === "like" && value instanceof ExprImpl) {
    return { _tag: "like", of, pattern: bind(value, text, false), typed: boolean }
  }
  return invalid(`"${operator}" of "${name}" takes text`)
}

/** Filters in filters; deeper ones are somebody's attack on the stack. */
export const maxDepth = 100

const conditions = (
  model: AnyModel,
  alias: string,
  key: string,
  value: unknown,
  bind: Bind,
  depth: number
): Expression => {
  if (value === undefined) return invalid(`"${key}" of the filter on "${model.name}" is undefined`)
  if (key === "and" || key === "or") {
    if (!Array.isArray(value)) return invalid(`"${key}" takes a list of filters`)
    return { _tag: key, items: value.map((item) => whereOf(model, alias, item, bind, depth + 1)), typed: boolean }
  }
  if (key === "not") return not(whereOf(model, alias, value, bind, depth + 1))
  const field = model.field(key)
  if (field === undefined) return invalid(`"${model.name}" has no column "${key}"`)
  const of: Expression = { _tag: "column", source: alias, field, typed: field }
  if (!isOperators(value)) return condition(of, field, "eq", value, bind)
  const operators = Object.keys(value)
  if (operators.length === 0) return invalid(`the filter on "${model.name}.${key}" is empty`)
  return all(operators.map((operator) => condition(of, field, operator, value[operator], bind)))
}

/** A filter as an expression. An empty object holds for every row. */
export const whereOf = (model: AnyModel, alias: string, where: unknown, bind: Bind, depth = 0): Expression => {
  if (depth > maxDepth) return invalid(`the filter on "${model.name}" is deeper than ${maxDepth}`)
  if (!isOperators(where)) return invalid(`the filter on "${model.name}" is no object`)
  return all(Object.keys(where).map((key) => conditions(model, alias, key, where[key], bind, depth)))
}
