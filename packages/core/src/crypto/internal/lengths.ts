import * as Redacted from "effect/Redacted"
import type { AeadName, HashName, Secret } from "../Crypto.ts"
import { CryptoInputInvalid } from "../CryptoError.ts"

export const TAG_BYTES = 16
export const KEY_BYTES = 32
export const SIGNATURE_BYTES = 64
export const nonceBytes: Readonly<Record<AeadName, number>> = {
  "chacha20-poly1305": 12,
  "xchacha20-poly1305": 24,
  "aes-256-gcm": 12
}
export const hashBytes: Readonly<Record<HashName, number>> = { "sha-256": 32, "sha-384": 48, "sha-512": 64 }
export const NOTHING = new Uint8Array(0)

const wrong = (algorithm: string, what: string, wanted: number, got: number) =>
  new CryptoInputInvalid({ algorithm, expected: `${what} of ${wanted} bytes, not ${got}` })

export const keyProblem = (algorithm: string, key: Secret, what = "a key"): CryptoInputInvalid | undefined => {
  const { length } = Redacted.value(key)
  return length === KEY_BYTES ? undefined : wrong(algorithm, what, KEY_BYTES, length)
}

export const publicKeyProblem = (algorithm: string, key: Uint8Array): CryptoInputInvalid | undefined =>
  key.length === KEY_BYTES ? undefined : wrong(algorithm, "a public key", KEY_BYTES, key.length)

export const aeadProblem = (aead: AeadName, key: Secret, nonce: Uint8Array): CryptoInputInvalid | undefined => {
  const problem = keyProblem(aead, key)
  if (problem !== undefined) return problem
  const wanted = nonceBytes[aead]
  return nonce.length === wanted ? undefined : wrong(aead, "a nonce", wanted, nonce.length)
}

/** Longer ones are not taken by OpenSSL through Node; nobody needs them. */
const MOST_INFO = 1024

export const derivationProblem = (hash: HashName, length: number, info: Uint8Array): CryptoInputInvalid | undefined => {
  const algorithm = `hkdf ${hash}`
  const most = 255 * hashBytes[hash]
  if (info.length > MOST_INFO)
    return new CryptoInputInvalid({ algorithm, expected: `an info of at most ${MOST_INFO} bytes, not ${info.length}` })
  return Number.isInteger(length) && length >= 0 && length <= most
    ? undefined
    : new CryptoInputInvalid({ algorithm, expected: `a length of 0 to ${most} bytes, not ${length}` })
}

export const hmacProblem = (hash: HashName, key: Secret): CryptoInputInvalid | undefined =>
  Redacted.value(key).length > 0
    ? undefined
    : new CryptoInputInvalid({ algorithm: `hmac ${hash}`, expected: "a key of at least one byte" })
