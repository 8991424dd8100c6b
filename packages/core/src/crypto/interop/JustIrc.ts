/**
 * The cipher of JustIRC: static X25519, HKDF with SHA-256 and the info `JustIRC-E2E-Encryption`, ChaCha20-Poly1305 without
 * associated data; keys, nonces and ciphertexts as standard base64.
 *
 * Weaker than `SecureSession`, and here only to talk to JustIRC: both directions share one key until somebody changes his
 * key pair, so whoever gets a private key reads everything that was said; nothing tells a replayed message from a new one;
 * and the server hands out the public keys, so it can put itself between two people who do not compare fingerprints.
 */

import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Result from "effect/Result"
import { Crypto, type Secret } from "../Crypto.ts"
import { type CryptoError, CryptoInputInvalid } from "../CryptoError.ts"

const INFO = new TextEncoder().encode("JustIRC-E2E-Encryption")
const NONCE_BYTES = 12
const aead = "chacha20-poly1305"

/** The fields of a `private_message`. */
export interface Sealed {
  readonly encrypted_data: string
  readonly nonce: string
}

const decode = (what: string, text: string): Effect.Effect<Uint8Array, CryptoInputInvalid> =>
  Result.match(Base64.decode(text), {
    onSuccess: Effect.succeed,
    onFailure: () => Effect.fail(new CryptoInputInvalid({ algorithm: "JustIRC", expected: `${what} in base64` }))
  })

/** A public key as JustIRC sends it. */
export const encodePublicKey = (publicKey: Uint8Array): string => Base64.encode(publicKey)

/** The key that two people share; `peer` is the other's public key, as it was received. */
export const sharedKey: (privateKey: Secret, peer: string) => Effect.Effect<Secret, CryptoError, Crypto> =
  Effect.fnUntraced(function* (privateKey, peer) {
    const crypto = yield* Crypto
    const shared = yield* crypto.agree(privateKey, yield* decode("a public key", peer))
    return yield* crypto.hkdf("sha-256", shared, { info: INFO, length: 32 })
  })

/** Seals a text under a random nonce: of 2^32 messages under one key, one in 2^32 repeats a nonce. */
export const seal: (key: Secret, text: string) => Effect.Effect<Sealed, CryptoError, Crypto> = Effect.fnUntraced(
  function* (key, text) {
    const crypto = yield* Crypto
    const nonce = yield* crypto.random(NONCE_BYTES)
    const sealed = yield* crypto.seal(aead, key, nonce, new TextEncoder().encode(text))
    return { encrypted_data: Base64.encode(sealed), nonce: Base64.encode(nonce) }
  }
)

export const open: (key: Secret, message: Sealed) => Effect.Effect<string, CryptoError, Crypto> = Effect.fnUntraced(
  function* (key, { encrypted_data, nonce }) {
    const crypto = yield* Crypto
    const bytes = yield* crypto.open(
      aead,
      key,
      yield* decode("a nonce", nonce),
      yield* decode("encrypted data", encrypted_data)
    )
    return new TextDecoder().decode(bytes)
  }
)
