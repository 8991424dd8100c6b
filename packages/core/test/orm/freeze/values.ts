// Values of columns in memory: checked by the Schemas of the model, copied so that nobody shares them.
import * as Schema from "effect/Schema"
import * as Column from "../../../src/orm/Column.ts"
import type { ColumnType } from "../../../src/orm/ColumnType.ts"
import { exactDecimal, isStorable } from "../../../src/orm/ColumnValue.ts"
import type { Typed } from "../../../src/orm/Expression.ts"
import { ValueInvalid } from "../../../src/orm/OrmError.ts"

const plain = (type: ColumnType): Schema.Codec<unknown> => {
  const column = {
    integer: () => Column.Integer(),
    bigInteger: () => Column.BigInteger(),
    text: () => Column.Text("max" in type && type.max !== undefined ? { max: type.max } : {}),
    boolean: () => Column.Boolean(),
    dateTime: () => Column.DateTime(),
    decimal: () => Column.Decimal(type as never),
    float: () => Column.Float(),
    uuid: () => Column.Uuid(),
    json: () => Column.Json(Schema.Unknown),
    binary: () => Column.Binary("max" in type && type.max !== undefined ? { max: type.max } : {}),
    enum: () => Column.Enum(...("values" in type ? type.values : []))
  }[type.kind]()
  return column.spec.base as Schema.Codec<unknown>
}

const checks = new WeakMap<Typed, (value: unknown) => boolean>()

const checkOf = (typed: Typed): ((value: unknown) => boolean) => {
  let check = checks.get(typed)
  if (check === undefined) {
    const own = typed.codec as Schema.Codec<unknown> | undefined
    const isValue = Schema.is(own ?? plain(typed.type))
    check = (value) => isValue(value) && (typeof value !== "string" || isStorable(value))
    checks.set(typed, check)
  }
  return check
}

/** The value as it is kept. */
export const checked = (value: unknown, typed: Typed, orNull: boolean): unknown => {
  if (value === null && orNull) return null
  if (!checkOf(typed)(value)) throw new ValueInvalid({ ...typed.of, problem: `expected ${typed.type.kind}` })
  if (typed.type.kind === "decimal") return exactDecimal(value as string, typed.type)
  if (typed.type.kind === "uuid") return (value as string).toLowerCase()
  // in SQL there is one zero
  if (value === 0) return 0
  return typeof value === "object" ? structuredClone(value) : value
}
