/**
 * Cryptography as a service: authenticated encryption, key agreement, signatures, key derivation, and nothing made by
 * ourselves. `NodeCrypto.layer` stands on OpenSSL, `WebCrypto.layer` on WebCrypto and effect's own ChaCha20 and needs no
 * Node. `CryptoKit` holds both to the same vectors.
 *
 * Everything is an Effect, because a browser answers some of it later; on Node they complete at once.
 *
 * @example
 * const crypto = yield* Crypto
 * const key = Redacted.make(yield* crypto.random(32))
 * const nonce = yield* crypto.random(12)
 * const sealed = yield* crypto.seal("chacha20-poly1305", key, nonce, plaintext, associated)
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { AgreementRefused, CryptoInputInvalid, CryptoUnavailable, OpenFailed } from "./CryptoError.ts"

/** Bytes that no log, trace or inspection shows. `Redacted.make(bytes)` makes one, `Redacted.value` gives the bytes. */
export type Secret = Redacted.Redacted<Uint8Array>

/**
 * Authenticated encryption with associated data. Keys have 32 bytes, tags 16. A (key, nonce) pair may be used **once**:
 * twice, and both messages and the key for tags are lost. Random nonces are safe with `xchacha20-poly1305` only.
 *
 * | name | nonce | source |
 * |---|---|---|
 * | `chacha20-poly1305` | 12 bytes | RFC 8439 |
 * | `xchacha20-poly1305` | 24 bytes | draft-irtf-cfrg-xchacha-03 |
 * | `aes-256-gcm` | 12 bytes | NIST SP 800-38D |
 */
export type AeadName = "chacha20-poly1305" | "xchacha20-poly1305" | "aes-256-gcm"

/** FIPS 180-4. */
export type HashName = "sha-256" | "sha-384" | "sha-512"

/** 32 bytes each, as RFC 7748 and RFC 8032 write them. */
export interface KeyPair {
  readonly publicKey: Uint8Array
  readonly privateKey: Secret
}

export interface Derivation {
  /** Left out: as many zero bytes as the hash has (RFC 5869 §2.2). */
  readonly salt?: Uint8Array
  /** What the key is for: another purpose, another key. */
  readonly info: Uint8Array
  /** Bytes wanted, at most 255 times the hash's length. */
  readonly length: number
}

type Invalid = CryptoInputInvalid | CryptoUnavailable

export interface CryptoShape {
  /** Unpredictable bytes. */
  readonly random: (length: number) => Effect.Effect<Uint8Array>
  /** Gives the ciphertext with the tag behind it. */
  readonly seal: (
    aead: AeadName,
    key: Secret,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    associated?: Uint8Array
  ) => Effect.Effect<Uint8Array, Invalid>
  /** Gives the plaintext of what `seal` gave, or nothing of it. */
  readonly open: (
    aead: AeadName,
    key: Secret,
    nonce: Uint8Array,
    sealed: Uint8Array,
    associated?: Uint8Array
  ) => Effect.Effect<Uint8Array, Invalid | OpenFailed>
  /** A key pair for X25519 (RFC 7748). */
  readonly agreementKeys: Effect.Effect<KeyPair, CryptoUnavailable>
  /** The public key of an X25519 private key. */
  readonly agreementPublicKey: (privateKey: Secret) => Effect.Effect<Uint8Array, Invalid>
  /** X25519: 32 bytes that both sides get. Not a key yet: derive one with `hkdf`. */
  readonly agree: (privateKey: Secret, publicKey: Uint8Array) => Effect.Effect<Secret, Invalid | AgreementRefused>
  /** A key pair for Ed25519 (RFC 8032). */
  readonly signingKeys: Effect.Effect<KeyPair, CryptoUnavailable>
  /** The public key of an Ed25519 private key. */
  readonly signingPublicKey: (privateKey: Secret) => Effect.Effect<Uint8Array, Invalid>
  /** Ed25519: 64 bytes. */
  readonly sign: (privateKey: Secret, message: Uint8Array) => Effect.Effect<Uint8Array, Invalid>
  /**
   * Whether an Ed25519 signature is right, with the encodings of RFC 8032. One of a wrong length, or by a key that is no
   * point, is not. Platforms may differ on a signature that its own maker broke on purpose (§5.1.7 allows two equations).
   */
  readonly verify: (
    publicKey: Uint8Array,
    message: Uint8Array,
    signature: Uint8Array
  ) => Effect.Effect<boolean, Invalid>
  /** HKDF (RFC 5869). `input` has to be hard to guess: a password is not. */
  readonly hkdf: (hash: HashName, input: Secret, options: Derivation) => Effect.Effect<Secret, Invalid>
  /** HMAC (RFC 2104), as long as the hash. Compare it with `equal`. */
  readonly hmac: (hash: HashName, key: Secret, data: Uint8Array) => Effect.Effect<Uint8Array, Invalid>
  readonly digest: (hash: HashName, data: Uint8Array) => Effect.Effect<Uint8Array, CryptoUnavailable>
}

export class Crypto extends Context.Service<Crypto, CryptoShape>()("@mortise/core/crypto/Crypto") {}

/**
 * Compares in a time that depends on the length alone. For tags and tokens: a comparison that stops at the first
 * difference tells an attacker how far he got.
 */
export const equal = (left: Uint8Array, right: Uint8Array): boolean => {
  if (left.length !== right.length) return false
  let difference = 0
  for (let i = 0; i < left.length; i++) difference |= (left[i] as number) ^ (right[i] as number)
  return difference === 0
}
