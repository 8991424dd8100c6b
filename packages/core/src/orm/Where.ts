/**
 * Filters as objects: `{ role: "admin", age: { gte: 18 }, or: [{ … }, { … }] }`. All that is said must hold. A name that
 * is no column, and an `undefined`, are errors: neither ever means "no filter".
 */
import type * as Schema from "effect/Schema"
import type { Expr } from "./Expression.ts"
import type { Columns } from "./Model.ts"

/** Where queries are built, an expression may stand for a value. */
type Value<T, X> = T | (X extends true ? Expr<T | null> : never)

export interface Operators<T, X = false> {
  readonly eq?: Value<T, X>
  /** As in SQL, a null is neither equal nor different. */
  readonly ne?: Value<T, X>
  readonly lt?: Value<T, X>
  readonly lte?: Value<T, X>
  readonly gt?: Value<T, X>
  readonly gte?: Value<T, X>
  readonly in?: ReadonlyArray<T> | (X extends true ? Expr<ReadonlyArray<T>> : never)
  readonly notIn?: ReadonlyArray<T> | (X extends true ? Expr<ReadonlyArray<T>> : never)
  readonly isNull?: boolean
}

/** Text, too: `%` and `_` mean something in `like` only, and upper and lower case are different. */
export interface TextOperators<T, X = false> extends Operators<T, X> {
  readonly like?: Value<string, X>
  readonly contains?: string
  readonly startsWith?: string
  readonly endsWith?: string
}

type Scalar = string | number | bigint | boolean | typeof Schema.Date.Type | Uint8Array
type OperatorsOf<T, X> = [T] extends [string] ? TextOperators<T, X> : Operators<T, X>
/** A value itself means "equal"; null means "is null". What is an object could be meant as operators, so it needs `eq`. */
type Direct<T, X> = [NonNullable<T>] extends [Scalar] ? Value<T, X> : Extract<T, null>
export type Condition<T, X = false> = Direct<T, X> | OperatorsOf<NonNullable<T>, X>

/** JSON is compared with nothing; it is there or not. */
export type Where<C extends Columns, X = false> = {
  readonly [K in keyof C]?: Condition<C[K]["~types"]["type"], X>
} & {
  readonly and?: ReadonlyArray<Where<C, X>>
  readonly or?: ReadonlyArray<Where<C, X>>
  readonly not?: Where<C, X>
}
