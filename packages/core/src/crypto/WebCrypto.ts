/**
 * `Crypto` without Node: in browsers, and wherever WebCrypto is. ChaCha20 and XChaCha20, which WebCrypto does not have, are
 * effect's. A page needs a secure context: https, or localhost.
 */
import * as Aead from "effect/crypto/Aead"
import type * as EffectCrypto from "effect/crypto/CryptoError"
import * as Digest from "effect/crypto/Digest"
import * as Kdf from "effect/crypto/Kdf"
import * as KeyAgreement from "effect/crypto/KeyAgreement"
import * as Mac from "effect/crypto/Mac"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Signature from "effect/crypto/Signature"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { type AeadName, Crypto, type HashName, type Secret } from "./Crypto.ts"
import { AgreementRefused, CryptoInputInvalid, CryptoUnavailable, OpenFailed } from "./CryptoError.ts"
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

const aeads: Readonly<Record<AeadName, Aead.Algorithm>> = {
  "chacha20-poly1305": Aead.chacha20Poly1305,
  "xchacha20-poly1305": Aead.xchacha20Poly1305,
  "aes-256-gcm": Aead.aes256Gcm
}
const hashes: Readonly<Record<HashName, Digest.Algorithm>> = {
  "sha-256": Digest.sha256,
  "sha-384": Digest.sha384,
  "sha-512": Digest.sha512
}
const hkdfs: Readonly<Record<HashName, Kdf.Algorithm>> = {
  "sha-256": Kdf.hkdfSha256,
  "sha-384": Kdf.hkdfSha384,
  "sha-512": Kdf.hkdfSha512
}
const hmacs: Readonly<Record<HashName, Mac.Algorithm>> = {
  "sha-256": Mac.hmacSha256,
  "sha-384": Mac.hmacSha384,
  "sha-512": Mac.hmacSha512
}

/** Sizes are checked before effect is asked, so what is left is that the platform cannot, or that a key is no key. */
const explain =
  (algorithm: string) =>
  ({ message, reason }: EffectCrypto.CryptoError): CryptoInputInvalid | CryptoUnavailable =>
    reason._tag === "InvalidKey" || reason._tag === "InvalidArgument"
      ? new CryptoInputInvalid({ algorithm, expected: `something else: ${reason.description}` })
      : new CryptoUnavailable({ algorithm, reason: message })

const unavailable =
  (algorithm: string) =>
  ({ message }: EffectCrypto.CryptoError): CryptoUnavailable =>
    new CryptoUnavailable({ algorithm, reason: message })

const guarded = <A, E>(
  problem: CryptoInputInvalid | undefined,
  effect: () => Effect.Effect<A, E>
): Effect.Effect<A, E | CryptoInputInvalid> => (problem === undefined ? effect() : Effect.fail(problem))

