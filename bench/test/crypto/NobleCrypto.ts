/** `Crypto` on @noble: JavaScript alone, synchronous, throws. Made to hold contract and kit against, not to be used. */

import { Crypto, type Secret } from "@mortise/core/crypto/Crypto"
import { AgreementRefused, CryptoInputInvalid, OpenFailed } from "@mortise/core/crypto/CryptoError"
import { gcm } from "@noble/ciphers/aes.js"
import { chacha20poly1305, xchacha20poly1305 } from "@noble/ciphers/chacha.js"
import { ed25519, x25519 } from "@noble/curves/ed25519.js"
import { hkdf } from "@noble/hashes/hkdf.js"
import { hmac } from "@noble/hashes/hmac.js"
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

const ciphers = {
  "chacha20-poly1305": [chacha20poly1305, 12],
  "xchacha20-poly1305": [xchacha20poly1305, 24],
  "aes-256-gcm": [gcm, 12]
} as const
const hashes = { "sha-256": sha256, "sha-384": sha384, "sha-512": sha512 } as const
const NOTHING = new Uint8Array(0)

const invalid = (algorithm: string, expected: string) => Effect.fail(new CryptoInputInvalid({ algorithm, expected }))
const sized = <A, E>(
  algorithm: string,
  sizes: ReadonlyArray<readonly [what: string, bytes: Uint8Array, wanted: number]>,
  effect: Effect.Effect<A, E>
): Effect.Effect<A, E | CryptoInputInvalid> => {
  const wrong = sizes.find(([, { length }, wanted]) => length !== wanted)
  if (wrong === undefined) return effect
  return invalid(algorithm, `${wrong[0]} of ${wrong[2]} bytes, not ${wrong[1].length}`)
}
const value = (secret: Secret): Uint8Array => Redacted.value(secret)
const keys = (curve: typeof x25519 | typeof ed25519) => {
  const { publicKey, secretKey } = curve.keygen()
  return { publicKey, privateKey: Redacted.make(secretKey) }
}

export const layer: Layer.Layer<Crypto> = Layer.succeed(
  Crypto,
  Crypto.of({
    random: (length) => {
      const bytes = new Uint8Array(length)
      // the platform fills at most 65 536 bytes at a time
      return Effect.sync(() => {
        for (let at = 0; at < length; at += 65_536) globalThis.crypto.getRandomValues(bytes.subarray(at, at + 65_536))
        return bytes
      })
    },
    seal: (name, key, nonce, plaintext, associated = NOTHING) => {
      const [cipher, nonceBytes] = ciphers[name]
      return sized(
        name,
        [
          ["a key", value(key), 32],
          ["a nonce", nonce, nonceBytes]
        ],
        Effect.sync(() => cipher(value(key), nonce, associated).encrypt(plaintext))
      )
    },
    open: (name, key, nonce, sealed, associated = NOTHING) => {
      const [cipher, nonceBytes] = ciphers[name]
      return sized(
        name,
        [
          ["a key", value(key), 32],
          ["a nonce", nonce, nonceBytes]
        ],
        Effect.try({
          try: () => cipher(value(key), nonce, associated).decrypt(sealed),
          catch: () => new OpenFailed({ algorithm: name })
        })
      )
    },
    agreementKeys: Effect.sync(() => keys(x25519)),
    agreementPublicKey: (key) =>
      sized(
        "x25519",
        [["a private key", value(key), 32]],
        Effect.sync(() => x25519.getPublicKey(value(key)))
      ),
    agree: (key, publicKey) =>
      sized(
        "x25519",
        [
          ["a private key", value(key), 32],
          ["a public key", publicKey, 32]
        ],
        Effect.try({
          try: () => Redacted.make<Uint8Array>(x25519.getSharedSecret(value(key), publicKey)),
          catch: () => new AgreementRefused({ algorithm: "x25519" })
        })
      ),
    signingKeys: Effect.sync(() => keys(ed25519)),
    signingPublicKey: (key) =>
      sized(
        "ed25519",
        [["a private key", value(key), 32]],
        Effect.sync(() => ed25519.getPublicKey(value(key)))
      ),
    sign: (key, message) =>
      sized(
        "ed25519",
        [["a private key", value(key), 32]],
        Effect.sync(() => ed25519.sign(message, value(key)))
      ),
    verify: (publicKey, message, signature) =>
      sized(
        "ed25519",
        [["a public key", publicKey, 32]],
        // ZIP 215 would take more than RFC 8032 does
        Effect.try({
          try: () => ed25519.verify(signature, message, publicKey, { zip215: false }),
          catch: () => false as const
        }).pipe(Effect.catch(Effect.succeed))
      ),
    hkdf: (name, input, { info, length, salt }) =>
      info.length > 1024
        ? invalid(`hkdf ${name}`, `an info of at most 1024 bytes, not ${info.length}`)
        : length === 0
          ? Effect.succeed(Redacted.make(NOTHING))
          : Effect.try({
              try: () => Redacted.make<Uint8Array>(hkdf(hashes[name], value(input), salt, info, length)),
              catch: () => new CryptoInputInvalid({ algorithm: `hkdf ${name}`, expected: "another length" })
            }),
    hmac: (name, key, data) =>
      value(key).length === 0
        ? invalid(`hmac ${name}`, "a key of at least one byte")
        : Effect.sync(() => hmac(hashes[name], value(key), data)),
    digest: (name, data) => Effect.sync(() => hashes[name](data))
  })
)
