/**
 * `Crypto` as the protocols use it: keys of one message are bytes of a state, and not wrapped; what does not authenticate or
 * agree is a value, for each protocol says by itself what that means.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { AeadName, CryptoShape, KeyPair, Secret } from "../Crypto.ts"
import type { CryptoInputInvalid, CryptoUnavailable } from "../CryptoError.ts"

/** The platform cannot, or a key that came from the caller has a wrong length. */
export type CryptoFault = CryptoInputInvalid | CryptoUnavailable

export interface Primitives extends Pick<CryptoShape, "random" | "agreementKeys" | "signingKeys" | "sign" | "verify"> {
  readonly seal: (
    aead: AeadName,
    key: Uint8Array,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    associatedData: Uint8Array
  ) => Effect.Effect<Uint8Array, CryptoFault>
  /** Nothing when it does not authenticate. */
  readonly open: (
    aead: AeadName,
    key: Uint8Array,
    nonce: Uint8Array,
    sealed: Uint8Array,
    associatedData: Uint8Array
  ) => Effect.Effect<Uint8Array | undefined, CryptoFault>
  /** HMAC-SHA-256. The key is wrapped by the caller, who asks twice with the same one: wrapping is not free. */
  readonly hmac: (key: Secret, data: Uint8Array) => Effect.Effect<Uint8Array, CryptoFault>
  /** HKDF-SHA-256. */
  readonly hkdf: (
    input: Uint8Array,
    options: { readonly salt: Uint8Array; readonly info: Uint8Array; readonly length: number }
  ) => Effect.Effect<Uint8Array, CryptoFault>
  readonly sha256: (data: Uint8Array) => Effect.Effect<Uint8Array, CryptoFault>
  readonly sha512: (data: Uint8Array) => Effect.Effect<Uint8Array, CryptoFault>
  /** X25519; nothing when the public key is a point of low order. */
  readonly agree: (privateKey: Secret, publicKey: Uint8Array) => Effect.Effect<Uint8Array | undefined, CryptoFault>
}

export type { KeyPair, Secret }

export const primitives = (crypto: CryptoShape): Primitives => ({
  random: crypto.random,
  agreementKeys: crypto.agreementKeys,
  signingKeys: crypto.signingKeys,
  sign: crypto.sign,
  verify: crypto.verify,
  seal: (aead, key, nonce, plaintext, associatedData) =>
    crypto.seal(aead, Redacted.make(key), nonce, plaintext, associatedData),
  open: (aead, key, nonce, sealed, associatedData) =>
    Effect.catchTag(crypto.open(aead, Redacted.make(key), nonce, sealed, associatedData), "OpenFailed", nothing),
  hmac: (key, data) => crypto.hmac("sha-256", key, data),
  hkdf: (input, options) => Effect.map(crypto.hkdf("sha-256", Redacted.make(input), options), Redacted.value),
  sha256: (data) => crypto.digest("sha-256", data),
  sha512: (data) => crypto.digest("sha-512", data),
  agree: (privateKey, publicKey) =>
    Effect.map(
      Effect.catchTag(crypto.agree(privateKey, publicKey), "AgreementRefused", nothing),
      (secret) => secret && Redacted.value(secret)
    )
})

const nothing = () => Effect.succeed(undefined)
