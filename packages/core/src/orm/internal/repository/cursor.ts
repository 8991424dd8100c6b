/** Cursors: after which row a page begins, as text that a client keeps. What comes back is believed in nothing. */

import * as Base64Url from "effect/encoding/Base64Url"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as types from "../../ColumnType.ts"
import type { Expression } from "../../Expression.ts"
import type { Any as AnyModel } from "../../Model.ts"
import { typedAs } from "../expr.ts"
import type { Field } from "../field.ts"
import { slot } from "./shapes.ts"

const boolean = typedAs(types.boolean)
/** More than any cursor of this program; a longer text is not even read. */
const maxCursor = 64 * 1024

export interface Place {
  readonly field: Field
  readonly descending: boolean
}

type OrderItem = string | { readonly desc: string }

/** The order of a page: as asked, and by the key at the end. Undefined when it names no column. */
export const placesOf = (model: AnyModel, orderBy: ReadonlyArray<OrderItem> = []): ReadonlyArray<Place> | undefined => {
  const places: Array<Place> = []
  for (const item of orderBy) {
    const descending = typeof item === "object" && item !== null
    const field = model.field(descending ? item.desc : item)
    if (field === undefined || field.type.kind === "json") return undefined
    if (!places.some((place) => place.field === field)) places.push({ field, descending })
  }
  for (const field of model.key) {
    if (!places.some((place) => place.field === field)) places.push({ field, descending: false })
  }
  return places
}

/** Tells orders apart, so that a cursor of one is refused by another. */
const orderOf = (places: ReadonlyArray<Place>): string =>
  places.map(({ descending, field }) => (descending ? "-" : "") + field.property).join()

const codecOf = ({ field }: Place) => field.schema as Schema.Codec<unknown, unknown>

export const encodeCursor = (places: ReadonlyArray<Place>, row: { readonly [property: string]: unknown }): string =>
  Base64Url.encode(
    JSON.stringify([
      orderOf(places),
      ...places.map((place) => Schema.encodeUnknownSync(codecOf(place))(row[place.field.property]))
    ])
  )

/** The values of the row after which to begin, or undefined when it is no cursor of this order. */
export const decodeCursor = (places: ReadonlyArray<Place>, cursor: unknown): ReadonlyArray<unknown> | undefined => {
  if (typeof cursor !== "string" || cursor.length > maxCursor) return undefined
  const text = Base64Url.decodeString(cursor)
  if (Result.isFailure(text)) return undefined
  let parts: unknown
  try {
    parts = JSON.parse(text.success)
  } catch {
    return undefined
  }
  if (!Array.isArray(parts) || parts.length !== places.length + 1 || parts[0] !== orderOf(places)) return undefined
  const values: Array<unknown> = []
  for (const [i, place] of places.entries()) {
    const value = Schema.decodeUnknownResult(codecOf(place))(parts[i + 1])
    if (Result.isFailure(value)) return undefined
    values.push(value.success)
  }
  return values
}

const compare = (operator: "=" | "<" | ">", left: Expression, right: Expression): Expression => ({
  _tag: "compare",
  operator,
  left,
  right,
  typed: boolean
})
const isNull = (of: Expression): Expression => ({ _tag: "isNull", of, typed: boolean })
const not = (of: Expression): Expression => ({ _tag: "not", of, typed: boolean })
const junction = (_tag: "and" | "or", items: ReadonlyArray<Expression>): Expression => ({ _tag, items, typed: boolean })

/** What comes after a null, or after a value, when null is the smallest. Undefined: nothing does. */
const after = (column: Expression, { descending, field }: Place, value: unknown, at: Expression) => {
  if (value === null) return descending ? undefined : not(isNull(column))
  if (!descending) return compare(">", column, at)
  const less = compare("<", column, at)
  return field.nullable ? junction("or", [less, isNull(column)]) : less
}

/**
 * Rows after the one with `values`: the first column is beyond, or equal and the second is beyond, and so on. Nulls are
 * part of the text; other values go to slots from `first` on, in the order of `valuesOf`.
 */
export const afterOf = (
  model: AnyModel,
  places: ReadonlyArray<Place>,
  values: ReadonlyArray<unknown>,
  first: number
): Expression => {
  const choices: Array<Expression> = []
  const equal: Array<Expression> = []
  let next = first
  for (const [i, place] of places.entries()) {
    const column: Expression = { _tag: "column", source: model.name, field: place.field, typed: place.field }
    const at = values[i] === null ? column : slot(next++, place.field)
    const beyond = after(column, place, values[i], at)
    if (beyond !== undefined) choices.push(junction("and", [...equal, beyond]))
    equal.push(values[i] === null ? isNull(column) : compare("=", column, at))
  }
  return junction("or", choices)
}

/** Which values are null shapes the query. */
export const afterKey = (values: ReadonlyArray<unknown>): string =>
  values.map((value) => (value === null ? "n" : "v")).join("")

export const valuesOf = (values: ReadonlyArray<unknown>): ReadonlyArray<unknown> =>
  values.filter((value) => value !== null)
