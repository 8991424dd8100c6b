/**
 * What a platform answers at once, on plain bytes. Each message of a session asks for half a dozen of these, and an Effect
 * and a wrapped key for each question cost more than its answer.
 *
 * It is known by the very service that it belongs to: a service made of another one, such as a copy that records or asks
 * hardware, is asked itself.
 */
import type { AeadName, CryptoShape } from "../Crypto.ts"

/** As in `CryptoShape`; whoever asks has seen to it that keys and nonces have their lengths. */
export interface Direct {
  readonly random: (length: number) => Uint8Array
  readonly seal: (
    aead: AeadName,
    key: Uint8Array,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    associated: Uint8Array
  ) => Uint8Array
  /** Nothing when it does not authenticate. */
  readonly open: (
    aead: AeadName,
    key: Uint8Array,
    nonce: Uint8Array,
    sealed: Uint8Array,
    associated: Uint8Array
  ) => Uint8Array | undefined
  /** HMAC-SHA-256 of two inputs under one key. */
  readonly hmacs: (
    key: Uint8Array,
    first: Uint8Array,
    second: Uint8Array
  ) => readonly [first: Uint8Array, second: Uint8Array]
}

const known = new WeakMap<CryptoShape, Direct>()

export const withDirect = (crypto: CryptoShape, direct: Direct): CryptoShape => {
  known.set(crypto, direct)
  return crypto
}

export const directOf = (crypto: CryptoShape): Direct | undefined => known.get(crypto)
