/**
 * `Crypto` on libsodium compiled to WebAssembly: loads before it can anything, copies bytes in and out, and has no AES-GCM
 * and, though it declares them, no hashes. Made to hold contract and kit against, not to be used.
 */
import { type AeadName, Crypto, type KeyPair, type Secret } from "@mortise/core/crypto/Crypto"
import { AgreementRefused, CryptoInputInvalid, CryptoUnavailable, OpenFailed } from "@mortise/core/crypto/CryptoError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import sodium from "libsodium-wrappers"

const NOTHING = new Uint8Array(0)
const value = (secret: Secret): Uint8Array => Redacted.value(secret)
const missing = (algorithm: string) => new CryptoUnavailable({ algorithm, reason: "libsodium-wrappers leaves it out" })

const invalid = (algorithm: string, expected: string) => new CryptoInputInvalid({ algorithm, expected })
/** libsodium checks lengths by itself, and throws TypeErrors; the contract's sentences name both lengths. */
const wrong = (algorithm: string, what: string, { length }: Uint8Array, wanted: number) =>
  length === wanted ? undefined : invalid(algorithm, `${what} of ${wanted} bytes, not ${length}`)
const guarded = <A, E>(problem: CryptoInputInvalid | undefined, run: () => Effect.Effect<A, E>) =>
  Effect.suspend((): Effect.Effect<A, E | CryptoInputInvalid> => (problem === undefined ? run() : Effect.fail(problem)))

type Cipher = Exclude<AeadName, "aes-256-gcm">
const seals = (name: Cipher) =>
  name === "chacha20-poly1305"
    ? sodium.crypto_aead_chacha20poly1305_ietf_encrypt
    : sodium.crypto_aead_xchacha20poly1305_ietf_encrypt
const opens = (name: Cipher) =>
  name === "chacha20-poly1305"
    ? sodium.crypto_aead_chacha20poly1305_ietf_decrypt
    : sodium.crypto_aead_xchacha20poly1305_ietf_decrypt
const sizes = (name: Cipher, key: Secret, nonce: Uint8Array) =>
  wrong(name, "a key", value(key), 32) ?? wrong(name, "a nonce", nonce, name === "chacha20-poly1305" ? 12 : 24)

/** Ed25519 private keys of libsodium are the seed and the public key. */
const signing = (seed: Uint8Array) => sodium.crypto_sign_seed_keypair(seed)
const seedPair = (): KeyPair => {
  const seed = sodium.randombytes_buf(32)
  return { publicKey: signing(seed).publicKey, privateKey: Redacted.make(seed) }
}

const crypto = Crypto.of({
  random: (length) => Effect.sync(() => sodium.randombytes_buf(length)),
  seal: (name, key, nonce, plaintext, associated = NOTHING) =>
    name === "aes-256-gcm"
      ? Effect.fail(missing(name))
      : guarded(sizes(name, key, nonce), () =>
          Effect.sync(() => seals(name)(plaintext, associated, null, nonce, value(key)))
        ),
  open: (name, key, nonce, sealed, associated = NOTHING) =>
    name === "aes-256-gcm"
      ? Effect.fail(missing(name))
      : guarded(sizes(name, key, nonce), () =>
          Effect.try({
            try: () => opens(name)(null, sealed, associated, nonce, value(key)),
            catch: () => new OpenFailed({ algorithm: name })
          })
        ),
  agreementKeys: Effect.sync(() => {
    const { privateKey, publicKey } = sodium.crypto_box_keypair()
    return { publicKey, privateKey: Redacted.make(privateKey) }
  }),
  agreementPublicKey: (key) =>
    guarded(wrong("x25519", "a private key", value(key), 32), () =>
      Effect.sync(() => sodium.crypto_scalarmult_base(value(key)))
    ),
  agree: (key, publicKey) =>
    guarded(wrong("x25519", "a private key", value(key), 32) ?? wrong("x25519", "a public key", publicKey, 32), () =>
      Effect.try({
        try: () => Redacted.make(sodium.crypto_scalarmult(value(key), publicKey)),
        catch: () => new AgreementRefused({ algorithm: "x25519" })
      })
    ),
  signingKeys: Effect.sync(seedPair),
  signingPublicKey: (key) =>
    guarded(wrong("ed25519", "a private key", value(key), 32), () => Effect.sync(() => signing(value(key)).publicKey)),
  sign: (key, message) =>
    guarded(wrong("ed25519", "a private key", value(key), 32), () =>
      Effect.sync(() => sodium.crypto_sign_detached(message, signing(value(key)).privateKey))
    ),
  verify: (publicKey, message, signature) =>
    guarded(wrong("ed25519", "a public key", publicKey, 32), () =>
      Effect.sync(() => signature.length === 64 && sodium.crypto_sign_verify_detached(signature, message, publicKey))
    ),
  hkdf: (name) => Effect.fail(missing(`hkdf ${name}`)),
  hmac: (name) => Effect.fail(missing(`hmac ${name}`)),
  digest: (name) => Effect.fail(missing(name))
})

export const layer: Layer.Layer<Crypto> = Layer.effect(
  Crypto,
  Effect.as(
    Effect.promise(() => sodium.ready),
    crypto
  )
)
