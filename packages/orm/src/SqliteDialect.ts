/** The text of SQLite, and how it stores values. docs/orm.md lists what each kind of column becomes. */
import type { ColumnType } from "@mortise/core/orm/ColumnType"
import { exactDecimal, fits64, isStorable, isUuid } from "@mortise/core/orm/ColumnValue"
import { QueryInvalid, UnsupportedFeature } from "@mortise/core/orm/OrmError"
import { type Dialect, knownFeatures, orderedKinds, quoted } from "./Dialect.ts"
import { mismatch, type ValueCodec } from "./ValueCodec.ts"

/** Numbers hold integers of so many digits exactly; longer decimals are read as bigints. */
const safeDigits = 15
/** What 64 bits hold. */
const maxDigits = 18

/** Integers come as bigints in a wide statement. */
const narrow = (stored: unknown): unknown => (typeof stored === "bigint" ? Number(stored) : stored)

const integer = (wide: boolean): ValueCodec => ({
  encode: (value) => (Number.isSafeInteger(value) ? value : mismatch("a whole number within 2^53 - 1")),
  decode: (stored) => {
    const value = narrow(stored)
    return Number.isSafeInteger(value) ? value : mismatch("a whole number within 2^53 - 1")
  },
  encodeSource: (v, call) => `Number.isSafeInteger(${v}) ? ${v} : ${call}`,
  ...(wide ? {} : { decodeSource: (v, call) => `Number.isSafeInteger(${v}) ? ${v} : ${call}` })
})

const bigInteger: ValueCodec = {
  encode: (value) => (typeof value === "bigint" && fits64(value) ? value : mismatch("a bigint of 64 bits")),
  decode: (stored) => {
    if (typeof stored === "bigint") return stored
    // the number of a row just inserted
    return Number.isSafeInteger(stored) ? BigInt(stored as number) : mismatch("a whole number")
  }
}

const text = (max: number | undefined): ValueCodec => ({
  encode: (value) => {
    if (typeof value !== "string") return mismatch("text")
    if (!isStorable(value)) return mismatch("text without NUL and without lone surrogates")
    if (max !== undefined && value.length > max) return mismatch(`text of at most ${max} characters`)
    return value
  },
  encodeSource: (v, call) => {
    const fits = max === undefined ? "" : ` && ${v}.length <= ${max}`
    return `typeof ${v} === "string"${fits} && ${v}.isWellFormed() && !${v}.includes("\\0") ? ${v} : ${call}`
  },
  decode: (stored) => (typeof stored === "string" ? stored : mismatch("text")),
  decodeSource: (v, call) => `typeof ${v} === "string" ? ${v} : ${call}`
})

const boolean: ValueCodec = {
  encode: (value) => (value === true ? 1 : value === false ? 0 : mismatch("true or false")),
  decode: (stored) => {
    const value = narrow(stored)
    return value === 1 ? true : value === 0 ? false : mismatch("0 or 1")
  },
  encodeSource: (v, call) => `${v} === true ? 1 : ${v} === false ? 0 : ${call}`,
  decodeSource: (v, call) => `${v} === 1 ? true : ${v} === 0 ? false : ${call}`
}

const dateTime = (wide: boolean): ValueCodec => ({
  encode: (value) =>
    value instanceof Date && !Number.isNaN(value.getTime()) ? value.getTime() : mismatch("a date that exists"),
  decode: (stored) => {
    const value = narrow(stored)
    const date = new Date(typeof value === "number" ? value : Number.NaN)
    return Number.isNaN(date.getTime()) ? mismatch("milliseconds since 1970") : date
  },
  encodeSource: (v, call) => `${v} instanceof Date && !Number.isNaN(${v}.getTime()) ? ${v}.getTime() : ${call}`,
  ...(wide
    ? {}
    : {
        decodeSource: (v, call) =>
          `Number.isSafeInteger(${v}) && ${v} <= 8.64e15 && ${v} >= -8.64e15 ? new Date(${v}) : ${call}`
      })
})

