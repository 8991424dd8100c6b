/** `Crypto` on Node, by OpenSSL. XChaCha20, which OpenSSL does not have, is effect's. Every Effect completes at once. */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  hkdfSync,
  type KeyObject,
  randomFillSync,
  sign,
  verify
} from "node:crypto"
import * as Aead from "effect/crypto/Aead"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { type AeadName, Crypto, type CryptoShape, type HashName, type KeyPair, type Secret } from "./Crypto.ts"
import { AgreementRefused, type CryptoInputInvalid, OpenFailed } from "./CryptoError.ts"
import {
  aeadProblem,
  derivationProblem,
  hashBytes,
  hmacProblem,
  keyProblem,
  NOTHING,
  publicKeyProblem,
  SIGNATURE_BYTES,
  TAG_BYTES
} from "./internal/lengths.ts"
import { type Curve, exportPrivate, exportPublic, importPrivate, importPublic } from "./internal/rawKeys.ts"

const openssl: Readonly<Record<HashName, string>> = { "sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512" }
const tag = { authTagLength: TAG_BYTES } as const
// xchacha20Poly1305 has an implementation of its own, unlike AES
const xchacha = Aead.xchacha20Poly1305.implementation as Aead.Implementation

/** Node asks of bytes whether they are a key in ways that cost more than the cipher; a key object answers at once. */
const keyObject = (key: Secret): KeyObject => createSecretKey(Redacted.value(key))

const seal = (aead: AeadName, key: Secret, nonce: Uint8Array, plaintext: Uint8Array, associated: Uint8Array) => {
  if (aead === "xchacha20-poly1305") return xchacha.encrypt(Redacted.value(key), nonce, plaintext, associated)
  // the types know one overload for each cipher; both take a tag's length
  const cipher = createCipheriv(aead as "chacha20-poly1305", keyObject(key), nonce, tag)
  if (associated.length > 0) cipher.setAAD(associated, { plaintextLength: plaintext.length })
  const sealed = new Uint8Array(plaintext.length + TAG_BYTES)
  sealed.set(cipher.update(plaintext), 0)
  cipher.final()
  sealed.set(cipher.getAuthTag(), plaintext.length)
  return sealed
}

const open = (aead: AeadName, key: Secret, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array) => {
  const length = sealed.length - TAG_BYTES
  if (length < 0) return undefined
  if (aead === "xchacha20-poly1305") return xchacha.decrypt(Redacted.value(key), nonce, sealed, associated)
  const decipher = createDecipheriv(aead as "chacha20-poly1305", keyObject(key), nonce, tag)
  if (associated.length > 0) decipher.setAAD(associated, { plaintextLength: length })
  decipher.setAuthTag(sealed.subarray(length))
  const plaintext = decipher.update(sealed.subarray(0, length))
  try {
    decipher.final()
  } catch {
    plaintext.fill(0)
    return undefined
  }
  return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length)
}

const generate = (curve: Curve): KeyPair => {
  const pair = curve === "x25519" ? generateKeyPairSync("x25519") : generateKeyPairSync("ed25519")
  return { publicKey: exportPublic(pair.publicKey), privateKey: exportPrivate(pair.privateKey) }
}

const publicKeyOf = (curve: Curve) => (privateKey: Secret) =>
  Effect.suspend(() => {
    const problem = keyProblem(curve, privateKey, "a private key")
    if (problem !== undefined) return Effect.fail(problem)
    return Effect.succeed(exportPublic(importPrivate(curve, privateKey)))
  })

/** The shared secret, or nothing where the peer's key has a low order. */
const shared = (privateKey: KeyObject, publicKey: Uint8Array): Uint8Array | undefined => {
  try {
    return new Uint8Array(diffieHellman({ privateKey, publicKey: importPublic("x25519", publicKey) }))
  } catch {
    return undefined
  }
}

/** Whether the signature is right; a key that is no point of the curve has made none. */
const verified = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  if (signature.length !== SIGNATURE_BYTES) return false
  try {
    return verify(null, message, importPublic("ed25519", publicKey), signature)
  } catch {
    return false
  }
}

const crypto: CryptoShape = {
  random: (length) => Effect.sync(() => randomFillSync(new Uint8Array(length))),
  seal: (aead, key, nonce, plaintext, associated = NOTHING) =>
    Effect.suspend(() => {
      const problem = aeadProblem(aead, key, nonce)
      return problem === undefined
        ? Effect.succeed(seal(aead, key, nonce, plaintext, associated))
        : Effect.fail(problem)
    }),
  open: (aead, key, nonce, sealed, associated = NOTHING) =>
    Effect.suspend((): Effect.Effect<Uint8Array, CryptoInputInvalid | OpenFailed> => {
      const problem = aeadProblem(aead, key, nonce)
      if (problem !== undefined) return Effect.fail(problem)
      const plaintext = open(aead, key, nonce, sealed, associated)
      return plaintext === undefined ? Effect.fail(new OpenFailed({ algorithm: aead })) : Effect.succeed(plaintext)
    }),
  agreementKeys: Effect.sync(() => generate("x25519")),
  agreementPublicKey: publicKeyOf("x25519"),
  agree: (privateKey, publicKey) =>
    Effect.suspend((): Effect.Effect<Secret, CryptoInputInvalid | AgreementRefused> => {
      const problem = keyProblem("x25519", privateKey, "a private key") ?? publicKeyProblem("x25519", publicKey)
      if (problem !== undefined) return Effect.fail(problem)
      const secret = shared(importPrivate("x25519", privateKey), publicKey)
      return secret === undefined
        ? Effect.fail(new AgreementRefused({ algorithm: "x25519" }))
        : Effect.succeed(Redacted.make(secret))
    }),
  signingKeys: Effect.sync(() => generate("ed25519")),
  signingPublicKey: publicKeyOf("ed25519"),
  sign: (privateKey, message) =>
    Effect.suspend(() => {
      const problem = keyProblem("ed25519", privateKey, "a private key")
      if (problem !== undefined) return Effect.fail(problem)
      return Effect.succeed(new Uint8Array(sign(null, message, importPrivate("ed25519", privateKey))))
    }),
  verify: (publicKey, message, signature) =>
    Effect.suspend(() => {
      const problem = publicKeyProblem("ed25519", publicKey)
      return problem === undefined ? Effect.succeed(verified(publicKey, message, signature)) : Effect.fail(problem)
    }),
  hkdf: (name, input, { info, length, salt = new Uint8Array(hashBytes[name]) }) =>
    Effect.suspend(() => {
      const problem = derivationProblem(name, length, info)
      if (problem !== undefined) return Effect.fail(problem)
      // OpenSSL does not derive nothing
      const derived = length === 0 ? NOTHING : hkdfSync(openssl[name], keyObject(input), salt, info, length)
      return Effect.succeed(Redacted.make(new Uint8Array(derived)))
    }),
  hmac: (name, key, data) =>
    Effect.suspend(() => {
      const problem = hmacProblem(name, key)
      if (problem !== undefined) return Effect.fail(problem)
      return Effect.succeed(new Uint8Array(createHmac(openssl[name], keyObject(key)).update(data).digest()))
    }),
  digest: (name, data) => Effect.sync(() => new Uint8Array(hash(openssl[name], data, "buffer")))
}

export const layer: Layer.Layer<Crypto> = Layer.succeed(Crypto, Crypto.of(crypto))
