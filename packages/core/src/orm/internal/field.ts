import * as Schema from "effect/Schema"
import type { ColumnType } from "../ColumnType.ts"
import type { Any as AnyModel } from "../Model.ts"
import type { Reference } from "../Table.ts"
import type { AnyCodec, ColumnSpec } from "./column.ts"
import { ModelInvalid } from "./modelInvalid.ts"

/** The type of a value in a query: how it is stored, and which column it is named after in errors. */
export interface Typed {
  readonly type: ColumnType
  readonly nullable: boolean
  /** Between what the program sees and what a dialect stores, where that is more than the type itself. */
  readonly codec: AnyCodec | undefined
  readonly of: { readonly table: string; readonly column: string }
}

/** One column of a model with all that is needed to write and read it. */
export interface Field extends Typed {
  readonly property: string
  /** In the database. */
  readonly name: string
  readonly spec: ColumnSpec
  /** Between what the program sees and its JSON form. */
  readonly schema: AnyCodec
  readonly reference: Reference | undefined
}

type AnySchema = Schema.Codec<unknown, unknown>
const chain = (from: AnyCodec, to: AnyCodec): AnyCodec =>
  (from as AnySchema).pipe(Schema.decodeTo(to as AnySchema)) as AnyCodec

/** `createdAt` becomes `created_at`, `userID` becomes `user_id`. */
export const snakeCase = (property: string): string =>
  property
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()

/** A field whose type is its own, or that of the row it points to, looked up when first needed. */
export class ModelField implements Field {
  readonly property: string
  readonly name: string
  readonly spec: ColumnSpec
  readonly nullable: boolean
  readonly of: Typed["of"]
  #target: Field | undefined
  #codec: { readonly value: AnyCodec | undefined } | undefined
  #schema: AnyCodec | undefined

  constructor(model: string, property: string, spec: ColumnSpec) {
    this.of = { table: model, column: property }
    this.property = property
    this.spec = spec
    this.name = spec.name ?? snakeCase(property)
    this.nullable = spec.nullable
  }

  private targetModel(): AnyModel {
    const target = this.spec.references?.model()
    if (target === undefined) {
      throw new ModelInvalid({
        model: this.of.table,
        problem: `"${this.property}" points to a model that is not there yet`
      })
    }
    return target
  }

  private get target(): Field {
    if (this.#target !== undefined) return this.#target
    const model = this.targetModel()
    const [field, ...others] = model.key
    if (field === undefined || others.length > 0) {
      const problem = `"${this.property}" points to "${model.name}", whose primary key is not one column`
      throw new ModelInvalid({ model: this.of.table, problem })
    }
    return (this.#target = field)
  }

  get type(): ColumnType {
    return this.spec.type ?? this.target.type
  }

  get codec(): AnyCodec | undefined {
    if (this.#codec !== undefined) return this.#codec.value
    const { base, refinements, type } = this.spec
    const own = type === undefined ? this.target.codec : type.kind === "json" ? base : undefined
    const value = refinements.reduce<AnyCodec | undefined>(
      (to, next) => (to === undefined ? next : chain(to, next)),
      own
    )
    this.#codec = { value }
    return value
  }

  get schema(): AnyCodec {
    if (this.#schema !== undefined) return this.#schema
    const { base, refinements } = this.spec
    const plain = refinements.reduce(chain, base ?? this.target.schema)
    return (this.#schema = this.nullable ? (Schema.NullOr(plain as AnySchema) as AnyCodec) : plain)
  }

  get reference(): Reference | undefined {
    const { references } = this.spec
    if (references === undefined) return undefined
    return { table: this.targetModel().name, column: this.target.name, onDelete: references.onDelete }
  }
}
