/**
 * How errors are declared here: as those of `@mortise/core/app/Errors` with one code. This package imports no runtime
 * package, so it has its own; test/errors.test.ts holds the two together.
 */
import type * as Cause from "effect/Cause"
import * as Schema from "effect/Schema"

/** A class with one code. The status and `retryable` are for the catalogue of all errors. */
export interface One<Code extends string> {
  readonly component: "create-app"
  readonly code: Code
  readonly status: number
  readonly retryable?: boolean
}

/** What every error tells beside its tag, its fields and its message. */
export interface Facts<Code extends string> {
  /** Stable: `CREATE_NAME_INVALID`. */
  readonly code: Code
  readonly component: string
  readonly status: number
  readonly retryable: boolean
}

type ErrorClass<Self, Tag extends string, F extends Schema.Struct.Fields, Code extends string> = Schema.Class<
  Self,
  Schema.TaggedStruct<Tag, F>,
  Cause.YieldableError & Facts<Code>
> & {
  readonly component: string
  readonly codes: { readonly [code in Code]: { readonly status: number; readonly retryable: boolean } }
}

/** Declares an error class; its message is a getter of the class. */
export const make =
  <Self>() =>
  <Tag extends string, const F extends Schema.Struct.Fields, const Code extends string>(
    tag: Tag,
    { code, component, retryable = false, status }: One<Code>,
    fields: F
  ): ErrorClass<Self, Tag, F, Code> => {
    const Base = Schema.TaggedError<Error>()(tag, fields)
    Object.assign(Base, { component, codes: { [code]: { status, retryable } } })
    const facts: Facts<Code> = { code, component, status, retryable }
    for (const [name, value] of Object.entries(facts)) Object.defineProperty(Base.prototype, name, { value })
    return Base as never
  }
