/**
 * What a column holds, as plain data: dialects, migrations and interpreters read it. A database stores each kind its own
 * way; what a program sees is the same on all of them.
 */

/** The kinds of columns, with what they are in a program and where their limits are. */
export type ColumnType =
  /** `number`, whole, at most 2^53 - 1 from zero. */
  | { readonly kind: "integer" }
  /** `bigint`, 64 bits. */
  | { readonly kind: "bigInteger" }
  /** `string` without NUL and without lone surrogates, which databases cannot keep; `max` counts UTF-16 units. */
  | { readonly kind: "text"; readonly max?: number }
  | { readonly kind: "boolean" }
  /** `Date`, to the millisecond. */
  | { readonly kind: "dateTime" }
  /** `string` such as `"12.50"`: `precision` digits in all, `scale` of them behind the point. */
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  /** `number`, finite, 64 bits. */
  | { readonly kind: "float" }
  /** `string`, lower case with dashes. */
  | { readonly kind: "uuid" }
  /** Any value that its schema turns into JSON. */
  | { readonly kind: "json" }
  /** `Uint8Array`; `max` counts bytes. */
  | { readonly kind: "binary"; readonly max?: number }
  /** One of `values`. */
  | { readonly kind: "enum"; readonly values: ReadonlyArray<string> }

export type Kind = ColumnType["kind"]

/** The types with nothing to choose, shared. */
export const integer: ColumnType = { kind: "integer" }
export const bigInteger: ColumnType = { kind: "bigInteger" }
export const text: ColumnType = { kind: "text" }
export const boolean: ColumnType = { kind: "boolean" }
export const dateTime: ColumnType = { kind: "dateTime" }
export const float: ColumnType = { kind: "float" }
export const uuid: ColumnType = { kind: "uuid" }
export const json: ColumnType = { kind: "json" }
