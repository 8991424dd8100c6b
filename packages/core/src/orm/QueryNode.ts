/** Queries as data: what an interpreter reads. Plain objects; whoever builds one by hand is as welcome as the builders. */
import type { Expression, Order, Typed } from "./Expression.ts"
import type { Feature } from "./Feature.ts"
import type { Any as AnyModel, Field } from "./Model.ts"

/** A table under the name by which this query's columns call it. */
export interface Source {
  readonly model: AnyModel
  readonly alias: string
}

export interface Join extends Source {
  readonly kind: "inner" | "left"
  readonly on: Expression
  readonly feature: Feature
}

/** One column of a result. */
export interface Output {
  readonly as: string
  readonly expression: Expression
}

export interface Lock {
  readonly skipLocked: boolean
  readonly feature: Feature
}

/** At most `limit` rows with the same value of `by`, the first ones in the order of the query. */
export interface PerGroup {
  readonly by: Expression
  readonly limit: Expression
  readonly feature: Feature
}

export interface SelectNode {
  readonly _tag: "select"
  readonly from: Source
  readonly joins: ReadonlyArray<Join>
  readonly columns: ReadonlyArray<Output>
  readonly distinct: boolean
  readonly where: Expression | undefined
  readonly groupBy: ReadonlyArray<Expression>
  readonly having: Expression | undefined
  readonly orderBy: ReadonlyArray<Order>
  readonly limit: Expression | undefined
  readonly offset: Expression | undefined
  readonly perGroup: PerGroup | undefined
  readonly lock: Lock | undefined
  /** All rows, or an `Option` of the first. */
  readonly result: "rows" | "first"
}

export interface Assignment {
  readonly field: Field
  readonly to: Expression
}

/**
 * What an insert does when a row with the same `on` is there: nothing, or `set`. In `set` the row that is there has the
 * table's name as source, and the given one `excluded`.
 */
export interface Conflict {
  readonly on: ReadonlyArray<Field>
  readonly set: ReadonlyArray<Assignment>
  readonly feature: Feature
}

/** What a statement that writes gives: how many rows it met, or those rows, or the only one. */
export type Written = "count" | "rows" | "one"

export interface Returning {
  readonly columns: ReadonlyArray<Output>
  readonly feature: Feature
}

/**
 * The input is a row, or `{ rows }` when `many`. The interpreter fills in defaults, and gives rows in the order of the
 * input. `one` and `rows` give whole rows of the model.
 */
export interface InsertNode {
  readonly _tag: "insert"
  readonly model: AnyModel
  readonly many: boolean
  readonly conflict: Conflict | undefined
  readonly result: Written
}

export interface UpdateNode {
  readonly _tag: "update"
  readonly model: AnyModel
  readonly set: ReadonlyArray<Assignment>
  /** Undefined updates every row. */
  readonly where: Expression | undefined
  readonly returning: Returning | undefined
}

export interface DeleteNode {
  readonly _tag: "delete"
  readonly model: AnyModel
  readonly where: Expression | undefined
  readonly returning: Returning | undefined
}

/** Text for one database or several, with typed slots written `:name`, and typed columns of the result. */
export interface RawNode {
  readonly _tag: "raw"
  readonly text: { readonly [dialect: string]: string }
  readonly slots: { readonly [name: string]: Typed }
  /** In the order of the result; undefined when the statement gives none, which answers with a count. */
  readonly columns: ReadonlyArray<{ readonly as: string; readonly typed: Typed }> | undefined
  readonly feature: Feature
}

export type QueryNode = SelectNode | InsertNode | UpdateNode | DeleteNode | RawNode
