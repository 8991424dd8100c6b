/**
 * Rows and parameters coded by generated functions, and by an interpreter where code must not be generated. Both do the
 * same; the tests hold them to it. Generated code never contains what a stranger wrote: names of properties go through
 * `JSON.stringify`, and were checked when the model was made.
 */
import type { Typed } from "@mortise/core/orm/Expression"
import { RowInvalid, ValueInvalid } from "@mortise/core/orm/OrmError"
import { Mismatch, type ValueCodec } from "../ValueCodec.ts"

/** One value of a result. */
export interface OutputColumn {
  readonly as: string
  readonly typed: Typed
  readonly codec: ValueCodec
}

/** One value that is given. */
export interface InputValue {
  /** The name of its slot, or a value that stands in the query itself. */
  readonly source: { readonly slot: string } | { readonly constant: unknown }
  readonly typed: Typed
  readonly codec: ValueCodec
}

export type Decoder = (row: ReadonlyArray<unknown>) => { [property: string]: unknown }
export type Encoder = (parameters: { readonly [name: string]: unknown }) => ReadonlyArray<unknown>

type Code = (value: unknown) => unknown
type Invalid = new (of: { table: string; column: string; problem: string }) => Error

/** The same codec, its errors naming the column. */
const naming = (code: Code, { of }: Typed, Invalid: Invalid): Code => {
  const { column, table } = of
  return (value) => {
    try {
      return code(value)
    } catch (error) {
      if (error instanceof Mismatch) throw new Invalid({ table, column, problem: `expected ${error.message}` })
      throw error
    }
  }
}

export const namingInput = (input: InputValue): Code => naming(input.codec.encode, input.typed, ValueInvalid)
export const namingOutput = (output: OutputColumn): Code => naming(output.codec.decode, output.typed, RowInvalid)

/** An expression that codes the variable `v`, calling `call` where it must. */
export const codeSource = (source: ValueCodec["encodeSource"], v: string, call: string): string =>
  source === undefined ? `${call}(${v})` : `(${source(v, `${call}(${v})`)})`

const interpretedDecoder = (columns: ReadonlyArray<OutputColumn>): Decoder => {
  const codes = columns.map(namingOutput)
  const names = columns.map(({ as }) => as)
  return (row) => {
    const value: { [property: string]: unknown } = {}
    for (let i = 0; i < codes.length; i++) {
      // a property of the object itself, whatever its name
      Object.defineProperty(value, names[i] as string, {
        value: (codes[i] as Code)(row[i]),
        enumerable: true,
        configurable: true,
        writable: true
      })
    }
    return value
  }
}

const generatedDecoder = (columns: ReadonlyArray<OutputColumn>): Decoder => {
  const codes = columns.map(namingOutput)
  const reads = columns.map((_, i) => `const v${i} = row[${i}]`)
  const parts = columns.map(
    // computed, so that "__proto__" is a property like any other
    ({ as, codec }, i) => `[${JSON.stringify(as)}]: ${codeSource(codec.decodeSource, `v${i}`, `c[${i}]`)}`
  )
  // names that are plain identifiers give objects of one hidden class
  const plain = parts.map((part, i) =>
    /^[A-Za-z]\w*$/.test(columns[i]?.as ?? "") ? part.replace(/^\["(\w+)"\]/, "$1") : part
  )
  const body = `return (row) => { ${reads.join("; ")}; return { ${plain.join(", ")} } }`
  return new Function("c", body)(codes) as Decoder
}

const interpretedEncoder = (inputs: ReadonlyArray<InputValue>): Encoder => {
  const codes = inputs.map(namingInput)
  const sources = inputs.map(({ source }) => source)
  return (parameters) =>
    sources.map((source, i) => (codes[i] as Code)("slot" in source ? parameters[source.slot] : source.constant))
}

const generatedEncoder = (inputs: ReadonlyArray<InputValue>): Encoder => {
  const codes = inputs.map(namingInput)
  const constants = inputs.map((input, i) =>
    "constant" in input.source ? (codes[i] as Code)(input.source.constant) : undefined
  )
  const reads = inputs.map(({ source }, i) =>
    "slot" in source ? `const v${i} = p[${JSON.stringify(source.slot)}]` : `const v${i} = k[${i}]`
  )
  const parts = inputs.map(({ codec, source }, i) =>
    "slot" in source ? codeSource(codec.encodeSource, `v${i}`, `c[${i}]`) : `v${i}`
  )
  const body = `return (p) => { ${reads.join("; ")}; return [${parts.join(", ")}] }`
  return new Function("c", "k", body)(codes, constants) as Encoder
}

/** Whether code may be generated here: not under `--disallow-code-generation-from-strings`. */
export const mayGenerate = (): boolean => {
  try {
    return new Function("return true")() === true
  } catch {
    return false
  }
}

/** How many decoders are remembered; the oldest goes first. */
const maxDecoders = 500

/** Makes coders, by generated code or without. */
export class Coders {
  readonly generated: boolean
  readonly #ids = new WeakMap<Typed, number>()
  readonly #decoders = new Map<string, Decoder>()
  #nextId = 0

  constructor(generated: boolean) {
    this.generated = generated
  }

  private id(typed: Typed): number {
    let id = this.#ids.get(typed)
    if (id === undefined) this.#ids.set(typed, (id = this.#nextId++))
    return id
  }

  /** Queries that are built for one run share the decoder of their result. `variant` tells codecs of one type apart. */
  decoder(columns: ReadonlyArray<OutputColumn>, variant: string): Decoder {
    const key = `${variant}\n${columns.map(({ as, typed }) => `${this.id(typed)} ${as}`).join("\n")}`
    const known = this.#decoders.get(key)
    if (known !== undefined) return known
    if (this.#decoders.size >= maxDecoders) {
      const [oldest] = this.#decoders.keys()
      if (oldest !== undefined) this.#decoders.delete(oldest)
    }
    const decoder = this.generated ? generatedDecoder(columns) : interpretedDecoder(columns)
    this.#decoders.set(key, decoder)
    return decoder
  }

  /** Generates code only for a query that runs again: for one run it is not worth it. */
  encoder(inputs: ReadonlyArray<InputValue>): Encoder {
    if (inputs.length === 0) return () => []
    const interpreted = interpretedEncoder(inputs)
    if (!this.generated) return interpreted
    let runs = 0
    let generated: Encoder | undefined
    return (parameters) => {
      if (generated !== undefined) return generated(parameters)
      if (++runs > 1) generated = generatedEncoder(inputs)
      return (generated ?? interpreted)(parameters)
    }
  }
}
