/** Random models, and pairs of them of which the second is what the first might become. */
import * as Column from "@mortise/core/orm/Column"
import * as Model from "@mortise/core/orm/Model"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"

const kinds = [
  "integer",
  "bigInteger",
  "text",
  "boolean",
  "dateTime",
  "decimal",
  "decimal2",
  "float",
  "uuid",
  "json",
  "binary",
  "enum",
  "enum2"
] as const
type KindName = (typeof kinds)[number]

interface ColumnPlan {
  readonly kind: KindName
  readonly nullable: boolean
  readonly hasDefault: boolean
  readonly unique: boolean
  readonly index: boolean
  /** The table that it points to, instead of having a type of its own. */
  readonly points: number | undefined
  readonly was: string | undefined
}

interface TablePlan {
  readonly key: "integer" | "bigInteger" | "uuid" | "composite" | "none"
  readonly columns: Readonly<Record<string, ColumnPlan>>
  readonly pair: boolean
  readonly was: string | undefined
}

const columnNames = ["alpha", "beta", "gammaDelta", "epsilon"] as const
const tableNames = ["users", "posts", 'odd "name"', "tags"] as const

const columnPlan: fc.Arbitrary<ColumnPlan> = fc.record({
  kind: fc.constantFrom(...kinds),
  nullable: fc.boolean(),
  hasDefault: fc.boolean(),
  unique: fc.boolean(),
  index: fc.boolean(),
  points: fc.option(fc.nat(tableNames.length - 1), { nil: undefined, freq: 3 }),
  was: fc.option(fc.constantFrom("alpha", "beta", "gamma_delta", "epsilon"), { nil: undefined })
})

const tablePlan: fc.Arbitrary<TablePlan> = fc.record({
  key: fc.constantFrom("integer", "bigInteger", "uuid", "composite", "none"),
  columns: fc.dictionary(fc.constantFrom(...columnNames), columnPlan, { minKeys: 1, noNullPrototype: true }),
  pair: fc.boolean(),
  was: fc.option(fc.constantFrom(...tableNames), { nil: undefined })
})

export type Plan = Readonly<Record<string, TablePlan>>

export const plan: fc.Arbitrary<Plan> = fc.dictionary(fc.constantFrom(...tableNames), tablePlan, {
  noNullPrototype: true
})

const base = (kind: KindName): Column.Any => {
  switch (kind) {
    case "integer":
      return Column.Integer()
    case "bigInteger":
      return Column.BigInteger()
    case "text":
      return Column.Text({ max: 40 })
    case "boolean":
      return Column.Boolean()
    case "dateTime":
      return Column.DateTime()
    case "decimal":
      return Column.Decimal({ precision: 8, scale: 2 })
    case "decimal2":
      return Column.Decimal({ precision: 10, scale: 2 })
    case "float":
      return Column.Float()
    case "uuid":
      return Column.Uuid()
    case "json":
      return Column.Json(Schema.Struct({ a: Schema.Array(Schema.String) }))
    case "binary":
      return Column.Binary()
    case "enum":
      return Column.Enum("one", "it's")
    case "enum2":
      return Column.Enum("one", "two", "three")
  }
}

const defaults: { readonly [K in KindName]: unknown } = {
  integer: -7,
  bigInteger: 2n ** 60n,
  text: 'it\'s \\ "odd"',
  boolean: true,
  dateTime: new Date("2024-02-29T12:00:00.123Z"),
  decimal: "-12.50",
  decimal2: "0.10",
  float: 1.5,
  uuid: "00000000-0000-4000-8000-000000000001",
  json: { a: ["it's", "ü"] },
  binary: new Uint8Array([0, 1, 255]),
  enum: "it's",
  enum2: "two"
}

const keyColumns = (key: TablePlan["key"]): Record<string, Column.Any> => {
  switch (key) {
    case "integer":
      return { id: Column.Integer().primaryKey() }
    case "bigInteger":
      return { id: Column.BigInteger().primaryKey() }
    case "uuid":
      return { id: Column.Uuid().primaryKey() }
    case "composite":
      return { id: Column.Integer().primaryKey({ generated: false }), part: Column.Text().primaryKey() }
    case "none":
      return {}
  }
}

/** The models of a plan. */
export const modelsOf = (plan: Plan): ReadonlyArray<Model.Any> => {
  const names = Object.keys(plan)
  const models: Array<Model.Any> = []
  const columnOf = (given: ColumnPlan): Column.Any => {
    const target = given.points === undefined ? undefined : names[given.points % names.length]
    const key = target === undefined ? undefined : plan[target]!.key
    const points = key !== undefined && key !== "none" && key !== "composite"
    let column: Column.Any = points
      ? Column.ForeignKey(() => models[names.indexOf(target!)]!, { onDelete: given.nullable ? "set null" : "cascade" })
      : base(given.kind)
    if (given.nullable) column = column.nullable()
    if (given.hasDefault && !points) column = column.default(defaults[given.kind] as never)
    // of JSON there is no order, so no index
    if (given.unique && given.kind !== "json") column = column.unique()
    if (given.index && given.kind !== "json") column = column.index()
    return given.was === undefined ? column : column.was(given.was)
  }
  for (const [name, { columns, key, pair, was }] of Object.entries(plan)) {
    const own = Object.entries(columns).map(([property, given]) => [property, columnOf(given)] as const)
    const pairable = own.filter(([property]) => columns[property]!.kind !== "json").map(([property]) => property)
    models.push(
      Model.make(
        name,
        { ...keyColumns(key), ...Object.fromEntries(own) },
        {
          ...(pair && pairable.length > 1 ? { unique: [pairable] } : {}),
          ...(was === undefined ? {} : { was })
        }
      )
    )
  }
  return models
}
