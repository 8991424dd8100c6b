/** The Schemas behind the kinds of columns: what a program sees, and its JSON form. */
import * as EffectDateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

export const integer = Schema.Int.check(
  Schema.makeFilter((value: number) => Number.isSafeInteger(value) || "a whole number within 2^53 - 1")
)

const minBigInteger = -(2n ** 63n)
const maxBigInteger = 2n ** 63n - 1n

/** Whether 64 bits hold it. */
export const fits64 = (value: bigint): boolean => value >= minBigInteger && value <= maxBigInteger

export const bigInteger = Schema.BigIntFromString.check(
  Schema.makeFilter((value: bigint) => fits64(value) || "a whole number of 64 bits")
)

export const boolean = Schema.Boolean
export const float = Schema.Finite

/** NUL and lone surrogates are what no database keeps as text. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes("\0")

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

const digits = /^-?(\d+)(?:\.(\d+))?$/

/** Writes a decimal with exactly `scale` digits behind the point; undefined when it is none or does not fit exactly. */
export const exactDecimal = (
  value: string,
  { precision, scale }: { readonly precision: number; readonly scale: number }
): string | undefined => {
  const parts = digits.exec(value)
  if (parts === null) return undefined
  const whole = (parts[1] as string).replace(/^0+(?=\d)/, "")
  const given = (parts[2] ?? "").replace(/0+$/, "")
  if (given.length > scale || (whole === "0" ? 0 : whole.length) > precision - scale) return undefined
  const text = scale === 0 ? whole : `${whole}.${given.padEnd(scale, "0")}`
  return value.startsWith("-") && /[1-9]/.test(text) ? `-${text}` : text
}

export const decimal = (size: { readonly precision: number; readonly scale: number }) =>
  Schema.String.check(
    Schema.makeFilter(
      (value: string) =>
        exactDecimal(value, size) !== undefined ||
        `a decimal with at most ${size.precision - size.scale} digits before and ${size.scale} behind the point`
    )
  )

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export const isUuid = (value: string): boolean => uuidForm.test(value)

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
