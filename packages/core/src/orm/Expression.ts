/**
 * Expressions: columns, values, slots for parameters, and what is made of them. Nodes are plain objects; `Expr` is a node
 * with the type of its value and the methods that make more.
 *
 * @example
 * (t) => and(t.state.eq("queued"), t.runAt.lte(p.now), or(t.lease.isNull(), t.lease.lt(p.now)))
 */

import * as types from "./ColumnType.ts"
import type { Feature } from "./Feature.ts"
import { ExprImpl, typedAs } from "./internal/expr.ts"
import type { Field, Typed } from "./internal/field.ts"
import type { SelectNode } from "./QueryNode.ts"

export type { Typed } from "./internal/field.ts"

export type Comparison = "=" | "<>" | "<" | "<=" | ">" | ">="
export type Arithmetic = "+" | "-" | "*"
export type AggregateFunction = "count" | "sum" | "min" | "max" | "avg"

/** `typed` is undefined only where nothing says what a slot or a value is compared with. */
export type Expression =
  /** `source` is the alias of the table in this query. */
  | { readonly _tag: "column"; readonly source: string; readonly field: Field; readonly typed: Typed }
  /** Filled when the query runs; a `list` slot takes an array. */
  | { readonly _tag: "slot"; readonly name: string; readonly list: boolean; readonly typed: Typed | undefined }
  | { readonly _tag: "value"; readonly value: unknown; readonly list: boolean; readonly typed: Typed | undefined }
  | {
      readonly _tag: "compare"
      readonly operator: Comparison
      readonly left: Expression
      readonly right: Expression
      readonly typed: Typed
    }
  | {
      readonly _tag: "arithmetic"
      readonly operator: Arithmetic
      readonly left: Expression
      readonly right: Expression
      readonly typed: Typed | undefined
    }
  /** `like` with `%` and `_`, `\` before one that is meant literally; upper and lower case are different. */
  | { readonly _tag: "like"; readonly of: Expression; readonly pattern: Expression; readonly typed: Typed }
  | { readonly _tag: "isNull"; readonly of: Expression; readonly typed: Typed }
  | { readonly _tag: "in"; readonly of: Expression; readonly list: Expression; readonly typed: Typed }
  | {
      readonly _tag: "inSelect"
      readonly of: Expression
      readonly select: SelectNode
      readonly typed: Typed
      readonly feature: Feature
    }
  | { readonly _tag: "and" | "or"; readonly items: ReadonlyArray<Expression>; readonly typed: Typed }
  | { readonly _tag: "not"; readonly of: Expression; readonly typed: Typed }
  | {
      readonly _tag: "aggregate"
      readonly function: AggregateFunction
      /** Left out by `count()` of rows. */
      readonly of: Expression | undefined
      readonly distinct: boolean
      readonly typed: Typed
      readonly feature: Feature
    }
  /** Was built from what makes no sense; whoever compiles it fails with `QueryInvalid`. */
  | { readonly _tag: "invalid"; readonly problem: string; readonly typed: Typed }

/** What an operator takes on its right: a value, or an expression that gives one. */
export type Operand<T> = NonNullable<T> | Expr<T | null>

/** An expression whose value has type `T`. */
export interface Expr<out T> {
  readonly node: Expression
  readonly "~T": T
  eq(other: Operand<T>): Expr<boolean>
  /** As in SQL: a null is neither equal nor different, so it is not found by `ne`. */
  ne(other: Operand<T>): Expr<boolean>
  lt(other: Operand<T>): Expr<boolean>
  lte(other: Operand<T>): Expr<boolean>
  gt(other: Operand<T>): Expr<boolean>
  gte(other: Operand<T>): Expr<boolean>
  in(list: ReadonlyArray<NonNullable<T>> | Expr<ReadonlyArray<NonNullable<T>>> | ListOf<T>): Expr<boolean>
  like(pattern: string | Expr<string>): Expr<boolean>
  isNull(): Expr<boolean>
  isNotNull(): Expr<boolean>
  plus(other: Operand<T>): Expr<T>
  minus(other: Operand<T>): Expr<T>
  times(other: Operand<T>): Expr<T>
  asc(): Order
  desc(): Order
}

/** A select of one column, as the right side of `in`. */
export interface ListOf<out T> {
  readonly node: SelectNode
  readonly "~list": T | null
}

/** Null counts as smaller than every value, on every database. */
export interface Order {
  readonly expression: Expression
  readonly descending: boolean
}

const boolean = typedAs(types.boolean)
const whole = typedAs(types.integer)

const logic = (_tag: "and" | "or", items: ReadonlyArray<Expr<boolean>>): Expr<boolean> =>
  new ExprImpl({ _tag, items: items.map(({ node }) => node), typed: boolean })

/** True when all are; with no item, always. */
export const and = (...items: ReadonlyArray<Expr<boolean>>): Expr<boolean> => logic("and", items)
/** True when one is; with no item, never. */
export const or = (...items: ReadonlyArray<Expr<boolean>>): Expr<boolean> => logic("or", items)
export const not = (item: Expr<boolean>): Expr<boolean> => new ExprImpl({ _tag: "not", of: item.node, typed: boolean })

const aggregate = <T>(
  name: AggregateFunction,
  of: Expr<unknown> | undefined,
  typed: Typed,
  distinct = false
): Expr<T> => new ExprImpl({ _tag: "aggregate", function: name, of: of?.node, distinct, typed, feature: "aggregate" })

const nullableTypeOf = (of: Expr<unknown>): Typed => ({ ...copy(of.node.typed ?? whole), nullable: true })
const copy = ({ codec, of, type }: Typed) => ({ codec, of, type })

/** Number of rows, or of rows in which `of` is not null. */
export const count = (of?: Expr<unknown>, options: { readonly distinct?: boolean } = {}): Expr<number> =>
  aggregate("count", of, whole, options.distinct)
/** Null when there are no rows. */
export const sum = <T extends number | bigint | string>(of: Expr<T | null>): Expr<T | null> =>
  aggregate("sum", of, nullableTypeOf(of))
export const avg = (of: Expr<number | bigint | string | null>): Expr<number | null> =>
  aggregate("avg", of, typedAs(types.float, true))
export const min = <T>(of: Expr<T>): Expr<T | null> => aggregate("min", of, nullableTypeOf(of))
export const max = <T>(of: Expr<T>): Expr<T | null> => aggregate("max", of, nullableTypeOf(of))
