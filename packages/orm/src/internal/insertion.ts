/** From the row that a program gives to the values that are stored: defaults, checks, codes. */
import type { Any as AnyModel, Field } from "@mortise/core/orm/Model"
import { ValueInvalid } from "@mortise/core/orm/OrmError"
import * as Clock from "effect/Clock"
import type { Codecs } from "./codecs.ts"
import type { AnyFiber } from "./compile.ts"
import { codeSource, type InputValue, namingInput, namingOutput } from "./generate.ts"

type Row = { [property: string]: unknown }

/** What became of one row; overwritten by the next. */
export interface Inserted {
  values: Array<unknown>
  /** The row as it is stored, when it was asked for; the number that the database gives is still missing. */
  row: Row | undefined
  /** The database has to number the row. */
  numbered: boolean
}

export type Insertion = (row: Row, fiber: AnyFiber, whole: boolean) => Inserted

interface Column {
  readonly field: Field
  readonly input: InputValue
  readonly encode: (value: unknown) => unknown
  /** What the program will see, where storing changes how a value is written. */
  readonly settle: ((value: unknown) => unknown) | undefined
  readonly fallback: "numbered" | "make" | "constant" | "null" | "none"
  readonly constant: unknown
}

const fallbackOf = ({ nullable, spec }: Field): Column["fallback"] => {
  if (spec.key === "numbered") return "numbered"
  if (spec.default !== undefined) return "make" in spec.default ? "make" : "constant"
  return nullable ? "null" : "none"
}

/** Kinds of which one value can be written in several ways. */
const settles = new Set(["decimal", "uuid"])

const columnOf = (codecs: Codecs, field: Field): Column => {
  const input = { source: { slot: field.property }, typed: field, codec: codecs.input(field, false, field.nullable) }
  const given = field.spec.default
  const encode = namingInput(input)
  const decode = namingOutput({ as: field.property, typed: field, codec: codecs.output(field, false, false) })
  return {
    field,
    input,
    encode,
    settle: settles.has(field.type.kind) ? (value) => decode(encode(value)) : undefined,
    fallback: fallbackOf(field),
    constant: given !== undefined && "value" in given ? given.value : null
  }
}

const invalid = ({ of }: Field, problem: string): never => {
  throw new ValueInvalid({ ...of, problem })
}

/** Finds what makes the number of properties wrong: a name that is no column, or `undefined` given for one. */
const odd = (model: AnyModel, row: Row): never => {
  for (const property in row) {
    const field = model.field(property)
    if (field === undefined) {
      throw new ValueInvalid({ table: model.name, column: property, problem: "there is no such column" })
    }
    if (row[property] === undefined) invalid(field, "expected a value or nothing at all, and got undefined")
  }
  throw new ValueInvalid({ table: model.name, column: "", problem: "the row is not a plain object" })
}

const notAnObject = (model: AnyModel): never => {
  throw new ValueInvalid({ table: model.name, column: "", problem: "expected a row" })
}

/** What stands for a column that is left out. */
const absent = (column: Column, fiber: AnyFiber): unknown => {
  switch (column.fallback) {
    case "make": {
      const { default: given } = column.field.spec
      return given !== undefined && "make" in given
        ? given.make({ now: fiber.getRef(Clock.Clock).currentTimeMillisUnsafe() })
        : undefined
    }
    case "constant":
    case "null":
      return column.constant
    case "none":
      return invalid(column.field, "expected a value, and none was given")
    case "numbered":
      return undefined
  }
}

const interpreted = (model: AnyModel, columns: ReadonlyArray<Column>): Insertion => {
  const out: Inserted = { values: [], row: undefined, numbered: false }
  return (row, fiber, whole) => {
    let given = 0
    for (const _ in row) given++
    const values: Array<unknown> = []
    const complete: Row = {}
    let numbered = false
    for (const column of columns) {
      let value = row[column.field.property]
      if (value !== undefined) given--
      else value = absent(column, fiber)
      if (value === undefined && column.fallback === "numbered") {
        numbered = true
        complete[column.field.property] = undefined
        continue
      }
      values.push(column.encode(value))
      complete[column.field.property] = column.settle === undefined ? value : column.settle(value)
    }
    if (given !== 0) odd(model, row)
    out.values = values
    out.row = whole ? complete : undefined
    out.numbered = numbered
    return out
  }
}

const generated = (model: AnyModel, columns: ReadonlyArray<Column>): Insertion => {
  const out: Inserted = { values: [], row: undefined, numbered: false }
  const key = columns.findIndex(({ fallback }) => fallback === "numbered")
  const lines = columns.map(({ fallback, field }, i) => {
    const read = `let v${i} = r[${JSON.stringify(field.property)}]; if (v${i} !== undefined) n--`
    if (fallback === "numbered") return read
    return `${read}; else v${i} = ${fallback === "constant" || fallback === "null" ? `columns[${i}].constant` : `absent(columns[${i}], fiber)`}`
  })
  const stored = columns.map(
    ({ fallback, input }, i) =>
      `const s${i} = ${fallback === "numbered" ? `v${i} === undefined ? undefined : ` : ""}${codeSource(input.codec.encodeSource, `v${i}`, `columns[${i}].encode`)}`
  )
  const all = columns.map((_, i) => `s${i}`)
  const without = all.filter((_, i) => i !== key)
  const whole = columns.map(
    ({ field, settle }, i) =>
      `${JSON.stringify(field.property)}: ${settle === undefined ? `v${i}` : `columns[${i}].settle(v${i})`}`
  )
  const body = `return (r, fiber, whole) => {
    let n = 0
    for (const _ in r) n++
    ${lines.join("\n    ")}
    if (n !== 0) odd(model, r)
    ${stored.join("\n    ")}
    ${key < 0 ? "" : `if ((out.numbered = v${key} === undefined)) out.values = [${without.join(", ")}]; else `}out.values = [${all.join(", ")}]
    out.row = whole ? { ${whole.join(", ")} } : undefined
    return out
  }`
  return new Function("model", "columns", "odd", "absent", "out", body)(model, columns, odd, absent, out) as Insertion
}

export const insertionOf = (model: AnyModel, codecs: Codecs, generate: boolean): Insertion => {
  const columns = model.fields.map((field) => columnOf(codecs, field))
  const insertion = (generate ? generated : interpreted)(model, columns)
  return (row, fiber, whole) => {
    if (typeof row !== "object" || row === null) return notAnObject(model)
    return insertion(row, fiber, whole)
  }
}
