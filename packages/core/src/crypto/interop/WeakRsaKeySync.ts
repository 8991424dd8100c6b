/**
 * How PySocketCommLib agrees on a symmetric key: the client sends an RSA-2048 public key as PEM, the server answers with
 * the key under RSA-OAEP (SHA-256, MGF1 with SHA-256; RFC 8017 §7.1), 256 bytes.
 *
 * **Weak**: nobody is authenticated, so whoever is between the two can answer in the server's place; and a private key that
 * is stolen later opens what was recorded. Node only.
 */
import { constants, createPublicKey, generateKeyPair, type KeyObject, privateDecrypt, publicEncrypt } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Secret } from "../Crypto.ts"
import { CryptoInputInvalid, CryptoUnavailable, OpenFailed } from "../CryptoError.ts"

const algorithm = "RSA-2048-OAEP"
const MODULUS_BITS = 2048
/** What fits into one block: 256 - 2 * 32 - 2. */
const MAX_KEY_BYTES = 190
const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" } as const

export interface KeySyncPair {
  /** SubjectPublicKeyInfo as PEM: what the client sends. */
  readonly publicKey: string
  readonly privateKey: Redacted.Redacted<KeyObject>
}

/** Takes some tenths of a second, on another thread. */
export const generate: Effect.Effect<KeySyncPair, CryptoUnavailable> = Effect.callback((resume) => {
  generateKeyPair("rsa", { modulusLength: MODULUS_BITS }, (error, publicKey, privateKey) => {
    if (error !== null) return resume(Effect.fail(new CryptoUnavailable({ algorithm, reason: error.message })))
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString()
    resume(Effect.succeed({ publicKey: pem, privateKey: Redacted.make(privateKey) }))
  })
})

const importKey = (pem: string): KeyObject | undefined => {
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyType === "rsa" && key.asymmetricKeyDetails?.modulusLength === MODULUS_BITS ? key : undefined
  } catch {
    return undefined
  }
}

/** The server's answer: `key` for whoever has the private key to `publicKey`. */
export const wrap = (publicKey: string, key: Secret): Effect.Effect<Uint8Array, CryptoInputInvalid> =>
  Effect.suspend(() => {
    const invalid = (expected: string) => Effect.fail(new CryptoInputInvalid({ algorithm, expected }))
    const imported = importKey(publicKey)
    const { length } = Redacted.value(key)
    if (imported === undefined) return invalid(`a public RSA key of ${MODULUS_BITS} bits as PEM`)
    if (length > MAX_KEY_BYTES) return invalid(`a key of at most ${MAX_KEY_BYTES} bytes, not ${length}`)
    return Effect.succeed(new Uint8Array(publicEncrypt({ key: imported, ...padding }, Redacted.value(key))))
  })

/** What the client makes of the answer. */
export const unwrap = ({ privateKey }: KeySyncPair, wrapped: Uint8Array): Effect.Effect<Secret, OpenFailed> =>
  Effect.suspend(() => {
    try {
      const key = privateDecrypt({ key: Redacted.value(privateKey), ...padding }, wrapped)
      return Effect.succeed(Redacted.make(new Uint8Array(key)))
    } catch {
      return Effect.fail(new OpenFailed({ algorithm }))
    }
  })
