/** What a case of `CryptoKit` is. Nothing here imports Node: the kit runs in browsers too. */

import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { Crypto, Secret } from "../../crypto/Crypto.ts"

export interface CryptoCase {
  readonly name: string
  readonly run: Effect.Effect<void, unknown, Crypto>
}

export const hex = (bytes: Uint8Array): string => Hex.encode(bytes)
/** Spaces are for people. */
export const bytes = (text: string): Uint8Array => Result.getOrThrow(Hex.decode(text.replaceAll(/\s/g, "")))
export const secret = (text: string): Secret => Redacted.make(bytes(text))
export const text = (value: string): Uint8Array => new TextEncoder().encode(value)
/** Bytes from `first` to `last`, each one more than the one before. */
export const range = (first: number, last: number): Uint8Array =>
  Uint8Array.from({ length: last - first + 1 }, (_, i) => first + i)

/** Dies with both values where they differ. */
export const same = (actual: unknown, expected: unknown, what: string): Effect.Effect<void> =>
  actual === expected ? Effect.void : Effect.die(new Error(`${what}: ${String(actual)}, expected ${String(expected)}`))

export const sameBytes = (actual: Uint8Array, expected: Uint8Array | string, what: string): Effect.Effect<void> =>
  same(hex(actual), typeof expected === "string" ? expected.replaceAll(/\s/g, "") : hex(expected), what)

/** Dies unless it fails with an error of this tag. */
export const failsWith = <A, E extends { readonly _tag: string }, R>(
  effect: Effect.Effect<A, E, R>,
  tag: string,
  what: string
): Effect.Effect<E, A, R> => Effect.tap(Effect.flip(effect), (error) => same(error._tag, tag, what))
