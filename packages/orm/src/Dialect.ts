/** What differs from database to database in the text of statements and in how values are stored. */
import type { ColumnType, Kind } from "@mortise/core/orm/ColumnType"
import type { AggregateFunction, Arithmetic, Order, Typed } from "@mortise/core/orm/Expression"
import type { Feature } from "@mortise/core/orm/Feature"
import type { Field } from "@mortise/core/orm/Model"
import type { Lock } from "@mortise/core/orm/QueryNode"
import type { ValueCodec } from "./ValueCodec.ts"

export interface Dialect {
  readonly name: string
  readonly features: ReadonlySet<Feature>
  /** `wide` tells that the statement reads integers as bigints, see `needsWide`. */
  readonly codec: (type: ColumnType, wide: boolean) => ValueCodec
  /** Whether a result of this kind must be read with bigints, or it would lose digits. */
  readonly needsWide: (type: ColumnType) => boolean
  readonly identifier: (name: string) => string
  /** The mark of the value number `index`, from 0. */
  readonly placeholder: (index: number, typed: Typed, list: boolean) => string
  /** A whole list as one value, so that the text is the same whatever its length. */
  readonly list: (element: ValueCodec, typed: Typed) => ValueCodec
  readonly inList: (of: string, list: string, typed: Typed) => string
  readonly like: (of: string, pattern: string) => string
  readonly arithmetic: (operator: Arithmetic, left: string, right: string, typed: Typed | undefined) => string
  /** `of` is undefined for `count(*)`. */
  readonly aggregate: (name: AggregateFunction, of: string | undefined, type: ColumnType | undefined) => string
  /** Nulls are smaller than every value. `orNull`: there may be some. */
  readonly order: (text: string, order: Order, orNull: boolean) => string
  readonly limit: (limit: string | undefined, offset: string | undefined) => string
  readonly lock: (lock: Lock, alias: string) => string
  /** Whether the driver reports the number that the database gave a row, or the statement returns it. */
  readonly generatedKey: "reported" | "returned"
  /**
   * The values of many rows as one source of an insert, each column a list; undefined where the driver repeats the
   * statement instead.
   */
  readonly manyRows: ((fields: ReadonlyArray<Field>) => string) | undefined
  /** The kinds that can be compared by size. */
  readonly ordered: ReadonlySet<Kind>
}

/** A name as SQL has it. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** The features that this package's own dialects know. */
export const knownFeatures: ReadonlySet<Feature> = new Set([
  "returning",
  "upsert",
  "join",
  "aggregate",
  "subquery",
  "lock.update",
  "lock.skipLocked",
  "limit.perGroup",
  "raw"
])

/** All kinds but JSON have an order. */
export const orderedKinds: ReadonlySet<Kind> = new Set<Kind>([
  "integer",
  "bigInteger",
  "text",
  "dateTime",
  "decimal",
  "float",
  "uuid",
  "binary",
  "enum",
  "boolean"
])
