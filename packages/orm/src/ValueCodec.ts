/**
 * How values of one kind go to a database and come back. A codec is two functions; where one is hot, it may also be given
 * as source text, which is put into generated code and hands everything unusual to the function.
 */

/** Thrown by a codec for a value that is not of its kind; its message says what was expected. Caught by the engine. */
export class Mismatch extends Error {}

export interface ValueCodec {
  /** From what a program gives to what is stored. */
  readonly encode: (value: unknown) => unknown
  /** From what is stored to what a program sees. */
  readonly decode: (stored: unknown) => unknown
  /** An expression that does the same for the variable `v`; `call` does it by the function. */
  readonly encodeSource?: (v: string, call: string) => string
  readonly decodeSource?: (v: string, call: string) => string
}

export const mismatch = (expected: string): never => {
  throw new Mismatch(expected)
}
