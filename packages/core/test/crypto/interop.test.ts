import { createPrivateKey } from "node:crypto"
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { TestClock } from "effect/testing"
import type { Crypto } from "../../src/crypto/Crypto.ts"
import * as Fernet from "../../src/crypto/interop/Fernet.ts"
import * as JustIrc from "../../src/crypto/interop/JustIrc.ts"
import * as WeakAesCfb from "../../src/crypto/interop/WeakAesCfb.ts"
import * as WeakRsaKeySync from "../../src/crypto/interop/WeakRsaKeySync.ts"
import * as NodeCrypto from "../../src/crypto/NodeCrypto.ts"
import * as WebCrypto from "../../src/crypto/WebCrypto.ts"

/** Made once with Python's `cryptography` 48, the library that both systems use. */
const vectors = JSON.parse(readFileSync(new URL("./vectors/interop.json", import.meta.url), "utf8")) as {
  readonly aesCfb: ReadonlyArray<{ readonly key: string; readonly plaintext: string; readonly token: string }>
  readonly fernet: ReadonlyArray<{
    readonly key: string
    readonly time: number
    readonly plaintext: string
    readonly token: string
  }>
  readonly justIrc: { readonly [field: string]: string }
  readonly rsaOaep: { readonly [field: string]: string }
}
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"))
const secret = (hex: string) => Redacted.make(bytes(hex))
const hex = (value: Uint8Array) => Buffer.from(value).toString("hex")

describe.each([
  ["NodeCrypto", NodeCrypto.layer],
  ["WebCrypto", WebCrypto.layer]
] as const)("JustIRC's cipher on %s", (_, layer) => {
  const { justIrc } = vectors
  const field = (name: string) => justIrc[name] ?? ""

  it.effect("derives the key and opens the message of the vector, from either side", () =>
    Effect.gen(function* () {
      for (const [own, peer] of [
        ["alicePrivate", "bobPublic"],
        ["bobPrivate", "alicePublic"]
      ] as const) {
        const key = yield* JustIrc.sharedKey(secret(field(own)), field(peer))
        assert.strictEqual(hex(Redacted.value(key)), field("key"))
        const message = { encrypted_data: field("encrypted"), nonce: field("nonce") }
        assert.strictEqual(yield* JustIrc.open(key, message), field("plaintext"))
        assert.strictEqual(yield* JustIrc.open(key, yield* JustIrc.seal(key, "☃")), "☃")
      }
    }).pipe(Effect.provide(layer))
  )

  it.effect("refuses what is no base64, another key and a changed message, each by name", () =>
    Effect.gen(function* () {
      const key = yield* JustIrc.sharedKey(secret(field("alicePrivate")), field("bobPublic"))
      const sealed = yield* JustIrc.seal(key, "hello")
      const tags = yield* Effect.forEach(
        [
          JustIrc.sharedKey(secret(field("alicePrivate")), "no base64!"),
          JustIrc.sharedKey(secret(field("alicePrivate")), "AAAA"),
          JustIrc.open(key, { ...sealed, nonce: "AAAA" }),
          JustIrc.open(key, { ...sealed, encrypted_data: `AAAA${sealed.encrypted_data.slice(4)}` }),
          JustIrc.open(secret("00".repeat(32)), sealed)
        ],
        (effect) =>
          Effect.map(
            Effect.flip(effect as Effect.Effect<unknown, { readonly _tag: string }, Crypto>),
            (error) => error._tag
          )
      )
      assert.deepStrictEqual(tags, [
        "CryptoInputInvalid",
        "CryptoInputInvalid",
        "CryptoInputInvalid",
        "OpenFailed",
        "OpenFailed"
      ])
    }).pipe(Effect.provide(layer))
  )
})

describe("AES-CFB of PySocketCommLib", () => {
  it.effect("decrypts the vectors of all key sizes, and what it encrypted", () =>
    Effect.gen(function* () {
      for (const { key, plaintext, token } of vectors.aesCfb) {
        assert.strictEqual(hex(yield* WeakAesCfb.decrypt(secret(key), token)), plaintext)
        const own = yield* WeakAesCfb.encrypt(secret(key), bytes(plaintext))
        assert.strictEqual(hex(yield* WeakAesCfb.decrypt(secret(key), own)), plaintext)
        assert.notStrictEqual(own, token, "a new IV each time")
      }
    })
  )

  it.effect("is as weak as its name says: a flipped bit flips that bit of the plaintext", () =>
    Effect.gen(function* () {
      const key = secret("00".repeat(32))
      const token = Buffer.from(yield* WeakAesCfb.encrypt(key, bytes("00ff00")), "base64")
      token[18] = (token[18] ?? 0) ^ 0x01
      assert.strictEqual(hex(yield* WeakAesCfb.decrypt(key, token.toString("base64"))), "00ff01")
    })
  )

  it.effect("names what it does not take", () =>
    Effect.gen(function* () {
      const errors = yield* Effect.forEach(
        [
          WeakAesCfb.encrypt(secret("00"), bytes("")),
          WeakAesCfb.decrypt(secret("00"), "AAAA"),
          WeakAesCfb.decrypt(secret("00".repeat(16)), "AAAA"),
          WeakAesCfb.decrypt(secret("00".repeat(16)), "not base64")
        ] as ReadonlyArray<Effect.Effect<unknown, { readonly code: string }>>,
        (effect) => Effect.flip(effect)
      )
      assert.deepStrictEqual(
        errors.map(({ code }) => code),
        Array.from({ length: 4 }, () => "CRYPTO_INPUT_INVALID")
      )
    })
  )
})

