/** What a client puts on the wire, and what an echo server must answer: RFC 6455 as a table, in the families of Autobahn. */
import { clientFrame, closeFrame } from "../../src/internal/testing/frames.ts"

/** What the server sends; a close is the last thing, and the stream ends after it. */
export type Expected =
  | { readonly text: Uint8Array }
  | { readonly binary: Uint8Array }
  | { readonly pong: Uint8Array }
  /** 1005: a close frame without a code. */
  | { readonly close: number; readonly reason?: string }

export interface Case {
  /** Family of the Autobahn test suite, then what happens. */
  readonly name: string
  readonly frames: ReadonlyArray<Uint8Array>
  readonly expect: ReadonlyArray<Expected>
  /** Why `ws`, which checks this table, is not asked: it is more lenient than RFC 6455. */
  readonly lenientOracle?: string
}

/** Largest message that the servers under test take, in bytes. */
export const MAX_MESSAGE = 128 * 1024

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
export const bytes = (...values: ReadonlyArray<number>): Uint8Array => Uint8Array.from(values)
export const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"))
/** `length` bytes of printable text, not all alike. */
export const filler = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => 33 + ((i * 7) % 90))

const asBytes = (payload: string | Uint8Array): Uint8Array => (typeof payload === "string" ? utf8(payload) : payload)

/** The frames of a client; `more` is a first fragment, `rest` a middle and `last` the last one. */
export const text = (payload: string | Uint8Array) => clientFrame(0x81, asBytes(payload))
export const binary = (payload: string | Uint8Array) => clientFrame(0x82, asBytes(payload))
export const textMore = (payload: string | Uint8Array) => clientFrame(0x01, asBytes(payload))
export const binaryMore = (payload: string | Uint8Array) => clientFrame(0x02, asBytes(payload))
export const rest = (payload: string | Uint8Array) => clientFrame(0x00, asBytes(payload))
export const last = (payload: string | Uint8Array) => clientFrame(0x80, asBytes(payload))
export const ping = (payload: string | Uint8Array) => clientFrame(0x89, asBytes(payload))
export const pong = (payload: string | Uint8Array) => clientFrame(0x8a, asBytes(payload))
export const close = (code?: number, reason?: string) =>
  clientFrame(0x88, code === undefined ? new Uint8Array(0) : closeFrame(code, reason))

/** The answers of the server. */
export const gotText = (payload: string | Uint8Array): Expected => ({ text: asBytes(payload) })
export const gotBinary = (payload: string | Uint8Array): Expected => ({ binary: asBytes(payload) })
export const gotPong = (payload: string | Uint8Array): Expected => ({ pong: asBytes(payload) })
export const gotClose = (code: number, reason?: string): Expected =>
  reason === undefined ? { close: code } : { close: code, reason }

/** A payload in fragments of `size` bytes. */
export const fragments = (first: number, payload: Uint8Array, size: number): ReadonlyArray<Uint8Array> => {
  const frames: Array<Uint8Array> = []
  for (let at = 0; at < payload.length || at === 0; at += size) {
    const isLast = at + size >= payload.length
    frames.push(clientFrame((isLast ? 0x80 : 0) | (at === 0 ? first : 0), payload.subarray(at, at + size)))
  }
  return frames
}
