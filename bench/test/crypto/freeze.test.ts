/**
 * The contract of `Crypto` held against two implementations of another nature, and the kit against both: libraries that
 * share no line with OpenSSL or WebCrypto give the same bytes and refuse the same things.
 */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Crypto } from "@mortise/core/crypto/Crypto"
import * as CryptoKit from "@mortise/core/testing/CryptoKit"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as NobleCrypto from "./NobleCrypto.ts"
import * as SodiumCrypto from "./SodiumCrypto.ts"

const vectors = new URL("../../../packages/core/test/crypto/vectors/wycheproof/", import.meta.url)
const wycheproof = (name: CryptoKit.WycheproofName): ReadonlyArray<CryptoKit.CryptoCase> =>
  CryptoKit.wycheproof(name, JSON.parse(readFileSync(new URL(name, vectors), "utf8")) as CryptoKit.WycheproofFile)

const holds = (
  layer: Layer.Layer<Crypto>,
  groups: ReadonlyArray<readonly [string, ReadonlyArray<CryptoKit.CryptoCase>]>
) => {
  for (const [group, cases] of groups) {
    it.live(`${group}: ${cases.length} cases`, () =>
      Effect.forEach(
        cases,
        ({ name, run }) =>
          Effect.provide(run, layer).pipe(Effect.catchCause((cause) => Effect.die(new Error(`${name}: ${cause}`)))),
        { discard: true }
      )
    )
  }
}

describe("the contract of Crypto on @noble: JavaScript alone, throwing", () => {
  holds(NobleCrypto.layer, [
    ["CryptoKit", CryptoKit.cases],
    ...CryptoKit.wycheproofFiles.map((name) => [name, wycheproof(name)] as const)
  ])
})

describe("the contract of Crypto on libsodium: WebAssembly, without AES-GCM and hashes", () => {
  const lacking = /^aes-256-gcm|HKDF|hkdf|HMAC|FIPS 180-4|^secrets are not shown/
  holds(SodiumCrypto.layer, [
    ["CryptoKit", CryptoKit.cases.filter(({ name }) => !lacking.test(name))],
    ...CryptoKit.wycheproofFiles
      .filter((name) => name !== "aes_gcm_test.json" && name !== "hkdf_sha256_test.json")
      .map((name) => [name, wycheproof(name)] as const)
  ])

  it.effect("says what it lacks as CryptoUnavailable", () =>
    Effect.gen(function* () {
      const crypto = yield* Crypto
      const key = Redacted.make(new Uint8Array(32))
      const nothing = new Uint8Array(0)
      for (const lacking of [
        Effect.asVoid(crypto.seal("aes-256-gcm", key, new Uint8Array(12), nothing)),
        Effect.asVoid(crypto.digest("sha-256", nothing)),
        Effect.asVoid(crypto.hkdf("sha-256", key, { info: nothing, length: 32 })),
        Effect.asVoid(crypto.hmac("sha-256", key, nothing))
      ]) {
        assert.strictEqual((yield* Effect.flip(lacking)).code, "CRYPTO_UNAVAILABLE")
      }
    }).pipe(Effect.provide(SodiumCrypto.layer))
  )
})
