import * as Schema from "effect/Schema"
import type { Any as AnyModel, Columns, Options } from "../Model.ts"
import { indexName, type Table, type TableColumn, type TableIndex } from "../Table.ts"
import type { AnyCodec, ColumnSpec } from "./column.ts"
import { type Field, ModelField } from "./field.ts"
import { ModelInvalid } from "./modelInvalid.ts"

const maxNameBytes = 63
const propertyForm = /^[A-Za-z][A-Za-z0-9_]*$/
/** What a filter means by these is not a column. */
const reserved = new Set(["and", "or", "not", "constructor"])
const noKeys = new Set(["float", "json", "boolean"])

const utf8 = new TextEncoder()

const nameProblem = (what: string, name: string): string | undefined => {
  if (name === "" || name.includes("\0") || !name.isWellFormed()) return `${what} "${name}" is no name`
  if (utf8.encode(name).length > maxNameBytes) return `${what} "${name}" is longer than ${maxNameBytes} bytes`
  return undefined
}

const columnProblem = (property: string, name: string, spec: ColumnSpec): string | undefined => {
  if (!propertyForm.test(property)) return `"${property}" is not a name of letters, digits and underscores`
  if (reserved.has(property)) return `"${property}" means something else in a filter; name the column otherwise`
  if (spec.key !== false && spec.nullable) return `"${property}" is part of the primary key and may not be nullable`
  if (spec.key !== false && spec.type !== undefined && noKeys.has(spec.type.kind)) {
    return `"${property}" is ${spec.type.kind}, which identifies no row`
  }
  if (spec.type?.kind === "decimal") {
    const { precision, scale } = spec.type
    const fits = Number.isInteger(precision) && Number.isInteger(scale) && scale >= 0 && precision >= Math.max(1, scale)
    if (!fits) return `"${property}" has precision ${precision} and scale ${scale}, which no decimal has`
  }
  if (spec.type?.kind === "enum" && spec.type.values.length === 0) return `"${property}" has no value to be`
  return nameProblem(`the column`, name)
}

const problemOf = (name: string, fields: ReadonlyArray<Field>): string | undefined => {
  const wrong = nameProblem("the table", name)
  if (wrong !== undefined) return wrong
  if (fields.length === 0) return "it has no columns"
  const names = new Set<string>()
  for (const { name, property, spec } of fields) {
    const problem = columnProblem(property, name, spec)
    if (problem !== undefined) return problem
    if (names.has(name)) return `two columns are called "${name}" in the database`
    names.add(name)
  }
  const keys = fields.filter(({ spec }) => spec.key !== false)
  if (keys.length > 1 && keys.some(({ spec }) => spec.key === "numbered")) {
    return "a key of several columns is not numbered by the database: say primaryKey({ generated: false })"
  }
  return undefined
}

const tableColumn = (field: Field): TableColumn => {
  const { default: given, key, was } = field.spec
  const value =
    given !== undefined && "value" in given
      ? { default: { value: Schema.encodeUnknownSync(field.schema as Schema.Codec<unknown>)(given.value) } }
      : {}
  return {
    name: field.name,
    property: field.property,
    type: field.type,
    nullable: field.nullable,
    generated: key === "numbered",
    ...value,
    ...(field.reference === undefined ? {} : { references: field.reference }),
    ...(was === undefined ? {} : { was })
  }
}

type Fields = { readonly [property: string]: Schema.Codec<unknown, unknown> }

/** A Struct of some fields, made when it is first used. */
const struct = (fields: ReadonlyArray<Field>, optional: (field: Field) => boolean) => {
  const entries = fields.map((field) => {
    const schema = field.schema as Schema.Codec<unknown, unknown>
    return [field.property, optional(field) ? Schema.optionalKey(schema) : schema]
  })
  return Schema.Struct(Object.fromEntries(entries) as Fields) as unknown as AnyCodec
}

const mayBeLeftOut = ({ spec }: Field) => spec.nullable || spec.default !== undefined || spec.key === "numbered"

class ModelImpl implements AnyModel {
  readonly name: string
  readonly columns: Columns
  readonly fields: ReadonlyArray<Field>
  readonly key: ReadonlyArray<Field>
  readonly #options: Options<Columns>
  readonly #byProperty: ReadonlyMap<string, Field>
  #table: Table | undefined
  #schema: { readonly [variant: string]: AnyCodec } | undefined

  constructor(name: string, columns: Columns, options: Options<Columns>) {
    this.name = name
    this.columns = columns
    this.#options = options
    this.fields = Object.entries(columns).map(([property, { spec }]) => new ModelField(name, property, spec))
    const problem = problemOf(name, this.fields)
    if (problem !== undefined) throw new ModelInvalid({ model: name, problem })
    this.key = this.fields.filter(({ spec }) => spec.key !== false)
    this.#byProperty = new Map(this.fields.map((field) => [field.property, field]))
    // indexes name columns; a wrong one is found now, not by a migration
    this.indexes()
  }

  readonly field = (property: string): Field | undefined => this.#byProperty.get(property)

  private indexes(): ReadonlyArray<TableIndex> {
    const { indexes = [], unique = [] } = this.#options
    const index = (properties: ReadonlyArray<string>, unique: boolean): TableIndex => {
      const columns = properties.map((property) => {
        const field = this.field(property)
        if (field !== undefined) return field.name
        throw new ModelInvalid({ model: this.name, problem: `an index names "${property}", which is no column` })
      })
      return { name: indexName(this.name, columns, unique), columns, unique }
    }
    return [
      ...this.fields.filter(({ spec }) => spec.unique).map(({ property }) => index([property], true)),
      ...unique.map((properties) => index(properties, true)),
      ...this.fields.filter(({ spec }) => spec.index).map(({ property }) => index([property], false)),
      ...indexes.map((properties) => index(properties, false))
    ]
  }

  get table(): Table {
    return (this.#table ??= {
      name: this.name,
      columns: this.fields.map(tableColumn),
      primaryKey: this.key.map(({ name }) => name),
      indexes: this.indexes(),
      ...(this.#options.was === undefined ? {} : { was: this.#options.was })
    })
  }

  get schema(): { readonly [variant: string]: AnyCodec } {
    const never = () => false
    return (this.#schema ??= {
      row: struct(this.fields, never),
      json: struct(
        this.fields.filter(({ spec }) => !spec.hidden),
        never
      ),
      insert: struct(this.fields, mayBeLeftOut),
      update: struct(
        this.fields.filter(({ spec }) => !spec.readonly),
        () => true
      )
    })
  }
}

export const build = (name: string, columns: Columns, options: Options<Columns>): AnyModel =>
  new ModelImpl(name, columns, options)
