/** Codecs of typed values: those of the dialect, and around them what a column adds. */
// JSON columns are coded by compiled Schemas where code may be generated, and interpreted elsewhere.
import "effect/schema/SchemaJITCompiler/enable"
import type { Typed } from "@mortise/core/orm/Expression"
import * as Schema from "effect/Schema"
import type { Dialect } from "../Dialect.ts"
import { mismatch, type ValueCodec } from "../ValueCodec.ts"

type AnyCodec = Schema.Codec<unknown, unknown>

/** Says what a Schema refused without showing the value, which may be a secret. */
const refused = (): never => mismatch("a value that its Schema takes")

/** What the program sees, through its Schema, to and from what the dialect stores. */
const refined = (codec: AnyCodec, base: ValueCodec): ValueCodec => {
  const encode = Schema.encodeUnknownSync(codec)
  const decode = Schema.decodeUnknownSync(codec)
  const through = (code: (value: unknown) => unknown, value: unknown) => {
    try {
      return code(value)
    } catch {
      return refused()
    }
  }
  return {
    encode: (value) => base.encode(through(encode, value)),
    decode: (stored) => through(decode, base.decode(stored))
  }
}

const nullable = (of: ValueCodec): ValueCodec => {
  const { decodeSource, encodeSource } = of
  return {
    encode: (value) => (value === null ? null : of.encode(value)),
    decode: (stored) => (stored === null ? null : of.decode(stored)),
    ...(encodeSource === undefined
      ? {}
      : { encodeSource: (v, call) => `${v} === null ? null : ${encodeSource(v, call)}` }),
    ...(decodeSource === undefined
      ? {}
      : { decodeSource: (v, call) => `${v} === null ? null : ${decodeSource(v, call)}` })
  }
}

const codecOf = (dialect: Dialect, typed: Typed, wide: boolean): ValueCodec => {
  const base = dialect.codec(typed.type, wide)
  return typed.codec === undefined ? base : refined(typed.codec as AnyCodec, base)
}

/** Codecs of a dialect, each made once. */
export class Codecs {
  readonly dialect: Dialect
  readonly #values = new WeakMap<Typed, Map<string, ValueCodec>>()
  constructor(dialect: Dialect) {
    this.dialect = dialect
  }

  private known(typed: Typed, key: string, make: () => ValueCodec): ValueCodec {
    let ofTyped = this.#values.get(typed)
    if (ofTyped === undefined) this.#values.set(typed, (ofTyped = new Map()))
    let codec = ofTyped.get(key)
    if (codec === undefined) ofTyped.set(key, (codec = make()))
    return codec
  }

  /** For a value of a result. */
  output(typed: Typed, wide: boolean, orNull: boolean): ValueCodec {
    const mayBeNull = typed.nullable || orNull
    return this.known(typed, `${wide} ${mayBeNull}`, () => {
      const codec = codecOf(this.dialect, typed, wide)
      return mayBeNull ? nullable(codec) : codec
    })
  }

  /** For a value that is given. `orNull`: null may be stored where it goes. */
  input(typed: Typed, list: boolean, orNull: boolean): ValueCodec {
    if (list) return this.known(typed, "list", () => this.dialect.list(codecOf(this.dialect, typed, false), typed))
    return this.known(typed, orNull ? "given or null" : "given", () => {
      const codec = codecOf(this.dialect, typed, false)
      return orNull ? nullable(codec) : codec
    })
  }
}
