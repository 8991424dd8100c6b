/** The Schemas behind the kinds of columns: what a program sees, and its JSON form. */
import * as EffectDateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { exactDecimal, fits64, isStorable, isUuid } from "../ColumnValue.ts"

export const integer = Schema.Int.check(
  Schema.makeFilter((value: number) => Number.isSafeInteger(value) || "a whole number within 2^53 - 1")
)

export const bigInteger = Schema.BigIntFromString.check(
  Schema.makeFilter((value: bigint) => fits64(value) || "a whole number of 64 bits")
)

export const boolean = Schema.Boolean
export const float = Schema.Finite

export const text = (max: number | undefined) =>
  Schema.String.check(
    Schema.makeFilter((value: string) => isStorable(value) || "text without NUL and without lone surrogates"),
    ...(max === undefined ? [] : [Schema.isMaxLength(max)])
  )

/** JavaScript's Date, which lint keeps from being made here by name. */
export type Instant = typeof Schema.Date.Type

export const dateOf = (millis: number): Instant => EffectDateTime.toDateUtc(EffectDateTime.makeUnsafe(millis))

export const dateTime = Schema.DateFromString.check(
  Schema.makeFilter((value: Instant) => !Number.isNaN(value.getTime()) || "a date that exists")
)

export const decimal = (size: { readonly precision: number; readonly scale: number }) =>
  Schema.String.check(
    Schema.makeFilter(
      (value: string) =>
        exactDecimal(value, size) !== undefined ||
        `a decimal with at most ${size.precision - size.scale} digits before and ${size.scale} behind the point`
    )
  )

export const uuid = Schema.String.pipe(
  Schema.decodeTo(
    Schema.String.check(Schema.makeFilter((value: string) => isUuid(value) || "a UUID")),
    SchemaTransformation.transform({ decode: (value) => value.toLowerCase(), encode: (value) => value.toLowerCase() })
  )
)

export const binary = (max: number | undefined) =>
  max === undefined
    ? Schema.Uint8ArrayFromBase64
    : Schema.Uint8ArrayFromBase64.check(
        Schema.makeFilter((value: Uint8Array) => value.length <= max || `at most ${max} bytes`)
      )

export const oneOf = (values: ReadonlyArray<string>) => Schema.Literals(values)
