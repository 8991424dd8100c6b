/**
 * The layout of a sealed stream, and the keys of its chunks.
 *
 * | bytes | field |
 * |---|---|
 * | 1 | format: 1 |
 * | 16 | random |
 * | 32 | commitment to the key and the associated data: HKDF over both and the random bytes |
 *
 * and for each chunk: salt of its segment (16), the encrypted chunk (32768; the last one 0 to 32768), tag (16).
 *
 * A stream that is sealed in one go is one segment; every continuation is one more. Key and nonce prefix of a segment come
 * from its salt, its start and the tag before it, so segments fit only where they were made, and a continuation never uses
 * a nonce again. Nonce of a chunk: prefix (7), index (4), 1 if it is the last one and 0 otherwise (1).
 */

import * as Effect from "effect/Effect"
import { equal } from "../Crypto.ts"
import { concat, text, u32 } from "./Bytes.ts"
import type { CryptoFault, Primitives } from "./Primitives.ts"

export const CHUNK_BYTES = 32 * 1024
export const SALT_BYTES = 16
export const TAG_BYTES = 16
export const OVERHEAD_BYTES = SALT_BYTES + TAG_BYTES
export const RECORD_BYTES = CHUNK_BYTES + OVERHEAD_BYTES

const FORMAT = 1
const RANDOM_BYTES = 16
const COMMITMENT_BYTES = 32
export const HEADER_BYTES = 1 + RANDOM_BYTES + COMMITMENT_BYTES

export interface StreamSecret {
  readonly key: Uint8Array
  readonly associatedHash: Uint8Array
}

const NOTHING = new Uint8Array(0)

/** The associated data stands in every derivation by its hash. */
export const secretOf = (
  primitives: Primitives,
  key: Uint8Array,
  associatedData: Uint8Array = NOTHING
): Effect.Effect<StreamSecret, CryptoFault> =>
  Effect.map(primitives.sha256(associatedData), (associatedHash) => ({ key, associatedHash }))

/** What a segment is bound to, apart from the stream. */
export interface Segment {
  readonly salt: Uint8Array
  /** Index of its first chunk. */
  readonly start: number
  /** Tag of the chunk before it; zeros at the beginning of the stream. */
  readonly previousTag: Uint8Array
}

export interface SegmentKeys {
  readonly key: Uint8Array
  readonly prefix: Uint8Array
}

export const NO_TAG = new Uint8Array(TAG_BYTES)

const commitment = (primitives: Primitives, { associatedHash, key }: StreamSecret, salt: Uint8Array) =>
  primitives.hkdf(key, {
    salt,
    info: concat(text("mortise-sealed-stream commitment"), associatedHash),
    length: COMMITMENT_BYTES
  })

export const makeHeader = Effect.fnUntraced(function* (primitives: Primitives, secret: StreamSecret) {
  const random = yield* primitives.random(RANDOM_BYTES)
  return concat(Uint8Array.of(FORMAT), random, yield* commitment(primitives, secret, random))
})

export const checkHeader = Effect.fnUntraced(function* (
  primitives: Primitives,
  secret: StreamSecret,
  header: Uint8Array
): Effect.fn.Return<"malformed" | "wrong-key" | undefined, CryptoFault> {
  if (header.length !== HEADER_BYTES || header[0] !== FORMAT) return "malformed"
  const expected = yield* commitment(primitives, secret, header.subarray(1, 1 + RANDOM_BYTES))
  return equal(expected, header.subarray(1 + RANDOM_BYTES)) ? undefined : "wrong-key"
})

export const newSegment = (
  primitives: Primitives,
  start: number,
  previousTag: Uint8Array
): Effect.Effect<Segment, CryptoFault> =>
  Effect.map(primitives.random(SALT_BYTES), (salt) => ({ salt, start, previousTag }))

export const segmentKeys = (
  primitives: Primitives,
  { associatedHash, key }: StreamSecret,
  header: Uint8Array,
  { previousTag, salt, start }: Segment
): Effect.Effect<SegmentKeys, CryptoFault> =>
  Effect.map(
    primitives.hkdf(key, {
      salt,
      info: concat(text("mortise-sealed-stream segment"), header, u32(start), previousTag, associatedHash),
      length: 39
    }),
    (bytes) => ({ key: bytes.slice(0, 32), prefix: bytes.slice(32) })
  )

const nonce = (prefix: Uint8Array, index: number, last: boolean): Uint8Array =>
  concat(prefix, u32(index), Uint8Array.of(last ? 1 : 0))

export const seal = (
  primitives: Primitives,
  { key, prefix }: SegmentKeys,
  index: number,
  last: boolean,
  chunk: Uint8Array
): Effect.Effect<Uint8Array, CryptoFault> =>
  primitives.seal("chacha20-poly1305", key, nonce(prefix, index, last), chunk, NOTHING)

export const open = (
  primitives: Primitives,
  { key, prefix }: SegmentKeys,
  index: number,
  last: boolean,
  sealed: Uint8Array
): Effect.Effect<Uint8Array | undefined, CryptoFault> =>
  primitives.open("chacha20-poly1305", key, nonce(prefix, index, last), sealed, NOTHING)
