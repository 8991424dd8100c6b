/**
 * Finds the query for a filter and an order without building it each time: everything but the values makes a key, and the
 * values go to slots `0`, `1`, … in the order in which they were met.
 */
import * as types from "../../ColumnType.ts"
import type { Expression, Order } from "../../Expression.ts"
import type { Any as AnyModel } from "../../Model.ts"
import type { QueryNode } from "../../QueryNode.ts"
import { typedAs } from "../expr.ts"
import type { Typed } from "../field.ts"
import { type Bind, comparisons, invalid, isOperators, maxDepth, patterns, whereOf } from "../where.ts"

/** How many shapes a model remembers; a filter made by a stranger must not fill the memory. The oldest goes first. */
const maxShapes = 500

export const integer = typedAs(types.integer)

export interface Shape {
  readonly node: QueryNode
}

const operatorsKey = (
  property: string,
  operators: { readonly [operator: string]: unknown },
  values: Array<unknown>
) => {
  let key = ""
  for (const operator in operators) {
    const value = operators[operator]
    if (comparisons[operator] !== undefined) {
      if (value === undefined) return undefined
      if (value !== null) values.push(value)
      key += `${property} ${operator}${value === null ? "!" : ""};`
    } else if (operator === "in" || operator === "notIn") {
      if (!Array.isArray(value)) return undefined
      values.push(value)
      key += `${property} ${operator};`
    } else if (operator === "isNull") {
      if (typeof value !== "boolean") return undefined
      key += `${property} ${value};`
    } else {
      const pattern = patterns[operator]
      if (pattern === undefined || typeof value !== "string") return undefined
      values.push(pattern(value))
      key += `${property} like;`
    }
  }
  return key === "" ? undefined : key
}

/** The key of a filter; its values go to `values`. Undefined when something is odd: the long way then says what. */
export const whereKey = (model: AnyModel, where: unknown, values: Array<unknown>, depth = 0): string | undefined => {
  if (!isOperators(where) || depth > maxDepth) return undefined
  let key = ""
  for (const property in where) {
    const value = where[property]
    let part: string | undefined
    if (property === "and" || property === "or") {
      if (!Array.isArray(value)) return undefined
      part = `${property}(`
      for (const item of value) {
        const inner = whereKey(model, item, values, depth + 1)
        if (inner === undefined) return undefined
        part += `${inner},`
      }
      part += ")"
    } else if (property === "not") {
      const inner = whereKey(model, value, values, depth + 1)
      part = inner === undefined ? undefined : `not(${inner})`
    } else if (value === undefined || model.field(property) === undefined) {
      return undefined
    } else if (value === null) {
      part = `${property} null;`
    } else if (isOperators(value)) {
      part = operatorsKey(property, value, values)
    } else {
      values.push(value)
      part = `${property};`
    }
    if (part === undefined) return undefined
    key += part
  }
  return key
}

/** Gives slots in order, from `first` on. */
export const slots = (first = 0): Bind => {
  let next = first
  return (_, typed, list) => ({ _tag: "slot", name: String(next++), list, typed })
}

export const slot = (index: number, typed: Typed, list = false): Expression => ({
  _tag: "slot",
  name: String(index),
  list,
  typed
})

export const filterOf = (model: AnyModel, where: unknown, first = 0): Expression | undefined =>
  where === undefined ? undefined : whereOf(model, model.name, where, slots(first))

type OrderItem = string | { readonly desc: string }

/** Undefined when something is odd. */
export const orderKey = (model: AnyModel, orderBy: unknown): string | undefined => {
  if (orderBy === undefined) return ""
  if (!Array.isArray(orderBy)) return undefined
  let key = ""
  for (const item of orderBy as ReadonlyArray<OrderItem | undefined>) {
    const property = typeof item === "string" ? item : item?.desc
    if (property === undefined || model.field(property) === undefined) return undefined
    key += typeof item === "string" ? `${item},` : `-${property},`
  }
  return key
}

/** An item that names no column becomes an expression that no interpreter compiles. */
export const ordersOf = (model: AnyModel, orderBy: unknown): ReadonlyArray<Order> => {
  if (orderBy === undefined) return []
  if (!Array.isArray(orderBy)) return [{ expression: invalid("the order is no list"), descending: false }]
  return (orderBy as ReadonlyArray<OrderItem>).map((item): Order => {
    const descending = typeof item === "object" && item !== null
    const property = descending ? item.desc : item
    const field = typeof property === "string" ? model.field(property) : undefined
    if (field === undefined) {
      return { expression: invalid(`"${model.name}" has no column "${String(property)}" to sort by`), descending }
    }
    return { expression: { _tag: "column", source: model.name, field, typed: field }, descending }
  })
}

/** Remembers queries by key. */
export class Shapes {
  readonly #known = new Map<string, Shape>()

  get(key: string, make: () => QueryNode): Shape {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    if (this.#known.size >= maxShapes) {
      const [oldest] = this.#known.keys()
      if (oldest !== undefined) this.#known.delete(oldest)
    }
    const shape = { node: make() }
    this.#known.set(key, shape)
    return shape
  }
}

const byModel = new WeakMap<AnyModel, Shapes>()

/** The queries of a model are shared by all its repositories. */
export const shapesOf = (model: AnyModel): Shapes => {
  const known = byModel.get(model)
  if (known !== undefined) return known
  const shapes = new Shapes()
  byModel.set(model, shapes)
  return shapes
}
