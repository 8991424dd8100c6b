/** The text of PostgreSQL, and how it stores values. Every value goes with the type of its column, nothing is guessed. */
import * as PgTypes from "@effect/sql-pg/PgTypes"
import type { ColumnType, Kind } from "@mortise/core/orm/ColumnType"
import { exactDecimal, fits64, isStorable, isUuid } from "@mortise/core/orm/ColumnValue"
import type { Typed } from "@mortise/core/orm/Expression"
import { QueryInvalid } from "@mortise/core/orm/OrmError"
import { type Dialect, knownFeatures, orderedKinds, quoted } from "./Dialect.ts"
import { mismatch, type ValueCodec } from "./ValueCodec.ts"

const oids: { readonly [K in Kind]: number } = {
  integer: PgTypes.OID.int8,
  bigInteger: PgTypes.OID.int8,
  text: PgTypes.OID.text,
  boolean: PgTypes.OID.bool,
  dateTime: PgTypes.OID.timestamptz,
  decimal: PgTypes.OID.numeric,
  float: PgTypes.OID.float8,
  uuid: PgTypes.OID.uuid,
  // as text, which the statement turns into jsonb: so it is made only once
  json: PgTypes.OID.text,
  binary: PgTypes.OID.bytea,
  enum: PgTypes.OID.text
}

const names: { readonly [K in Kind]: string } = {
  integer: "bigint",
  bigInteger: "bigint",
  text: "text",
  boolean: "boolean",
  // rounded as the column is: far from today the client is some microseconds off
  dateTime: "timestamptz(3)",
  decimal: "numeric",
  float: "float8",
  uuid: "uuid",
  json: "jsonb",
  binary: "bytea",
  enum: "text"
}

const typed = (oid: number, value: unknown): PgTypes.Parameter => ({
  [PgTypes.ParameterTypeId]: PgTypes.ParameterTypeId,
  oid,
  value
})

/** What is encoded may be decoded again, to see how it will be stored. */
const plain = (value: unknown): unknown => (PgTypes.isParameter(value) ? value.value : value)

/** A value on its way, before it is put together with its type. */
type Encode = (value: unknown) => unknown

const wholeNumber = "a whole number within 2^53 - 1"

const integer: Encode = (value) => (Number.isSafeInteger(value) ? BigInt(value as number) : mismatch(wholeNumber))

const bigInteger: Encode = (value) =>
  typeof value === "bigint" && fits64(value) ? value : mismatch("a bigint of 64 bits")

const text =
  (max: number | undefined): Encode =>
  (value) => {
    if (typeof value !== "string") return mismatch("text")
    if (!isStorable(value)) return mismatch("text without NUL and without lone surrogates")
    return max !== undefined && value.length > max ? mismatch(`text of at most ${max} characters`) : value
  }

/** 4714 BC to 294276 AD, https://www.postgresql.org/docs/current/datatype-datetime.html; JavaScript ends before that. */
const earliest = -210_866_803_200_000

const dateTime: Encode = (value) => {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) return mismatch("a date that exists")
  return value.getTime() >= earliest ? value : mismatch("a date after 4714 BC")
}

/** jsonb keeps neither NUL nor half of a surrogate pair; JSON writes both as escapes. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/

const json: Encode = (value) => {
  let written: string | undefined
  try {
    written = JSON.stringify(value)
  } catch {
    // a bigint, or a circle
  }
  if (written === undefined) return mismatch("something that JSON can say")
  return unstorable.test(written) ? mismatch("JSON whose text has no NUL and no lone surrogates") : written
}

const binary =
  (max: number | undefined): Encode =>
  (value) => {
    if (!(value instanceof Uint8Array)) return mismatch("bytes")
    return max !== undefined && value.length > max ? mismatch(`at most ${max} bytes`) : value
  }

const oneOf = (values: ReadonlyArray<string>): Encode => {
  const known = new Set<unknown>(values)
  return (value) => (known.has(value) ? value : mismatch(`one of ${values.join(", ")}`))
}

const encodeOf = (type: ColumnType): Encode => {
  switch (type.kind) {
    case "integer":
      return integer
    case "bigInteger":
      return bigInteger
    case "text":
      return text(type.max)
    case "boolean":
      return (value) => (typeof value === "boolean" ? value : mismatch("true or false"))
    case "dateTime":
      return dateTime
    case "decimal": {
      const { precision, scale } = type
      const expected = `a decimal with at most ${precision - scale} digits before and ${scale} behind the point`
      return (value) => (typeof value === "string" ? exactDecimal(value, type) : undefined) ?? mismatch(expected)
    }
    case "float":
      return (value) => (Number.isFinite(value) ? value : mismatch("a finite number"))
    case "uuid":
      return (value) => (typeof value === "string" && isUuid(value) ? value.toLowerCase() : mismatch("a UUID"))
    case "json":
      return json
    case "binary":
      return binary(type.max)
    case "enum":
      return oneOf(type.values)
  }
}

const decodeInteger = (stored: unknown): unknown => {
  const value = typeof stored === "bigint" || typeof stored === "string" ? Number(stored) : stored
  return Number.isSafeInteger(value) ? value : mismatch(wholeNumber)
}

const decodeBigInteger = (stored: unknown): unknown => {
  if (typeof stored === "bigint") return stored
  // int4, or the numeric that a sum of bigints is
  if (Number.isSafeInteger(stored) || (typeof stored === "string" && /^-?\d+$/.test(stored))) {
    return BigInt(stored as number | string)
  }
  return mismatch("a whole number")
}

const decodeOf = (type: ColumnType): Omit<ValueCodec, "encode"> => {
  switch (type.kind) {
    case "integer":
      return { decode: decodeInteger }
    case "bigInteger":
      return { decode: decodeBigInteger, decodeSource: (v, call) => `typeof ${v} === "bigint" ? ${v} : ${call}` }
    case "boolean":
      return {
        decode: (stored) => (typeof stored === "boolean" ? stored : mismatch("true or false")),
        decodeSource: (v, call) => `typeof ${v} === "boolean" ? ${v} : ${call}`
      }
    case "dateTime":
      return {
        // infinity comes as a date that does not exist
        decode: (stored) =>
          stored instanceof Date && !Number.isNaN(stored.getTime()) ? stored : mismatch("a point in time")
      }
    case "float":
      return {
        decode: (stored) => (typeof stored === "number" ? stored : mismatch("a number")),
        decodeSource: (v, call) => `typeof ${v} === "number" ? ${v} : ${call}`
      }
    case "json":
      return { decode: (stored) => stored, decodeSource: (v) => v }
    case "binary":
      return { decode: (stored) => (stored instanceof Uint8Array ? stored : mismatch("bytes")) }
    case "decimal":
      return {
        decode: (stored) => {
          const value = plain(stored)
          // a sum may have more digits than its column
          if (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value)) return exactDecimal(value, type) ?? value
          return mismatch("a decimal")
        }
      }
    case "enum": {
      const known = oneOf(type.values)
      return { decode: known }
    }
    default:
      return {
        decode: (stored) => {
          const value = plain(stored)
          return typeof value === "string" ? value : mismatch("text")
        },
        decodeSource: (v, call) => `typeof ${v} === "string" ? ${v} : ${call}`
      }
  }
}

const codec = (type: ColumnType): ValueCodec => {
  const encode = encodeOf(type)
  const oid = oids[type.kind]
  return { encode: (value) => typed(oid, encode(value)), ...decodeOf(type) }
}

/** Arrays of one type. */
const arrayOf = (elementOid: number, values: ReadonlyArray<unknown>): PgTypes.Parameter =>
  typed(PgTypes.arrayOidFor(elementOid) ?? mismatch("a list"), values)

