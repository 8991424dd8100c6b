/** Queries by primary key, made once for each model. */
import * as types from "../../ColumnType.ts"
import type { Expression } from "../../Expression.ts"
import type { Any as AnyModel } from "../../Model.ts"
import type { DeleteNode, QueryNode, SelectNode, UpdateNode } from "../../QueryNode.ts"
import { typedAs } from "../expr.ts"
import { assignments, outputs, selectNode } from "../query.ts"
import { invalid, isOperators } from "../where.ts"
import { shapesOf, slot } from "./shapes.ts"

const boolean = typedAs(types.boolean)

/** Holds for the row whose key is in the slots from `first` on. */
const keyFilter = (model: AnyModel, first: number): Expression => {
  const items = model.key.map(
    (field, i): Expression => ({
      _tag: "compare",
      operator: "=",
      left: { _tag: "column", source: model.name, field, typed: field },
      right: slot(first + i, field),
      typed: boolean
    })
  )
  if (items.length === 0) return invalid(`"${model.name}" has no primary key`)
  return items.length === 1 ? (items[0] as Expression) : { _tag: "and", items, typed: boolean }
}

/** The values of a key, in the order of its columns. */
export const keyValues = (model: AnyModel, key: unknown): ReadonlyArray<unknown> =>
  model.key.length === 1
    ? [key]
    : model.key.map(({ property }) => (key as { readonly [property: string]: unknown } | undefined)?.[property])

export const selectByKey = (model: AnyModel): SelectNode => ({
  ...selectNode(model, model.name),
  where: keyFilter(model, 0),
  result: "first"
})

export const deleteByKey = (model: AnyModel): DeleteNode => ({
  _tag: "delete",
  model,
  where: keyFilter(model, 0),
  returning: undefined
})

const updateNode = (model: AnyModel, properties: ReadonlyArray<string>, returning: boolean): UpdateNode => {
  const slots = properties.map((property, i) => {
    const field = model.field(property)
    if (field === undefined)
      return { field: model.fields[0] as never, to: invalid(`"${model.name}" has no column "${property}"`) }
    if (field.spec.readonly) return { field, to: invalid(`"${model.name}.${property}" is readonly`) }
    return { field, to: slot(i, field) }
  })
  return {
    _tag: "update",
    model,
    set: slots,
    where: keyFilter(model, properties.length),
    returning: returning ? { columns: outputs(model, model.name), feature: "returning" } : undefined
  }
}

export interface UpdateByKey {
  readonly node: QueryNode
  readonly slots: ReadonlyArray<unknown>
}

/** Updates by key. Most callers set the same columns again and again, so that the last query is tried first. */
export class KeyedUpdates {
  readonly #model: AnyModel
  #last: { readonly properties: ReadonlyArray<string>; readonly returning: boolean; readonly node: QueryNode }

  constructor(model: AnyModel) {
    this.#model = model
    this.#last = { properties: [], returning: false, node: updateNode(model, [], false) }
  }

  /** The query that sets the given values, and what fills its slots: the values, then the key. */
  get(key: unknown, values: { readonly [property: string]: unknown }, returning: boolean): UpdateByKey {
    const { node, properties } = this.#last
    const count = properties.length
    let same = returning === this.#last.returning && count > 0
    const slots = new Array<unknown>(count + 1)
    let i = 0
    for (const property in values) {
      const value = values[property]
      if (i === count || properties[i] !== property || value === undefined) {
        same = false
        break
      }
      slots[i++] = value
    }
    if (!same || i !== count) return this.find(key, values, returning)
    if (this.#model.key.length === 1) slots[count] = key
    else slots.splice(count, 1, ...keyValues(this.#model, key))
    return { node, slots }
  }

  private find(key: unknown, values: { readonly [property: string]: unknown }, returning: boolean): UpdateByKey {
    const model = this.#model
    const properties = Object.keys(values)
    const odd = properties.some((property) => values[property] === undefined || model.field(property) === undefined)
    if (odd || !isOperators(values)) {
      const node = { ...updateNode(model, [], returning), set: assignments(model, values) }
      return { node, slots: keyValues(model, key) }
    }
    const name = `update ${returning} ${properties.join()}`
    const { node } = shapesOf(model).get(name, () => updateNode(model, properties, returning))
    this.#last = { properties, returning, node }
    return { node, slots: [...properties.map((property) => values[property]), ...keyValues(model, key)] }
  }
}
