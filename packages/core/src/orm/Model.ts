/**
 * A model: one definition that gives the table, the row, what an insert and an update take, the JSON form, and Schemas
 * for all of them. Models know only themselves; relations stand beside them, see `Relation.ts`.
 *
 * @example
 * const User = Model.make("users", {
 *   id: Column.Integer().primaryKey(),
 *   email: Column.Text({ max: 255 }).unique(),
 *   password: Column.Text().hidden(),
 *   createdAt: Column.DateTime().default(Column.now).readonly()
 * })
 * type NewUser = typeof User.Insert // { email: string; password: string; id?: number; createdAt?: Date }
 */
import type * as Schema from "effect/Schema"
import type { Any as AnyColumn, Flag } from "./Column.ts"
import type { Field } from "./internal/field.ts"
import { build } from "./internal/model.ts"
import type { Table } from "./Table.ts"

export type { Field } from "./internal/field.ts"
export { ModelInvalid } from "./internal/modelInvalid.ts"

export interface Columns {
  readonly [property: string]: AnyColumn
}

type TypeOf<C> = C extends { readonly "~types": { readonly type: infer T } } ? T : never
type JsonOf<C> = C extends { readonly "~types": { readonly json: infer J } } ? J : never
/** Names of the columns that have one of the flags. */
type Flagged<C extends Columns, F extends Flag> = {
  [K in keyof C]: Extract<C[K]["~types"]["flags"], F> extends never ? never : K
}[keyof C]
type Optional<C extends Columns> = Flagged<C, "default" | "nullable">
type Simplify<T> = { [K in keyof T]: T[K] } & {}

/** A row as it is read. */
export type Row<C extends Columns> = { readonly [K in keyof C]: TypeOf<C[K]> }
export type RowJson<C extends Columns> = { readonly [K in keyof C]: JsonOf<C[K]> }

/** What an insert takes: columns that are nullable or have a default may be left out. */
export type Insert<C extends Columns> = Simplify<
  { readonly [K in Exclude<keyof C, Optional<C>>]: TypeOf<C[K]> } & { readonly [K in Optional<C>]?: TypeOf<C[K]> }
>
export type InsertJson<C extends Columns> = Simplify<
  { readonly [K in Exclude<keyof C, Optional<C>>]: JsonOf<C[K]> } & { readonly [K in Optional<C>]?: JsonOf<C[K]> }
>

/** What an update may set. */
export type Update<C extends Columns> = { readonly [K in Exclude<keyof C, Flagged<C, "readonly">>]?: TypeOf<C[K]> }
export type UpdateJson<C extends Columns> = { readonly [K in Exclude<keyof C, Flagged<C, "readonly">>]?: JsonOf<C[K]> }

/** A row without its hidden columns, and the same as JSON. */
export type Visible<C extends Columns> = { readonly [K in Exclude<keyof C, Flagged<C, "hidden">>]: TypeOf<C[K]> }
export type Json<C extends Columns> = { readonly [K in Exclude<keyof C, Flagged<C, "hidden">>]: JsonOf<C[K]> }

type IsUnion<T, U = T> = T extends U ? ([U] extends [T] ? false : true) : never
type KeyIn<C extends Columns, K extends keyof C = Flagged<C, "key">> =
  IsUnion<K> extends true ? { readonly [P in K]: TypeOf<C[P]> } : TypeOf<C[K]>

/** Identifies a row: the value of the key column, or an object where the key is composite. */
export type Key<M extends Any> = KeyIn<M["columns"]>
export type KeyJson<M extends Any> = JsonOf<M["columns"][Flagged<M["columns"], "key">]>

/** What interpreters and tools see of a model, whatever its columns are. */
export interface Any {
  readonly name: string
  readonly columns: Columns
  /** The table as plain data. Complete only when every model it points to exists, so it is made when first asked for. */
  readonly table: Table
  /** The columns in order, with all that is needed to write and read them. */
  readonly fields: ReadonlyArray<Field>
  readonly field: (property: string) => Field | undefined
  /** The fields of the primary key. */
  readonly key: ReadonlyArray<Field>
}

export interface Model<Name extends string, C extends Columns> extends Any {
  readonly name: Name
  readonly columns: C
  /** Types only: `typeof User.Row`. */
  readonly Row: Row<C>
  readonly Insert: Insert<C>
  readonly Update: Update<C>
  readonly Json: Json<C>
  readonly Key: KeyIn<C>
  /** Schemas between values and their JSON form; `Schema.toType` makes one that only checks. */
  readonly schema: {
    readonly row: Schema.Codec<Row<C>, RowJson<C>>
    readonly json: Schema.Codec<Visible<C>, Json<C>>
    readonly insert: Schema.Codec<Insert<C>, InsertJson<C>>
    readonly update: Schema.Codec<Update<C>, UpdateJson<C>>
  }
}

export interface Options<C extends Columns> {
  /** Sets of columns whose values together occur once. */
  readonly unique?: ReadonlyArray<ReadonlyArray<keyof C & string>>
  readonly indexes?: ReadonlyArray<ReadonlyArray<keyof C & string>>
  /** The table's name before a rename, for migrations. */
  readonly was?: string
}

/**
 * Defines a model. `name` is the table's name in the database. Throws `ModelInvalid` when the columns make no table: that
 * is found when the module is loaded.
 */
export const make = <const Name extends string, const C extends Columns>(
  name: Name,
  columns: C,
  options: Options<NoInfer<C>> = {}
): Model<Name, C> => build(name, columns, options as Options<Columns>) as unknown as Model<Name, C>