/** As a whole number of its smallest unit, so that it is exact and compares by size. */
const decimal = (type: { readonly precision: number; readonly scale: number }): ValueCodec => {
  const { precision, scale } = type
  if (precision > maxDigits) {
    throw new UnsupportedFeature({ feature: `decimals of ${precision} digits (${maxDigits} fit)`, dialect: "sqlite" })
  }
  const expected = `a decimal with at most ${precision - scale} digits before and ${scale} behind the point`
  return {
    encode: (value) => {
      const exact = typeof value === "string" ? exactDecimal(value, type) : undefined
      return exact === undefined ? mismatch(expected) : BigInt(exact.replace(".", ""))
    },
    decode: (stored) => {
      const whole = typeof stored === "bigint" || Number.isSafeInteger(stored) ? String(stored) : mismatch(expected)
      if (scale === 0) return whole
      const digits = whole.replace("-", "").padStart(scale + 1, "0")
      return `${whole.startsWith("-") ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
    }
  }
}

const float: ValueCodec = {
  encode: (value) => (Number.isFinite(value) ? value : mismatch("a finite number")),
  decode: (stored) => {
    const value = narrow(stored)
    return typeof value === "number" ? value : mismatch("a number")
  },
  encodeSource: (v, call) => `Number.isFinite(${v}) ? ${v} : ${call}`,
  decodeSource: (v, call) => `typeof ${v} === "number" ? ${v} : ${call}`
}

const uuid: ValueCodec = {
  encode: (value) => (typeof value === "string" && isUuid(value) ? value.toLowerCase() : mismatch("a UUID")),
  decode: (stored) => (typeof stored === "string" ? stored : mismatch("a UUID")),
  decodeSource: (v, call) => `typeof ${v} === "string" ? ${v} : ${call}`
}

const json: ValueCodec = {
  encode: (value) => {
    try {
      return JSON.stringify(value) ?? mismatch("something that JSON can say")
    } catch {
      // a bigint, or a circle
      return mismatch("something that JSON can say")
    }
  },
  decode: (stored) => {
    try {
      return JSON.parse(stored as string)
    } catch {
      return mismatch("JSON")
    }
  }
}

const binary = (max: number | undefined): ValueCodec => ({
  encode: (value) => {
    if (!(value instanceof Uint8Array)) return mismatch("bytes")
    return max !== undefined && value.length > max ? mismatch(`at most ${max} bytes`) : value
  },
  decode: (stored) => (stored instanceof Uint8Array ? stored : mismatch("bytes"))
})

const oneOf = (values: ReadonlyArray<string>): ValueCodec => {
  const known = new Set<unknown>(values)
  const code = (value: unknown) => (known.has(value) ? value : mismatch(`one of ${values.join(", ")}`))
  return { encode: code, decode: code }
}

const codec = (type: ColumnType, wide: boolean): ValueCodec => {
  switch (type.kind) {
    case "integer":
      return integer(wide)
    case "bigInteger":
      return bigInteger
    case "text":
      return text(type.max)
    case "boolean":
      return boolean
    case "dateTime":
      return dateTime(wide)
    case "decimal":
      return decimal(type)
    case "float":
      return float
    case "uuid":
      return uuid
    case "json":
      return json
    case "binary":
      return binary(type.max)
    case "enum":
      return oneOf(type.values)
  }
}

/** Bytes have no JSON: they go as hexadecimal digits. */
const listItem = (stored: unknown): string => {
  if (typeof stored === "bigint") return stored.toString()
  if (stored instanceof Uint8Array)
    return `"${Buffer.from(stored.buffer, stored.byteOffset, stored.length).toString("hex")}"`
  return JSON.stringify(stored)
}

export const sqliteDialect: Dialect = {
  name: "sqlite",
  // a single writer: rows that are read to be updated are locked already, and nobody else can hold any
  features: knownFeatures,
  codec,
  needsWide: (type) => type.kind === "bigInteger" || (type.kind === "decimal" && type.precision > safeDigits),
  identifier: quoted,
  placeholder: () => "?",
  list: (element) => ({
    encode: (value) => {
      if (!Array.isArray(value)) return mismatch("a list")
      return `[${value.map((item) => listItem(element.encode(item))).join()}]`
    },
    decode: () => mismatch("a list")
  }),
  inList: (of, list, { type }) =>
    `${of} in (select ${type.kind === "binary" ? "unhex(value)" : "value"} from json_each(${list}))`,
  like: (of, pattern) => `${of} like ${pattern} escape '\\'`,
  arithmetic: (operator, left, right, typed) => {
    if (operator === "*" && typed?.type.kind === "decimal") {
      throw new QueryInvalid({ problem: "decimals are not multiplied: the result would have to be rounded" })
    }
    return `(${left} ${operator} ${right})`
  },
  aggregate: (name, of, type) => {
    if (name === "avg" && type?.kind === "decimal") return `(avg(${of}) / 1e${type.scale})`
    return `${name}(${of ?? "*"})`
  },
  order: (text, { descending }) => (descending ? `${text} desc` : text),
  limit: (limit, offset) => {
    if (limit === undefined && offset === undefined) return ""
    return ` limit ${limit ?? "-1"}${offset === undefined ? "" : ` offset ${offset}`}`
  },
  lock: () => "",
  generatedKey: "reported",
  manyRows: undefined,
  ordered: orderedKinds
}
