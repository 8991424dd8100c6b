/** The builders behind `Query.ts`, whose types they take on faith. */
import * as types from "../ColumnType.ts"
import type { Expr, Expression, Order } from "../Expression.ts"
import type { Any as AnyModel, Columns } from "../Model.ts"
import type * as Node from "../QueryNode.ts"
import { ExprImpl, operand, typedAs } from "./expr.ts"
import { type Field, ModelField } from "./field.ts"
import { invalid, whereOf } from "./where.ts"

const integer = typedAs(types.integer)
const boolean = typedAs(types.boolean)

type Exprs = { readonly [property: string]: Expr<unknown> }
type Scope = { readonly [name: string]: unknown }
type Callback<A> = (scope: Scope) => A

const columnOf = (alias: string, field: Field): Expression => ({ _tag: "column", source: alias, field, typed: field })

export const exprs = (model: AnyModel, alias: string): Exprs =>
  Object.fromEntries(model.fields.map((field) => [field.property, new ExprImpl(columnOf(alias, field))]))

export const outputs = (model: AnyModel, alias: string): ReadonlyArray<Node.Output> =>
  model.fields.map((field) => ({ as: field.property, expression: columnOf(alias, field) }))

const picked = (columns: { readonly [as: string]: Expr<unknown> }): ReadonlyArray<Node.Output> =>
  Object.entries(columns).map(([as, { node }]) => ({ as, expression: node }))

export const both = (a: Expression | undefined, b: Expression): Expression =>
  a === undefined ? b : { _tag: "and", items: [a, b], typed: boolean }

const filter = (model: AnyModel, alias: string, scope: Scope, given: unknown): Expression =>
  typeof given === "function"
    ? (given as Callback<Expr<boolean>>)(scope).node
    : whereOf(model, alias, given, (value, typed, list) => {
        const node = operand(value, typed)
        return node._tag === "value" || node._tag === "slot" ? { ...node, list } : node
      })

class SelectBuilder {
  declare readonly "~types": never
  declare readonly "~list": never
  readonly node: Node.SelectNode
  readonly scope: Scope
  constructor(node: Node.SelectNode, scope: Scope) {
    this.node = node
    this.scope = scope
  }
  private with(change: Partial<Node.SelectNode>, scope = this.scope): SelectBuilder {
    return new SelectBuilder({ ...this.node, ...change }, scope)
  }
  private joined(kind: "inner" | "left", to: { readonly [alias: string]: AnyModel }, on: Callback<Expr<boolean>>) {
    const added = Object.fromEntries(Object.entries(to).map(([alias, model]) => [alias, exprs(model, alias)]))
    const scope = { ...this.scope, ...added }
    const condition = on(scope).node
    const joins = Object.entries(to).map(
      ([alias, model]): Node.Join => ({ kind, alias, model, on: condition, feature: "join" })
    )
    return this.with({ joins: [...this.node.joins, ...joins] }, scope)
  }
  join(to: { readonly [alias: string]: AnyModel }, on: Callback<Expr<boolean>>) {
    return this.joined("inner", to, on)
  }
  leftJoin(to: { readonly [alias: string]: AnyModel }, on: Callback<Expr<boolean>>) {
    return this.joined("left", to, on)
  }
  where(given: unknown) {
    const { alias, model } = this.node.from
    return this.with({ where: both(this.node.where, filter(model, alias, this.scope, given)) })
  }
  groupBy(by: Callback<ReadonlyArray<Expr<unknown>>>) {
    return this.with({ groupBy: by(this.scope).map(({ node }) => node) })
  }
  having(by: Callback<Expr<boolean>>) {
    return this.with({ having: both(this.node.having, by(this.scope).node) })
  }
  orderBy(by: Callback<ReadonlyArray<Order>>) {
    return this.with({ orderBy: by(this.scope) })
  }
  limit(rows: unknown) {
    return this.with({ limit: operand(rows, integer) })
  }
  offset(rows: unknown) {
    return this.with({ offset: operand(rows, integer) })
  }
  distinct() {
    return this.with({ distinct: true })
  }
  limitPerGroup(by: Callback<Expr<unknown>>, rows: unknown) {
    const limit = operand(rows, integer)
    return this.with({ perGroup: { by: by(this.scope).node, limit, feature: "limit.perGroup" } })
  }
  forUpdate({ skipLocked = false }: { readonly skipLocked?: boolean } = {}) {
    return this.with({ lock: { skipLocked, feature: skipLocked ? "lock.skipLocked" : "lock.update" } })
  }
  select(columns: Callback<{ readonly [as: string]: Expr<unknown> }>) {
    return this.with({ columns: picked(columns(this.scope)) })
  }
  first() {
    return this.with({ result: "first" })
  }
}

const isModel = (from: object): from is AnyModel => "fields" in from && Array.isArray(from.fields)

/** A select of a model's rows, which the builder refines. */
export const selectNode = (model: AnyModel, alias: string): Node.SelectNode => ({
  _tag: "select",
  from: { model, alias },
  joins: [],
  columns: outputs(model, alias),
  distinct: false,
  where: undefined,
  groupBy: [],
  having: undefined,
  orderBy: [],
  limit: undefined,
  offset: undefined,
  perGroup: undefined,
  lock: undefined,
  result: "rows"
})

