/**
 * Fernet tokens, version 0x80 (the specification at github.com/fernet/spec): AES-128 in CBC mode and HMAC with SHA-256, with
 * the time of sealing, in base64url. A key has 32 bytes, half for each. For PySocketCommLib and whatever else speaks it;
 * new things are better served by `Crypto.seal`. Node only.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { equal, type Secret } from "../Crypto.ts"
import { CryptoInputInvalid, OpenFailed } from "../CryptoError.ts"

const algorithm = "Fernet"
const VERSION = 0x80
const HEAD_BYTES = 9
const IV_BYTES = 16
const MAC_BYTES = 32
const KEY_BYTES = 32
/** What the specification allows a clock to be ahead. */
const MAX_SKEW_SECONDS = 60

export interface OpenOptions {
  /** A token older than so many seconds is refused; left out: any age. */
  readonly maxAgeSeconds?: number
}

const failed = Effect.suspend(() => Effect.fail(new OpenFailed({ algorithm })))
const invalid = (expected: string) => Effect.fail(new CryptoInputInvalid({ algorithm, expected }))

const halves = (key: Secret) => {
  const bytes = Redacted.value(key)
  return bytes.length === KEY_BYTES ? { mac: bytes.subarray(0, 16), cipher: bytes.subarray(16) } : undefined
}

const wrongKey = (key: Secret) => invalid(`a key of ${KEY_BYTES} bytes, not ${Redacted.value(key).length}`)

/** A key in the form that Python's `Fernet.generate_key` gives. */
export const key = (text: string): Effect.Effect<Secret, CryptoInputInvalid> =>
  Effect.suspend(() => {
    const bytes = /^[\w-]{43}=$/.test(text) ? Buffer.from(text, "base64url") : undefined
    return bytes?.length === KEY_BYTES
      ? Effect.succeed(Redacted.make(new Uint8Array(bytes)))
      : invalid("a key of 32 bytes in base64url with padding")
  })

/** Seals with the time of `Clock`. */
export const seal = (key: Secret, plaintext: Uint8Array): Effect.Effect<string, CryptoInputInvalid> =>
  Effect.flatMap(Clock.currentTimeMillis, (millis) => {
    const keys = halves(key)
    if (keys === undefined) return wrongKey(key)
    const head = Buffer.alloc(HEAD_BYTES)
    head[0] = VERSION
    head.writeBigUInt64BE(BigInt(Math.floor(millis / 1000)), 1)
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv("aes-128-cbc", keys.cipher, iv)
    const body = Buffer.concat([head, iv, cipher.update(plaintext), cipher.final()])
    const mac = createHmac("sha256", keys.mac).update(body).digest()
    const token = Buffer.concat([body, mac]).toString("base64url")
    return Effect.succeed(token + "=".repeat((4 - (token.length % 4)) % 4))
  })

/** Fails with `OpenFailed` for another key, any change, a token of the future, and one that is too old. */
export const open = (
  key: Secret,
  token: string,
  { maxAgeSeconds = Number.POSITIVE_INFINITY }: OpenOptions = {}
): Effect.Effect<Uint8Array, CryptoInputInvalid | OpenFailed> =>
  Effect.flatMap(Clock.currentTimeMillis, (millis): Effect.Effect<Uint8Array, CryptoInputInvalid | OpenFailed> => {
    const keys = halves(key)
    if (keys === undefined) return wrongKey(key)
    if (!/^[\w-]+={0,2}$/.test(token) || token.length % 4 !== 0) return failed
    const bytes = Buffer.from(token, "base64url")
    const cipherBytes = bytes.length - HEAD_BYTES - IV_BYTES - MAC_BYTES
    if (bytes[0] !== VERSION || cipherBytes < IV_BYTES || cipherBytes % IV_BYTES !== 0) return failed
    const body = bytes.subarray(0, -MAC_BYTES)
    if (!equal(createHmac("sha256", keys.mac).update(body).digest(), bytes.subarray(-MAC_BYTES))) return failed
    const age = millis / 1000 - Number(bytes.readBigUInt64BE(1))
    if (age > maxAgeSeconds || age < -MAX_SKEW_SECONDS) return failed
    const decipher = createDecipheriv("aes-128-cbc", keys.cipher, body.subarray(HEAD_BYTES, HEAD_BYTES + IV_BYTES))
    const plaintext = decipher.update(body.subarray(HEAD_BYTES + IV_BYTES))
    try {
      return Effect.succeed(new Uint8Array(Buffer.concat([plaintext, decipher.final()])))
    } catch {
      // authentic bytes with wrong padding: their maker did not follow the specification
      return failed
    }
  })
