/** What the cases about protocols claim. No module of Node, so that they run in a page as well. */

import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { Crypto } from "../../crypto/Crypto.ts"

/** A case of a kit: dies with what was claimed, or fails with an error that should not have come. */
export interface ProtocolCase<R = Crypto> {
  /** The behaviour, as a sentence. */
  readonly name: string
  readonly run: Effect.Effect<void, unknown, R>
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

export const claim = (truth: boolean, what: string): void => {
  if (!truth) throw new Error(`does not hold: ${what}`)
}

export const same = <A extends string | number | boolean | undefined>(actual: A, expected: A, what: string): void =>
  claim(actual === expected, `${what} is ${String(expected)}, got ${String(actual)}`)

export const sameBytes = (actual: Uint8Array, expected: Uint8Array, what: string): void =>
  claim(actual.length === expected.length && actual.every((byte, index) => byte === expected[index]), what)

/** Runs `effect`, which has to fail with this code. */
export const refused = <A, E extends { readonly code: string }, R>(
  effect: Effect.Effect<A, E, R>,
  code: string,
  what: string
): Effect.Effect<void, never, R> =>
  Effect.map(Effect.exit(effect), (exit) => {
    if (Exit.isSuccess(exit)) throw new Error(`${what}: was not refused`)
    const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
    if (error?.code !== code)
      throw new Error(`${what}: expected ${code}, got ${error?.code ?? Cause.pretty(exit.cause)}`)
  })

/** Runs `effect`, which has to fail with any typed error. */
export const rejected = <A, E extends { readonly code: string }, R>(
  effect: Effect.Effect<A, E, R>,
  what: string
): Effect.Effect<void, never, R> =>
  Effect.map(Effect.exit(effect), (exit) => {
    if (Exit.isSuccess(exit)) throw new Error(`${what}: was not refused`)
    if (Option.isNone(Cause.findErrorOption(exit.cause))) throw new Error(`${what}: ${Cause.pretty(exit.cause)}`)
  })

/** `original` with one bit turned. */
export const flipped = (original: Uint8Array, bit: number): Uint8Array => {
  const copy = original.slice()
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}

export const contains = (haystack: Uint8Array, needle: Uint8Array): boolean => {
  for (let start = 0; start + needle.length <= haystack.length; start++) {
    if (needle.every((byte, index) => haystack[start + index] === byte)) return true
  }
  return false
}
