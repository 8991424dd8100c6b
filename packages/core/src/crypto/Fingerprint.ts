/**
 * What two people compare to be sure that nobody stands between them: out loud, on paper, by scanning. A safety number can
 * be compared at any time and stays until an identity changes. It says nothing about who holds the keys; the comparison does.
 */
import * as Effect from "effect/Effect"
import { Crypto } from "./Crypto.ts"
import type { PublicIdentity } from "./Identity.ts"
import { concat, text } from "./internal/Bytes.ts"
import { type CryptoFault, primitives } from "./internal/Primitives.ts"

const GROUPS = 12
const GROUP_BYTES = 5

/** Compares like strings: by the first byte that differs. */
const order = (left: Uint8Array, right: Uint8Array): number => {
  for (const [index, byte] of left.entries()) {
    const difference = byte - right[index]!
    if (difference !== 0) return difference
  }
  return 0
}

const keysOf = ({ agreementKey, signingKey }: PublicIdentity): Uint8Array => concat(signingKey, agreementKey)

/**
 * The safety number of two identities: 60 digits in groups of five, the same whichever comes first. A stranger who wants
 * both sides to see the same number has to find two keys with one hash of 199 bits.
 *
 * Each group is five bytes of SHA-512, modulo 100 000, as in Signal's numeric fingerprint.
 */
export const safetyNumber = (one: PublicIdentity, other: PublicIdentity): Effect.Effect<string, CryptoFault, Crypto> =>
  Effect.gen(function* () {
    const [first, second] = [keysOf(one), keysOf(other)].sort(order)
    const hash = yield* primitives(yield* Crypto).sha512(concat(text("mortise-safety-number"), first!, second!))
    return Array.from({ length: GROUPS }, (_, group) => {
      const bytes = hash.subarray(group * GROUP_BYTES, (group + 1) * GROUP_BYTES)
      const number = bytes.reduce((value, byte) => value * 256 + byte, 0)
      return String(number % 100_000).padStart(5, "0")
    }).join(" ")
  })