export const from = (source: AnyModel | { readonly [alias: string]: AnyModel }): SelectBuilder => {
  if (isModel(source)) return new SelectBuilder(selectNode(source, source.name), exprs(source, source.name))
  const [first, ...others] = Object.entries(source)
  if (first === undefined || others.length > 0) throw new TypeError("Query.from takes one table; join the others")
  const [alias, model] = first
  return new SelectBuilder(selectNode(model, alias), { [alias]: exprs(model, alias) })
}

/** An update or a delete, once it is said of which rows. */
const writing = (node: Node.UpdateNode | Node.DeleteNode) => ({
  node,
  returning: (columns?: Callback<{ readonly [as: string]: Expr<unknown> }>) => {
    const { model } = node
    const returned = columns === undefined ? outputs(model, model.name) : picked(columns(exprs(model, model.name)))
    return { node: { ...node, returning: { columns: returned, feature: "returning" } } }
  }
})

const aiming = (node: Node.UpdateNode | Node.DeleteNode) => ({
  where: (given: unknown) => {
    const { model } = node
    return writing({ ...node, where: filter(model, model.name, exprs(model, model.name), given) })
  },
  all: () => writing(node)
})

/** What is wrong becomes an expression that no interpreter compiles, so that it is found as a typed error. */
export const assignments = (
  model: AnyModel,
  values: { readonly [property: string]: unknown }
): ReadonlyArray<Node.Assignment> =>
  Object.entries(values).map(([property, value]) => {
    const field = model.field(property)
    if (field === undefined) {
      return { field: model.fields[0] as Field, to: invalid(`"${model.name}" has no column "${property}"`) }
    }
    if (field.spec.readonly) return { field, to: invalid(`"${model.name}.${property}" is readonly`) }
    if (value === undefined) return { field, to: invalid(`"${model.name}.${property}" is set to undefined`) }
    return { field, to: operand(value, field) }
  })

export const update = (model: AnyModel) => ({
  set: (values: unknown) => {
    const given = typeof values === "function" ? values(exprs(model, model.name)) : values
    return aiming({ _tag: "update", model, set: assignments(model, given), where: undefined, returning: undefined })
  }
})

export const remove = (model: AnyModel) => aiming({ _tag: "delete", model, where: undefined, returning: undefined })

const inserting = (node: Node.InsertNode) => ({
  node,
  returning: (): { readonly node: Node.InsertNode } => ({
    node: { ...node, result: node.many || node.conflict?.set.length === 0 ? "rows" : "one" }
  })
})

/** What to set when the row is there: the given values of some columns, or what is calculated. */
export const conflictSet = (model: AnyModel, set: unknown): ReadonlyArray<Node.Assignment> => {
  const given = exprs(model, "excluded")
  if (typeof set === "function") return assignments(model, set(exprs(model, model.name), given))
  const properties = set as ReadonlyArray<string>
  return assignments(model, Object.fromEntries(properties.map((property) => [property, given[property]])))
}

export const insert = (many: boolean) => (model: AnyModel) => {
  const node: Node.InsertNode = { _tag: "insert", model, many, conflict: undefined, result: "count" }
  const resolve = (on: ReadonlyArray<string>, set: ReadonlyArray<Node.Assignment>) => {
    const fields = on.map((property) => model.field(property)).filter((field) => field !== undefined)
    const unknown = on.find((property) => model.field(property) === undefined)
    const wrong = { field: model.fields[0] as Field, to: invalid(`"${model.name}" has no column "${unknown}"`) }
    const all = unknown === undefined ? set : [wrong, ...set]
    return inserting({ ...node, conflict: { on: fields, set: all, feature: "upsert" } })
  }
  return {
    ...inserting(node),
    orIgnore: (on: ReadonlyArray<string>) => resolve(on, []),
    orUpdate: (on: ReadonlyArray<string>, set: unknown) => resolve(on, conflictSet(model, set))
  }
}

/** An upsert that changes nothing: the row is set to what it is, because a database gives back only what it wrote. */
export const touch = (model: AnyModel, on: ReadonlyArray<string>): Node.InsertNode => {
  const { node } = insert(false)(model).orIgnore(on)
  const { conflict } = node
  const [field] = conflict?.on ?? []
  if (conflict === undefined || field === undefined) return node
  const set = [...conflict.set, { field, to: columnOf("excluded", field) }]
  return { ...node, conflict: { ...conflict, set }, result: "one" }
}

interface RawOptions {
  readonly text: { readonly [dialect: string]: string }
  readonly slots?: Columns
  readonly columns?: Columns
}

export const raw = ({ columns, slots = {}, text }: RawOptions): { readonly node: Node.RawNode } => {
  const typed = (columns: Columns) =>
    Object.entries(columns).map(([as, { spec }]) => ({ as, typed: new ModelField("raw", as, spec) }))
  return {
    node: {
      _tag: "raw",
      text,
      slots: Object.fromEntries(typed(slots).map(({ as, typed }) => [as, typed])),
      columns: columns === undefined ? undefined : typed(columns),
      feature: "raw"
    }
  }
}
