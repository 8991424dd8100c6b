/**
 * `Crypto` as the protocols use it: keys of one message are bytes of a state, and not wrapped; what does not authenticate or
 * agree is a value, for each protocol says by itself what that means. What the platform answers at once (`direct`) is an
 * Exit, with which `Effect.flatMapEager` goes straight on: ask only when the answer is due.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import type { AeadName, CryptoShape, KeyPair, Secret } from "../Crypto.ts"
import type { CryptoInputInvalid, CryptoUnavailable } from "../CryptoError.ts"
import { type Direct, directOf } from "./direct.ts"
import { KEY_BYTES, nonceBytes } from "./lengths.ts"

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
  /** HMAC-SHA-256 of two inputs under one key. */
  readonly hmacs: (
    key: Uint8Array,
    first: Uint8Array,
    second: Uint8Array
  ) => Effect.Effect<readonly [first: Uint8Array, second: Uint8Array], CryptoFault>
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

const wrapping = (crypto: CryptoShape): Primitives => ({
  random: crypto.random,
  agreementKeys: crypto.agreementKeys,
  signingKeys: crypto.signingKeys,
  sign: crypto.sign,
  verify: crypto.verify,
  seal: (aead, key, nonce, plaintext, associatedData) =>
    crypto.seal(aead, Redacted.make(key), nonce, plaintext, associatedData),
  open: (aead, key, nonce, sealed, associatedData) =>
    Effect.catchTag(crypto.open(aead, Redacted.make(key), nonce, sealed, associatedData), "OpenFailed", nothing),
  hmacs: (key, first, second) => {
    const secret = Redacted.make(key)
    return Effect.all([crypto.hmac("sha-256", secret, first), crypto.hmac("sha-256", secret, second)])
  },
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

/** What `direct` does not take, its platform refuses in words. */
const straight = (direct: Direct, otherwise: Primitives): Primitives => ({
  ...otherwise,
  random: (length) => Exit.succeed(direct.random(length)),
  seal: (aead, key, nonce, plaintext, associatedData) =>
    fits(aead, key, nonce)
      ? Exit.succeed(direct.seal(aead, key, nonce, plaintext, associatedData))
      : otherwise.seal(aead, key, nonce, plaintext, associatedData),
  open: (aead, key, nonce, sealed, associatedData) =>
    fits(aead, key, nonce)
      ? Exit.succeed(direct.open(aead, key, nonce, sealed, associatedData))
      : otherwise.open(aead, key, nonce, sealed, associatedData),
  hmacs: (key, first, second) =>
    key.length === KEY_BYTES ? Exit.succeed(direct.hmacs(key, first, second)) : otherwise.hmacs(key, first, second)
})

const fits = (aead: AeadName, key: Uint8Array, nonce: Uint8Array): boolean =>
  key.length === KEY_BYTES && nonce.length === nonceBytes[aead]

const made = new WeakMap<CryptoShape, Primitives>()

/** The same for the same service. */
export const primitives = (crypto: CryptoShape): Primitives => {
  const known = made.get(crypto)
  if (known !== undefined) return known
  const direct = directOf(crypto)
  const own = direct === undefined ? wrapping(crypto) : straight(direct, wrapping(crypto))
  made.set(crypto, own)
  return own
}