/** The values of one column of many rows as a single value. Where all are null, any type is as good as another. */
export const columnOf = (values: ReadonlyArray<unknown>): PgTypes.Parameter => {
  const first = values.find(PgTypes.isParameter)
  return arrayOf(first?.oid ?? PgTypes.OID.text, values.map(plain))
}

/** Kinds for which PostgreSQL has an order, but neither min nor max. */
const withoutMin = new Set<Kind>(["uuid", "binary", "boolean"])

/** Of null, too, PostgreSQL wants to know the type. */
const mark = (index: number, { type }: Typed): string =>
  type.kind === "json" ? `$${index + 1}::text::jsonb` : `$${index + 1}::${names[type.kind]}`

/**
 * A pattern whose last backslash has nothing behind it matches nothing elsewhere, and is an error of PostgreSQL. Both
 * halves of the condition are evaluated, or neither: so it is cut off, too.
 */
const openEscape = "'(^|[^\\\\])(\\\\\\\\)*\\\\$'"

export const postgresDialect: Dialect = {
  name: "postgres",
  features: knownFeatures,
  codec,
  needsWide: () => false,
  identifier: quoted,
  placeholder: (index, of, list) => (list ? `$${index + 1}` : mark(index, of)),
  list: (element, { type }) => ({
    encode: (value) => {
      if (!Array.isArray(value)) return mismatch("a list")
      return arrayOf(
        oids[type.kind],
        value.map((item) => plain(element.encode(item)))
      )
    },
    decode: () => mismatch("a list")
  }),
  inList: (of, list, { type }) => `${of} = any(${list}::${names[type.kind]}[])`,
  like: (of, pattern) =>
    `(${pattern} !~ ${openEscape} and ${of} like regexp_replace(${pattern}, ${openEscape}, '') escape '\\')`,
  arithmetic: (operator, left, right, typed) => {
    if (operator === "*" && typed?.type.kind === "decimal") {
      throw new QueryInvalid({ problem: "decimals are not multiplied: the result would have to be rounded" })
    }
    return `(${left} ${operator} ${right})`
  },
  aggregate: (name, of, type) => {
    const kind = type?.kind
    if ((name === "min" || name === "max") && kind !== undefined && withoutMin.has(kind)) {
      return `(array_agg(${of} order by ${of} ${name === "min" ? "asc" : "desc"} nulls last))[1]`
    }
    if (name === "avg") return `avg(${of})::float8`
    return `${name}(${of ?? "*"})`
  },
  order: (text, { descending }, orNull) =>
    `${text}${descending ? " desc" : ""}${orNull ? (descending ? " nulls last" : " nulls first") : ""}`,
  limit: (limit, offset) =>
    `${limit === undefined ? "" : ` limit ${limit}`}${offset === undefined ? "" : ` offset ${offset}`}`,
  lock: ({ skipLocked }, alias) => ` for update of ${quoted(alias)}${skipLocked ? " skip locked" : ""}`,
  generatedKey: "returned",
  manyRows: (fields) => {
    const json = (at: number) => fields[at]?.type.kind === "json"
    const lists = fields.map(({ type }, at) => `$${at + 1}::${json(at) ? "text" : names[type.kind]}[]`)
    const columns = fields.map((_, at) => (json(at) ? `c${at}::jsonb` : `c${at}`))
    return `select ${columns.join(", ")} from unnest(${lists.join(", ")}) as t(${fields.map((_, at) => `c${at}`).join(", ")})`
  },
  ordered: orderedKinds
}
