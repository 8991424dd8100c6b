/** `Crypto` on Node, by OpenSSL. Every Effect completes at once. */
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
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { type AeadName, Crypto, type CryptoShape, type HashName, type KeyPair, type Secret } from "./Crypto.ts"
import { AgreementRefused, type CryptoInputInvalid, OpenFailed } from "./CryptoError.ts"
import { withDirect } from "./internal/direct.ts"
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
const NO_BLOCK = new Uint8Array(64)
/** ChaCha's first four words, "expand 32-byte k" (RFC 8439 §2.3). */
const SIGMA = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]

const u32leAt = (bytes: Uint8Array, offset: number): number =>
  bytes[offset]! | (bytes[offset + 1]! << 8) | (bytes[offset + 2]! << 16) | (bytes[offset + 3]! << 24)

const putU32le = (bytes: Uint8Array, offset: number, value: number): void => {
  bytes[offset] = value
  bytes[offset + 1] = value >>> 8
  bytes[offset + 2] = value >>> 16
  bytes[offset + 3] = value >>> 24
}

// Node asks of bytes whether they are a key in ways that cost more than the cipher; a key object answers at once
const keyObject = createSecretKey as (key: Uint8Array) => KeyObject

const random = (length: number): Uint8Array => randomFillSync(new Uint8Array(length))

/**
 * HChaCha20 (draft-irtf-cfrg-xchacha-03, §2.2) from OpenSSL's ChaCha20: its first block is HChaCha20's with the input added,
 * so that is taken off again. Of the sixteen words the first four and the last four are the subkey.
 */
const subkey = (key: Uint8Array, nonce: Uint8Array): Uint8Array => {
  const block = createCipheriv("chacha20", keyObject(key), nonce.slice(0, 16)).update(NO_BLOCK)
  const derived = new Uint8Array(32)
  for (let i = 0; i < 4; i++) {
    putU32le(derived, 4 * i, u32leAt(block, 4 * i) - SIGMA[i]!)
    putU32le(derived, 16 + 4 * i, u32leAt(block, 48 + 4 * i) - u32leAt(nonce, 4 * i))
  }
  block.fill(0)
  return derived
}

const extended = (nonce: Uint8Array): Uint8Array => {
  const rest = new Uint8Array(12)
  rest.set(nonce.slice(16), 4)
  return rest
}

const seal = (
  aead: AeadName,
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associated: Uint8Array
): Uint8Array => {
  if (aead === "xchacha20-poly1305") {
    return seal("chacha20-poly1305", subkey(key, nonce), extended(nonce), plaintext, associated)
  }
  // the types know one overload for each cipher; both take a tag's length
  const cipher = createCipheriv(aead as "chacha20-poly1305", keyObject(key), nonce, tag)
  if (associated.length > 0) cipher.setAAD(associated, { plaintextLength: plaintext.length })
  const sealed = new Uint8Array(plaintext.length + TAG_BYTES)
  sealed.set(cipher.update(plaintext), 0)
  cipher.final()
  sealed.set(cipher.getAuthTag(), plaintext.length)
  return sealed
}

const open = (
  aead: AeadName,
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  associated: Uint8Array
): Uint8Array | undefined => {
  if (aead === "xchacha20-poly1305") {
    return open("chacha20-poly1305", subkey(key, nonce), extended(nonce), sealed, associated)
  }
  const length = sealed.length - TAG_BYTES
  if (length < 0) return undefined
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

const hmac = (name: HashName, key: KeyObject, data: Uint8Array): Uint8Array =>
  new Uint8Array(createHmac(openssl[name], key).update(data).digest())

const hmacs = (bytes: Uint8Array, first: Uint8Array, second: Uint8Array) => {
  const key = keyObject(bytes)
  return [hmac("sha-256", key, first), hmac("sha-256", key, second)] as const
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
  random: (length) => Effect.sync(() => random(length)),
  seal: (aead, key, nonce, plaintext, associated = NOTHING) =>
    Effect.suspend(() => {
      const problem = aeadProblem(aead, key, nonce)
      return problem === undefined
        ? Effect.succeed(seal(aead, Redacted.value(key), nonce, plaintext, associated))
        : Effect.fail(problem)
    }),
  open: (aead, key, nonce, sealed, associated = NOTHING) =>
    Effect.suspend((): Effect.Effect<Uint8Array, CryptoInputInvalid | OpenFailed> => {
      const problem = aeadProblem(aead, key, nonce)
      if (problem !== undefined) return Effect.fail(problem)
      const plaintext = open(aead, Redacted.value(key), nonce, sealed, associated)
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
      const derived =
        length === 0 ? NOTHING : hkdfSync(openssl[name], keyObject(Redacted.value(input)), salt, info, length)
      return Effect.succeed(Redacted.make(new Uint8Array(derived)))
    }),
  hmac: (name, key, data) =>
    Effect.suspend(() => {
      const problem = hmacProblem(name, key)
      if (problem !== undefined) return Effect.fail(problem)
      return Effect.succeed(hmac(name, keyObject(Redacted.value(key)), data))
    }),
  digest: (name, data) => Effect.sync(() => new Uint8Array(hash(openssl[name], data, "buffer")))
}

export const layer: Layer.Layer<Crypto> = Layer.succeed(
  Crypto,
  Crypto.of(withDirect(crypto, { random, seal, open, hmacs }))
)
