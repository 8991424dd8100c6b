/**
 * Columns of a model: what a program sees (`T`), what goes over the wire as JSON (`J`), and what is known of it (`F`).
 * Columns are immutable; every method gives a new one.
 *
 * @example
 * const email = Column.Text({ max: 255 }).refine(Email).unique()
 * const createdAt = Column.DateTime().default(Column.now).readonly()
 */
import type * as Schema from "effect/Schema"
import * as types from "./ColumnType.ts"
import { type ColumnSpec, make } from "./internal/column.ts"
import * as json from "./internal/jsonForm.ts"
import type { Any as AnyModel, Key, KeyJson } from "./Model.ts"
import type { OnDelete } from "./Table.ts"

export type { ColumnSpec } from "./internal/column.ts"

/** What decides where a column appears and whether a value must be given. */
export type Flag = "nullable" | "default" | "readonly" | "hidden" | "key" | "counter"

/** What a default that is a function may use: the time of the insert by Clock, and randomness. */
export interface Inserting {
  /** Milliseconds since 1970. */
  readonly now: number
}

/** What can count becomes optional as a primary key, because the database numbers it. */
type Numbered<F extends Flag> = { readonly [K in Flag]: K extends "counter" ? "default" : never }[F]

export interface Column<out T, out J, out F extends Flag = never> {
  readonly spec: ColumnSpec
  readonly "~types": { readonly type: T; readonly json: J; readonly flags: F }
  /** May be null, and may be left out of an insert. */
  nullable(): Column<T | null, J | null, F | "nullable">
  /** Given when an insert leaves the column out: a value, or a function that is called for each row. */
  default(value: NonNullable<T> | ((inserting: Inserting) => T)): Column<T, J, F | "default">
  /**
   * A part of the primary key; several columns make a composite one. The database numbers a single integer key itself,
   * unless `generated` is false.
   */
  primaryKey(options: { readonly generated: false }): Column<T, J, F | "key" | "readonly">
  primaryKey(): Column<T, J, F | "key" | "readonly" | Numbered<F>>
  unique(): Column<T, J, F>
  index(): Column<T, J, F>
  /** Never in the JSON form. */
  hidden(): Column<T, J, F | "hidden">
  /** Set by an insert, never by an update. */
  readonly(): Column<T, J, F | "readonly">
  /** Narrows or transforms the value by any Schema: stored as `T`, seen as `A`. */
  refine<A>(schema: Schema.ConstraintCodec<A, NonNullable<T>, never, never>): Column<A | Extract<T, null>, J, F>
  /** A foreign key by hand, for a column that exists already or a model that points to itself. */
  references(model: () => AnyModel, options?: { readonly onDelete?: OnDelete }): Column<T, J, F>
  /** The name in the database; without it `createdAt` is `created_at`. */
  named(name: string): Column<T, J, F>
  /** The name in the database before a rename, for migrations. */
  was(name: string): Column<T, J, F>
}

/** Any column. */
export type Any = Column<unknown, unknown, Flag>

/** Whole numbers up to 2^53 - 1: numbers that JavaScript holds exactly. */
export const Integer = (): Column<number, number, "counter"> => make(types.integer, json.integer)

/** Whole numbers of 64 bits. */
export const BigInteger = (): Column<bigint, string, "counter"> => make(types.bigInteger, json.bigInteger)

export const Text = (options: { readonly max?: number } = {}): Column<string, string> =>
  make({ kind: "text", ...options }, json.text(options.max))

export const Boolean = (): Column<boolean, boolean> => make(types.boolean, json.boolean)

/** A point in time, to the millisecond. */
export const DateTime = (): Column<json.Instant, string> => make(types.dateTime, json.dateTime)

/** An exact decimal number as text: `"12.50"`. */
export const Decimal = (options: { readonly precision: number; readonly scale: number }): Column<string, string> =>
  make({ kind: "decimal", ...options }, json.decimal(options))

/** A finite number of 64 bits. */
export const Float = (): Column<number, number> => make(types.float, json.float)

export const Uuid = (): Column<string, string> => make(types.uuid, json.uuid)

/** Structured data, stored in the JSON form of `schema`. */
export const Json = <A, I>(schema: Schema.ConstraintCodec<A, I, never, never>): Column<A, I> => make(types.json, schema)

export const Binary = (options: { readonly max?: number } = {}): Column<Uint8Array, string> =>
  make({ kind: "binary", ...options }, json.binary(options.max))

/** One of the given words. */
export const Enum = <const Values extends ReadonlyArray<string>>(
  ...values: Values
): Column<Values[number], Values[number]> => make({ kind: "enum", values }, json.oneOf(values))

/** Points to the primary key of another model and has its type. */
export const ForeignKey = <M extends AnyModel>(
  model: () => M,
  options: { readonly onDelete?: OnDelete } = {}
): Column<Key<M>, KeyJson<M>> =>
  make(undefined, undefined, { references: { model, onDelete: options.onDelete ?? "restrict" } })

/** Default of a DateTime: the time of the insert, by Clock. */
export const now = (inserting: Inserting): json.Instant => json.dateOf(inserting.now)

/** Default of a Uuid: a random one, version 4. */
export const uuid4 = (): string => globalThis.crypto.randomUUID()
