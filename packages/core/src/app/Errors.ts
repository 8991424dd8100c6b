/**
 * How errors are declared, and what programs and people learn of one. An error class says once which codes it has, and
 * what goes with each: where it is from, an HTTP status, whether to try again. The texts for people are in
 * docs/troubleshooting.md, with an entry for every code.
 *
 * @example
 * class RoomFull extends Errors.make<RoomFull>()(
 *   "RoomFull",
 *   { component: "chat", code: "CHAT_ROOM_FULL", status: 409, retryable: true },
 *   { room: Schema.String }
 * ) {
 *   override get message(): string {
 *     return `The room "${this.room}" is full.`
 *   }
 * }
 * RoomFull.codes                                  // { CHAT_ROOM_FULL: { status: 409, retryable: true } }
 * Errors.describe(new RoomFull({ room: "lobby" })) // { code: "CHAT_ROOM_FULL", status: 409, context: { room: "lobby" }, … }
 */
import type * as Cause from "effect/Cause"
import * as Schema from "effect/Schema"
import { timeOfDay } from "./internal/timeOfDay.ts"

/** What goes with one code. */
export interface Kind {
  /** The HTTP status, 400 to 599. */
  readonly status: number
  /**
   * Whether to try the same again later, unchanged. Not where it would fail again, nor where it is unknown whether it
   * took effect. False unless said.
   */
  readonly retryable?: boolean
}

/** The codes of a class, readable without an error: `TransportError.codes`. */
export type Codes<Code extends string = string> = { readonly [code in Code]: Required<Kind> }

/** What every error tells beside its tag, its fields and its message. */
export interface Facts<Code extends string = string> {
  /** Stable: `ORM_NOT_FOUND`. */
  readonly code: Code
  /** The area it comes from: `orm`. */
  readonly component: string
  readonly status: number
  readonly retryable: boolean
  /** When it was made here, by the Clock of the fiber that made it: milliseconds since the epoch. */
  readonly time: number
}

type Fields = Schema.Struct.Fields
type ReasonOf<F extends Fields> = F extends { readonly reason: { readonly Type: infer R extends string } } ? R : never
type InCapitals<R extends string> = R extends `${infer A}-${infer B}`
  ? `${Uppercase<A>}_${InCapitals<B>}`
  : Uppercase<R>

/** A class with one code. */
export interface One<Code extends string> extends Kind {
  readonly component: string
  readonly code: Code
}

/** A class with a code for each literal of its field `reason`: `too-large` of `FRAME` is `FRAME_TOO_LARGE`. */
export interface Many<Prefix extends string, Reason extends string> {
  readonly component: string
  readonly prefix: Prefix
  readonly reasons: { readonly [reason in Reason]: Kind }
}

/** Fields that would hide a fact. */
interface Reserved {
  readonly code?: never
  readonly component?: never
  readonly status?: never
  readonly retryable?: never
  readonly time?: never
}

/** A `Schema.TaggedError` that tells {@link Facts}; it travels through contracts and is caught by its tag as one. */
export type ErrorClass<Self, Tag extends string, F extends Fields, Code extends string> = Schema.Class<
  Self,
  Schema.TaggedStruct<Tag, F>,
  Cause.YieldableError & Facts<Code>
> & { readonly component: string; readonly codes: Codes<Code> }

interface Make<Self> {
  <Tag extends string, const F extends Fields, const Code extends string>(
    tag: Tag,
    declaration: One<Code>,
    fields: F & Reserved
  ): ErrorClass<Self, Tag, F, Code>
  <Tag extends string, const F extends Fields, const Prefix extends string>(
    tag: Tag,
    declaration: Many<Prefix, ReasonOf<F>>,
    fields: F & Reserved
  ): ErrorClass<Self, Tag, F, `${Prefix}_${InCapitals<ReasonOf<F>>}`>
}

// beside the errors and not in them: two errors with the same fields are equal, whenever they were made
const times = /* @__PURE__ */ new WeakMap<object, number>()

/** Declares an error class; its message is a field, or a getter of the class. */
export const make =
  <Self>(): Make<Self> =>
  (tag: string, declaration: One<string> | Many<string, string>, fields: Fields): never => {
    const { component } = declaration
    const codeFor = (reason: string) =>
      "code" in declaration ? declaration.code : `${declaration.prefix}_${reason.toUpperCase().replaceAll("-", "_")}`
    const codes: Record<string, Required<Kind>> = {}
    for (const [reason, { retryable = false, status }] of Object.entries(
      "code" in declaration ? { "": declaration } : declaration.reasons
    ))
      codes[codeFor(reason)] = { status, retryable }
    const Base = Schema.TaggedError<Error>()(tag, fields) as unknown as new (...given: ReadonlyArray<unknown>) => object
    class Made extends Base {
      static readonly component = component
      static readonly codes = codes
      declare readonly reason: string
      constructor(...given: ReadonlyArray<unknown>) {
        super(...given)
        times.set(this, timeOfDay())
      }
      get code() {
        return codeFor(this.reason)
      }
      get component() {
        return component
      }
      get status() {
        return codes[this.code]!.status
      }
      get retryable() {
        return codes[this.code]!.retryable
      }
      get time() {
        return times.get(this) ?? timeOfDay()
      }
    }
    return Made as never
  }

export { type Described, describe, Unexpected } from "./internal/describeError.ts"
