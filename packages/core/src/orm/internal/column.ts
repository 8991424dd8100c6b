import type * as Schema from "effect/Schema"
import type { Column, Flag, Inserting } from "../Column.ts"
import type { ColumnType } from "../ColumnType.ts"
import type { Any as AnyModel } from "../Model.ts"
import type { OnDelete } from "../Table.ts"

/** Any Schema of one column: what a program sees, and its JSON form or what is stored. */
export type AnyCodec = Schema.ConstraintCodec<unknown, unknown, never, never>

/** What a column is made of. A foreign key has no type of its own: its model knows it once all models exist. */
export interface ColumnSpec {
  readonly type: ColumnType | undefined
  /** Between what is stored, as the program would see it without refinement, and JSON. For `json`: the value itself. */
  readonly base: AnyCodec | undefined
  /** Between what the program sees and what `base` stands for, in the order they were given. */
  readonly refinements: ReadonlyArray<AnyCodec>
  readonly nullable: boolean
  readonly default: { readonly value: unknown } | { readonly make: (inserting: Inserting) => unknown } | undefined
  readonly key: false | "given" | "numbered"
  readonly unique: boolean
  readonly index: boolean
  readonly hidden: boolean
  readonly readonly: boolean
  readonly references: { readonly model: () => AnyModel; readonly onDelete: OnDelete } | undefined
  readonly name: string | undefined
  readonly was: string | undefined
}

class ColumnImpl {
  declare readonly "~types": never
  readonly spec: ColumnSpec
  constructor(spec: ColumnSpec) {
    this.spec = spec
  }
  private set(change: Partial<ColumnSpec>): ColumnImpl {
    return new ColumnImpl({ ...this.spec, ...change })
  }
  nullable() {
    return this.set({ nullable: true })
  }
  default(value: unknown) {
    const make = value as (inserting: Inserting) => unknown
    return this.set({ default: typeof value === "function" ? { make } : { value } })
  }
  primaryKey(options?: { readonly generated: false }) {
    const { references, type } = this.spec
    const counts = references === undefined && (type?.kind === "integer" || type?.kind === "bigInteger")
    return this.set({ key: counts && options?.generated !== false ? "numbered" : "given", readonly: true })
  }
  unique() {
    return this.set({ unique: true })
  }
  index() {
    return this.set({ index: true })
  }
  hidden() {
    return this.set({ hidden: true })
  }
  readonly() {
    return this.set({ readonly: true })
  }
  refine(schema: AnyCodec) {
    return this.set({ refinements: [...this.spec.refinements, schema] })
  }
  references(model: () => AnyModel, options: { readonly onDelete?: OnDelete } = {}) {
    const key = this.spec.key === "numbered" ? "given" : this.spec.key
    return this.set({ key, references: { model, onDelete: options.onDelete ?? "restrict" } })
  }
  named(name: string) {
    return this.set({ name })
  }
  was(was: string) {
    return this.set({ was })
  }
}

const nothing: ColumnSpec = {
  type: undefined,
  base: undefined,
  refinements: [],
  nullable: false,
  default: undefined,
  key: false,
  unique: false,
  index: false,
  hidden: false,
  readonly: false,
  references: undefined,
  name: undefined,
  was: undefined
}

/** The typed face and the one class behind all columns meet here. */
export const make = <T, J, F extends Flag>(
  type: ColumnType | undefined,
  base: AnyCodec | undefined,
  more: Partial<ColumnSpec> = {}
): Column<T, J, F> => new ColumnImpl({ ...nothing, type, base, ...more }) as unknown as Column<T, J, F>
