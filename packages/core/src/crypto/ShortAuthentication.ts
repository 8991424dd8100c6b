/**
 * A short text that two people who are both there read to each other, instead of a safety number. Short texts can be guessed,
 * so each side first binds itself to a random value, and neither can choose its own after it has seen the other's: a
 * stranger between them has one try in 2^39, and a wrong one is seen.
 *
 * Three messages, over the very channel that is in doubt: commitment, answer, opening. `about` is what is authenticated:
 * the id of a session (`session.id`), which covers both identities and everything that was negotiated.
 *
 * The text is three numbers of 13 bits, plus 1000: as in Matrix' decimal method (m.sas.v1).
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"
import { Crypto, equal } from "./Crypto.ts"
import { concat, prefixed, text } from "./internal/Bytes.ts"
import { type CryptoFault, type Primitives, primitives } from "./internal/Primitives.ts"

const VALUE_BYTES = 32

/** The opening is not what the commitment was made to: somebody stands between the two. Nothing is to be trusted. */
export class CommitmentBroken extends Errors.make<CommitmentBroken>()(
  "CommitmentBroken",
  { component: "crypto", code: "SHORT_AUTHENTICATION_COMMITMENT_BROKEN", status: 400 },
  {
    message: Schema.String
  }
) {}

/** Of the side that began: `opening` is kept back until the answer is there. */
export interface Begun {
  readonly about: Uint8Array
  /** Send it. */
  readonly commitment: Uint8Array
  readonly opening: Uint8Array
}

/** Of the side that answered. */
export interface Answered {
  readonly about: Uint8Array
  readonly commitment: Uint8Array
  /** Send it. */
  readonly answer: Uint8Array
}

const commit = (crypto: Primitives, about: Uint8Array, opening: Uint8Array) =>
  crypto.sha256(concat(text("mortise-commitment"), prefixed(about), opening))

export const begin = (about: Uint8Array): Effect.Effect<Begun, CryptoFault, Crypto> =>
  Effect.gen(function* () {
    const crypto = primitives(yield* Crypto)
    const opening = yield* crypto.random(VALUE_BYTES)
    return { about, opening, commitment: yield* commit(crypto, about, opening) }
  })

export const answer = (about: Uint8Array, commitment: Uint8Array): Effect.Effect<Answered, CryptoFault, Crypto> =>
  Effect.gen(function* () {
    const crypto = primitives(yield* Crypto)
    return { about, commitment, answer: yield* crypto.random(VALUE_BYTES) }
  })

/** The text for the side that began; send `begun.opening` now, and only now. */
export const open = (begun: Begun, answer: Uint8Array): Effect.Effect<string, CommitmentBroken | CryptoFault, Crypto> =>
  Effect.gen(function* () {
    if (answer.length !== VALUE_BYTES) return yield* new CommitmentBroken({ message: "The answer is not one." })
    return yield* shortText(primitives(yield* Crypto), begun.about, begun.opening, answer)
  })

/** The text for the side that answered. */
export const check = (
  answered: Answered,
  opening: Uint8Array
): Effect.Effect<string, CommitmentBroken | CryptoFault, Crypto> =>
  Effect.gen(function* () {
    const crypto = primitives(yield* Crypto)
    if (!equal(yield* commit(crypto, answered.about, opening), answered.commitment)) {
      return yield* new CommitmentBroken({
        message: "The other side opened something else than it had bound itself to."
      })
    }
    return yield* shortText(crypto, answered.about, opening, answered.answer)
  })

const shortText = (crypto: Primitives, about: Uint8Array, opening: Uint8Array, answer: Uint8Array) =>
  Effect.map(
    crypto.hkdf(concat(opening, answer), { salt: about, info: text("mortise-short-text"), length: 6 }),
    (bytes) => {
      const bits = bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
      return [35n, 22n, 9n].map((shift) => String(Number((bits >> shift) & 0x1fffn) + 1000)).join(" ")
    }
  )
