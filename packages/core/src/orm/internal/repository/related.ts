/** Loads relations: one query for each relation and level, whatever the number of rows. */
import * as Effect from "effect/Effect"
import * as types from "../../ColumnType.ts"
import type { Expression } from "../../Expression.ts"
import type { Any as AnyModel } from "../../Model.ts"
import type { Interpreter } from "../../Orm.ts"
import { QueryInvalid, type ReadError, RowInvalid } from "../../OrmError.ts"
import type { Query, SelectNode } from "../../Query.ts"
import type { Load, RelationData } from "../../Relation.ts"
import { operand, typedAs } from "../expr.ts"
import { outputs, selectNode } from "../query.ts"
import { whereOf } from "../where.ts"
import { integer, orderKey, ordersOf, shapesOf, slot, slots, whereKey } from "./shapes.ts"

export type Row = { [property: string]: unknown }
export type Loads = { readonly [name: string]: Load<string, unknown> }

interface Options {
  readonly where?: unknown
  readonly orderBy?: unknown
  readonly limit?: unknown
  readonly with?: Loads
}

const boolean = typedAs(types.boolean)
/** Where the rows of a many-to-many relation say whom they belong to; no property can have this name. */
const owner = "~owner"

/** Values of keys as keys of a Map: what is no primitive is told apart by its text. */
const identity = (value: unknown): unknown =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : value

const column = (model: AnyModel, property: string): Expression => {
  const field = model.field(property)
  if (field === undefined) throw new TypeError(`"${model.name}" has no column "${property}"`)
  return { _tag: "column", source: model.name, field, typed: field }
}

/** Selects all related rows of the keys in slot 0. */
const selectOf = (
  relation: RelationData,
  filter: Expression | undefined,
  options: Options,
  next: number
): SelectNode => {
  const { fromProperty, through, to, toProperty } = relation
  const by = column(through?.model ?? to, toProperty)
  const field = relation.from.field(fromProperty)
  const keys: Expression = {
    _tag: "in",
    of: by,
    list: slot(0, field ?? by.typed ?? integer, true),
    typed: boolean
  }
  const node = selectNode(to, to.name)
  const perGroup =
    options.limit === undefined || relation.kind !== "many"
      ? undefined
      : { by, limit: slot(next, integer), feature: "limit.perGroup" }
  const joins =
    through === undefined
      ? []
      : [
          {
            kind: "inner" as const,
            model: through.model,
            alias: through.model.name,
            on: {
              _tag: "compare" as const,
              operator: "=" as const,
              left: column(through.model, through.toProperty),
              right: column(to, to.key[0]?.property ?? ""),
              typed: boolean
            },
            feature: "join"
          }
        ]
  return {
    ...node,
    columns: through === undefined ? node.columns : [...outputs(to, to.name), { as: owner, expression: by }],
    joins,
    where: filter === undefined ? keys : { _tag: "and", items: [keys, filter], typed: boolean },
    orderBy: ordersOf(to, options.orderBy),
    perGroup
  }
}

const queryFor = (relation: RelationData, options: Options, values: Array<unknown>): SelectNode => {
  const { orderBy, where } = options
  const { to } = relation
  const filter = where === undefined ? "" : whereKey(to, where, values)
  const order = orderKey(to, orderBy)
  if (filter === undefined || order === undefined) {
    const inline = whereOf(
      to,
      to.name,
      where,
      (value, typed, list) => ({ ...operand(value, typed), list }) as Expression
    )
    return selectOf(relation, inline, options, 1)
  }
  const next = values.length
  if (options.limit !== undefined) values.push(options.limit)
  const through = relation.through === undefined ? "" : `${relation.through.model.name}.${relation.through.toProperty}`
  const key = `${relation.kind} ${through} ${relation.toProperty}|${filter}|${order}|${options.limit === undefined}`
  return shapesOf(to).get(key, () =>
    selectOf(relation, where === undefined ? undefined : whereOf(to, to.name, where, slots(1)), options, next)
  ).node as SelectNode
}

const grouped = (rows: ReadonlyArray<Row>, by: string): Map<unknown, Array<Row>> => {
  const groups = new Map<unknown, Array<Row>>()
  for (const row of rows) {
    const key = identity(row[by])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
    if (by === owner) delete row[owner]
  }
  return groups
}

const resultOf = ({ kind }: RelationData, found: Array<Row> | undefined): unknown =>
  kind === "many" ? (found ?? []) : (found?.[0] ?? null)

/** The related rows of many keys, by key. */
export const related = (
  interpreter: Interpreter,
  load: Load<string, unknown>,
  keys: ReadonlyArray<unknown>
): Effect.Effect<(key: unknown) => unknown, ReadError> => {
  const { relation } = load
  const options = load.options as Options
  const distinct = new Map<unknown, unknown>()
  for (const key of keys) if (key !== null) distinct.set(identity(key), key)
  if (distinct.size === 0) return Effect.succeed(() => resultOf(relation, undefined))
  const values: Array<unknown> = [[...distinct.values()]]
  const node = queryFor(relation, options, values)
  const query = { node } as unknown as Query<ReadonlyArray<unknown>, ReadonlyArray<Row>>
  return Effect.flatMap(interpreter.run(query, values) as Effect.Effect<ReadonlyArray<Row>, ReadError>, (rows) => {
    const finish = (rows: ReadonlyArray<Row>) => {
      const groups = grouped(rows, relation.through === undefined ? relation.toProperty : owner)
      return (key: unknown) => resultOf(relation, groups.get(identity(key)))
    }
    return options.with === undefined
      ? Effect.succeed(finish(rows))
      : Effect.map(attach(interpreter, relation.to, rows, options.with), finish)
  })
}

const wrongName = (model: AnyModel, name: string, load: Load<string, unknown>): QueryInvalid | undefined => {
  if (model.field(name) !== undefined) {
    return new QueryInvalid({
      problem: `"${name}" is a column of "${model.name}"; load the relation under another name`
    })
  }
  if (load?.relation?.from !== model) {
    return new QueryInvalid({ problem: `"${name}" is not a relation of "${model.name}"` })
  }
  return undefined
}

/** Puts relations into rows, which nobody else holds yet. */
export const attach = (
  interpreter: Interpreter,
  model: AnyModel,
  rows: ReadonlyArray<Row>,
  loads: Loads
): Effect.Effect<ReadonlyArray<Row>, ReadError> =>
  Effect.as(
    Effect.forEach(
      Object.entries(loads),
      ([name, load]) => {
        const wrong = wrongName(model, name, load)
        if (wrong !== undefined) return Effect.fail(wrong)
        const { from, fromProperty, kind, to } = load.relation
        const keys = rows.map((row) => row[fromProperty])
        return Effect.flatMap(related(interpreter, load, keys), (find) => {
          for (const row of rows) {
            const value = find(row[fromProperty])
            if (value === null && kind === "one") {
              const problem = `it points to a row of "${to.name}" that does not exist`
              return Effect.fail(new RowInvalid({ table: from.name, column: fromProperty, problem }))
            }
            row[name] = value
          }
          return Effect.void
        })
      },
      { discard: true }
    ),
    rows
  )
