/**
 * AES-CFB as PySocketCommLib has it: standard base64 of a random IV of 16 bytes and the ciphertext. Keys have 16, 24 or 32
 * bytes.
 *
 * **Weak**: nothing authenticates. Whoever is between two peers can flip any bit of the plaintext without being noticed, and
 * a wrong key gives nonsense instead of an error. Use it to talk to what speaks nothing else, inside a connection that is
 * protected otherwise. Node only.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { Secret } from "../Crypto.ts"
import { CryptoInputInvalid } from "../CryptoError.ts"

const IV_BYTES = 16
const algorithm = "AES-CFB"
const invalid = (expected: string) => Effect.fail(new CryptoInputInvalid({ algorithm, expected }))

const cipherOf = (key: Uint8Array): string | undefined =>
  key.length === 16 || key.length === 24 || key.length === 32 ? `aes-${key.length * 8}-cfb` : undefined
const keyExpected = ({ length }: Uint8Array): string => `a key of 16, 24 or 32 bytes, not ${length}`

/** Encrypts, and does not authenticate. */
export const encrypt = (key: Secret, plaintext: Uint8Array): Effect.Effect<string, CryptoInputInvalid> =>
  Effect.suspend(() => {
    const bytes = Redacted.value(key)
    const name = cipherOf(bytes)
    if (name === undefined) return invalid(keyExpected(bytes))
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv(name, bytes, iv)
    return Effect.succeed(Base64.encode(Buffer.concat([iv, cipher.update(plaintext), cipher.final()])))
  })

/** Decrypts whatever it is given: a changed ciphertext or a wrong key gives other bytes, not an error. */
export const decrypt = (key: Secret, token: string): Effect.Effect<Uint8Array, CryptoInputInvalid> =>
  Effect.suspend(() => {
    const bytes = Redacted.value(key)
    const name = cipherOf(bytes)
    if (name === undefined) return invalid(keyExpected(bytes))
    const decoded = Base64.decode(token)
    if (Result.isFailure(decoded) || decoded.success.length < IV_BYTES)
      return invalid(`base64 of at least ${IV_BYTES} bytes`)
    const decipher = createDecipheriv(name, bytes, decoded.success.subarray(0, IV_BYTES))
    const plaintext = Buffer.concat([decipher.update(decoded.success.subarray(IV_BYTES)), decipher.final()])
    return Effect.succeed(new Uint8Array(plaintext))
  })