const make = Effect.gen(function* () {
  const aead = yield* Aead.Aead
  const agreement = yield* KeyAgreement.KeyAgreement
  const digest = yield* Digest.Digest
  const kdf = yield* Kdf.Kdf
  const mac = yield* Mac.Mac
  const random = yield* SecureRandom.SecureRandom
  const signature = yield* Signature.Signature

  const aeadKey = (name: AeadName, key: Secret) => Aead.key(aeads[name], Redacted.value(key))
  const agreementKey = (key: Secret) => KeyAgreement.privateKey(KeyAgreement.x25519, Redacted.value(key))
  const signingKey = (key: Secret) => Signature.privateKey(Signature.ed25519, Redacted.value(key))

  return Crypto.of({
    random: (length) => random.randomBytes(length),
    seal: (name, key, nonce, plaintext, associated = NOTHING) =>
      Effect.suspend(() =>
        guarded(aeadProblem(name, key, nonce), () =>
          Effect.mapError(
            Effect.flatMap(aeadKey(name, key), (made) => aead.encrypt(made, plaintext, { nonce, aad: associated })),
            explain(name)
          )
        )
      ),
    open: (name, key, nonce, sealed, associated = NOTHING) =>
      Effect.suspend(() =>
        guarded(aeadProblem(name, key, nonce), () =>
          sealed.length < TAG_BYTES
            ? Effect.fail(new OpenFailed({ algorithm: name }))
            : Effect.mapError(
                Effect.flatMap(aeadKey(name, key), (made) => aead.decrypt(made, sealed, { nonce, aad: associated })),
                (error) =>
                  error.reason._tag === "DecryptionFailed" ? new OpenFailed({ algorithm: name }) : explain(name)(error)
              )
        )
      ),
    agreementKeys: Effect.gen(function* () {
      const pair = yield* agreement.generateKeyPair(KeyAgreement.x25519)
      const privateKey = Redacted.make(yield* KeyAgreement.toBytes(pair.privateKey))
      return { publicKey: yield* KeyAgreement.toBytes(pair.publicKey), privateKey }
    }).pipe(Effect.mapError(unavailable("x25519"))),
    agreementPublicKey: (privateKey) =>
      Effect.suspend(() =>
        guarded(keyProblem("x25519", privateKey, "a private key"), () =>
          agreementKey(privateKey).pipe(
            Effect.flatMap((key) => agreement.publicKeyOf(key)),
            Effect.flatMap((key) => KeyAgreement.toBytes(key)),
            Effect.mapError(explain("x25519"))
          )
        )
      ),
    agree: (privateKey, publicKey) =>
      Effect.suspend(() =>
        guarded(
          keyProblem("x25519", privateKey, "a private key") ?? publicKeyProblem("x25519", publicKey),
          Effect.fnUntraced(
            function* () {
              const own = yield* agreementKey(privateKey)
              const peer = yield* KeyAgreement.publicKey(KeyAgreement.x25519, publicKey)
              return Redacted.make(yield* agreement.deriveSharedSecret(own, peer))
            },
            // both keys have the right size, so the secret itself was refused
            Effect.mapError((error) =>
              error.reason._tag === "Unsupported"
                ? explain("x25519")(error)
                : new AgreementRefused({ algorithm: "x25519" })
            )
          )
        )
      ),
    signingKeys: Effect.gen(function* () {
      const pair = yield* signature.generateKeyPair(Signature.ed25519)
      const privateKey = Redacted.make(yield* Signature.toBytes(pair.privateKey))
      return { publicKey: yield* Signature.toBytes(pair.publicKey), privateKey }
    }).pipe(Effect.mapError(unavailable("ed25519"))),
    signingPublicKey: (privateKey) =>
      Effect.suspend(() =>
        guarded(keyProblem("ed25519", privateKey, "a private key"), () =>
          signingKey(privateKey).pipe(
            Effect.flatMap((key) => signature.publicKeyOf(key)),
            Effect.flatMap((key) => Signature.toBytes(key)),
            Effect.mapError(explain("ed25519"))
          )
        )
      ),
    sign: (privateKey, message) =>
      Effect.suspend(() =>
        guarded(keyProblem("ed25519", privateKey, "a private key"), () =>
          Effect.mapError(
            Effect.flatMap(signingKey(privateKey), (key) => signature.sign(key, message)),
            explain("ed25519")
          )
        )
      ),
    verify: (publicKey, message, given) =>
      Effect.suspend(() =>
        guarded(publicKeyProblem("ed25519", publicKey), () =>
          given.length !== SIGNATURE_BYTES
            ? Effect.succeed(false)
            : Signature.publicKey(Signature.ed25519, publicKey).pipe(
                Effect.flatMap((key) => signature.verify(key, given, message)),
                // a key that is no point of the curve has made no signature
                Effect.catch((error) =>
                  error.reason._tag === "Unsupported"
                    ? Effect.fail(unavailable("ed25519")(error))
                    : Effect.succeed(false)
                )
              )
        )
      ),
    hkdf: (name, input, { info, length, salt = new Uint8Array(hashBytes[name]) }) =>
      Effect.suspend(() =>
        guarded(derivationProblem(name, length, info), () =>
          length === 0
            ? Effect.succeed(Redacted.make(NOTHING))
            : kdf
                .derive(hkdfs[name], Redacted.value(input), { salt, info, length })
                .pipe(Effect.map(Redacted.make), Effect.mapError(explain(`hkdf ${name}`)))
        )
      ),
    hmac: (name, key, data) =>
      Effect.suspend(() =>
        guarded(hmacProblem(name, key), () =>
          Effect.mapError(
            Effect.flatMap(Mac.key(hmacs[name], Redacted.value(key)), (made) => mac.sign(made, data)),
            explain(`hmac ${name}`)
          )
        )
      ),
    digest: (name, data) =>
      Effect.catchDefect(digest.digest(hashes[name], data), (defect) =>
        Effect.fail(new CryptoUnavailable({ algorithm: name, reason: String(defect) }))
      )
  })
})

const primitives = Layer.mergeAll(
  Aead.layerWebCrypto,
  Digest.layerWebCrypto,
  Kdf.layerWebCrypto,
  KeyAgreement.layerWebCrypto,
  Mac.layerWebCrypto,
  Signature.layerWebCrypto
).pipe(Layer.provideMerge(SecureRandom.layerWebCrypto))

export const layer: Layer.Layer<Crypto> = Layer.effect(Crypto, make).pipe(Layer.provide(primitives))
