/**
 * Keys for data at rest, with room to change them: seals with the current key, opens what any key of the ring sealed.
 *
 * What it makes, byte by byte: the version 1, the key's number (u32, big-endian), a random nonce of 24 bytes, and
 * XChaCha20-Poly1305 of the plaintext; the version and the number are authenticated with the associated data.
 *
 * @example
 * const ring = KeyRing.make({ current: 2, keys: { 1: old, 2: fresh } })
 * const stored = yield* ring.seal(plaintext, context)
 * const plaintext = yield* ring.open(stored, context)
 * if (!ring.isCurrent(stored)) yield* save(yield* ring.seal(plaintext, context))
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"
import { Crypto, type Secret } from "./Crypto.ts"
import { type CryptoError, CryptoInputInvalid, OpenFailed } from "./CryptoError.ts"
import { concat } from "./internal/Bytes.ts"

const VERSION = 1
const HEAD_BYTES = 5
const NONCE_BYTES = 24
const aead = "xchacha20-poly1305"

/** The ring has not the key that this was sealed with: it was retired too early, or this is of another ring. */
export class KeyMissing extends Errors.make<KeyMissing>()(
  "KeyMissing",
  { component: "crypto", code: "CRYPTO_KEY_MISSING", status: 500 },
  { key: Schema.Int }
) {
  override get message(): string {
    return `This was sealed with key ${this.key}, which the ring does not have. Add that key to open it.`
  }
}

export interface Options {
  /** The number of the key that seals. */
  readonly current: number
  /** Keys of 32 bytes by number, from 0 to 2^32 - 1. A number never gets another key. */
  readonly keys: { readonly [number: number]: Secret }
}

export interface KeyRing {
  /** `associated` says where the data belongs (a table and a row): it opens nowhere else. */
  readonly seal: (plaintext: Uint8Array, associated: Uint8Array) => Effect.Effect<Uint8Array, CryptoError, Crypto>
  readonly open: (
    sealed: Uint8Array,
    associated: Uint8Array
  ) => Effect.Effect<Uint8Array, CryptoError | KeyMissing, Crypto>
  /** Whether the current key sealed it; if not, open it and seal it again. */
  readonly isCurrent: (sealed: Uint8Array) => boolean
}

const headOf = (key: number): Uint8Array => {
  const head = new Uint8Array(HEAD_BYTES)
  head[0] = VERSION
  new DataView(head.buffer).setUint32(1, key)
  return head
}
const keyOf = (sealed: Uint8Array): number =>
  new DataView(sealed.buffer, sealed.byteOffset, sealed.byteLength).getUint32(1)

export const make = ({ current, keys }: Options): KeyRing => ({
  seal: Effect.fnUntraced(function* (plaintext, associated) {
    const crypto = yield* Crypto
    const key = keys[current]
    if (key === undefined)
      return yield* new CryptoInputInvalid({ algorithm: "KeyRing", expected: `a key with the number ${current}` })
    const head = headOf(current)
    const nonce = yield* crypto.random(NONCE_BYTES)
    return concat(head, nonce, yield* crypto.seal(aead, key, nonce, plaintext, concat(head, associated)))
  }),
  open: Effect.fnUntraced(function* (sealed, associated) {
    const crypto = yield* Crypto
    if (sealed.length < HEAD_BYTES + NONCE_BYTES || sealed[0] !== VERSION)
      return yield* new OpenFailed({ algorithm: "KeyRing" })
    const key = keys[keyOf(sealed)]
    if (key === undefined) return yield* new KeyMissing({ key: keyOf(sealed) })
    const nonce = sealed.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES)
    const about = concat(sealed.subarray(0, HEAD_BYTES), associated)
    return yield* crypto.open(aead, key, nonce, sealed.subarray(HEAD_BYTES + NONCE_BYTES), about)
  }),
  isCurrent: (sealed) => sealed.length >= HEAD_BYTES && sealed[0] === VERSION && keyOf(sealed) === current
})