describe("Fernet", () => {
  it.effect("opens the vectors, and what it sealed", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_700_000_030_000)
      for (const { key: text, plaintext, token } of vectors.fernet) {
        const key = yield* Fernet.key(text)
        assert.strictEqual(hex(yield* Fernet.open(key, token)), plaintext)
        const own = yield* Fernet.seal(key, bytes(plaintext))
        assert.strictEqual(hex(yield* Fernet.open(key, own, { maxAgeSeconds: 0 })), plaintext)
      }
    })
  )

  it.effect("refuses a token that is too old, or of the future", () =>
    Effect.gen(function* () {
      const key = secret("11".repeat(32))
      yield* TestClock.setTime(1_000_000_000)
      const token = yield* Fernet.seal(key, bytes("00"))
      yield* TestClock.setTime(1_000_060_000)
      yield* Fernet.open(key, token, { maxAgeSeconds: 60 })
      assert.strictEqual((yield* Effect.flip(Fernet.open(key, token, { maxAgeSeconds: 59 })))._tag, "OpenFailed")
      yield* TestClock.setTime(1_000_000_000 - 60_000)
      yield* Fernet.open(key, token)
      yield* TestClock.setTime(1_000_000_000 - 61_000)
      assert.strictEqual((yield* Effect.flip(Fernet.open(key, token)))._tag, "OpenFailed")
    })
  )

  it.effect("refuses every flipped bit, every shorter token, and another key", () =>
    Effect.gen(function* () {
      const key = secret("22".repeat(32))
      const token = Buffer.from(yield* Fernet.seal(key, bytes("010203")), "base64url")
      const refused = (changed: Buffer) =>
        Effect.map(Effect.flip(Fernet.open(key, `${changed.toString("base64url")}==`.slice(0, 100))), (error) =>
          assert.strictEqual(error._tag, "OpenFailed")
        )
      assert.strictEqual(token.length, 73)
      yield* Fernet.open(key, `${token.toString("base64url")}==`)
      for (let bit = 0; bit < token.length * 8; bit++) {
        const changed = Buffer.from(token)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        yield* refused(changed)
      }
      for (let length = 0; length < token.length; length++) yield* refused(token.subarray(0, length))
      const other = yield* Effect.flip(Fernet.open(secret("23".repeat(32)), `${token.toString("base64url")}==`))
      assert.strictEqual(other._tag, "OpenFailed")
    })
  )

  it.effect("names a key that is none", () =>
    Effect.gen(function* () {
      for (const text of ["", "AAAA", "A".repeat(44), `${"+".repeat(43)}=`]) {
        assert.strictEqual((yield* Effect.flip(Fernet.key(text)))._tag, "CryptoInputInvalid")
      }
      assert.strictEqual((yield* Effect.flip(Fernet.seal(secret("00"), bytes(""))))._tag, "CryptoInputInvalid")
    })
  )
})

describe("the RSA key sync of PySocketCommLib", () => {
  it.effect("unwraps the vector", () =>
    Effect.gen(function* () {
      const { encrypted = "", privateKey = "", publicKey = "", symmetricKey } = vectors.rsaOaep
      const pair = { publicKey, privateKey: Redacted.make(createPrivateKey(privateKey)) }
      assert.strictEqual(hex(Redacted.value(yield* WeakRsaKeySync.unwrap(pair, bytes(encrypted)))), symmetricKey)
      const changed = bytes(encrypted)
      changed[100] = (changed[100] ?? 0) ^ 1
      assert.strictEqual((yield* Effect.flip(WeakRsaKeySync.unwrap(pair, changed)))._tag, "OpenFailed")
      assert.strictEqual((yield* Effect.flip(WeakRsaKeySync.unwrap(pair, bytes("00"))))._tag, "OpenFailed")
    })
  )

  it.effect("brings a key from one side to the other, in 256 bytes", () =>
    Effect.gen(function* () {
      const client = yield* WeakRsaKeySync.generate
      assert.match(client.publicKey, /^-----BEGIN PUBLIC KEY-----\n/)
      const key = secret("ab".repeat(32))
      const wrapped = yield* WeakRsaKeySync.wrap(client.publicKey, key)
      assert.strictEqual(wrapped.length, 256)
      const got = yield* WeakRsaKeySync.unwrap(client, wrapped)
      assert.strictEqual(hex(Redacted.value(got)), "ab".repeat(32))
    })
  )

  it.effect("names what is no RSA key of 2048 bits, and a key that does not fit", () =>
    Effect.gen(function* () {
      const { publicKey } = vectors.rsaOaep
      for (const [pem, key] of [
        ["", secret("00")],
        ["-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VuAyEA\n-----END PUBLIC KEY-----\n", secret("00")],
        [publicKey ?? "", secret("00".repeat(191))]
      ] as const) {
        assert.strictEqual((yield* Effect.flip(WeakRsaKeySync.wrap(pem, key)))._tag, "CryptoInputInvalid")
      }
    })
  )
})
