import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as KeyRing from "../../src/crypto/KeyRing.ts"
import * as NodeCrypto from "../../src/crypto/NodeCrypto.ts"

const old = Redacted.make(new Uint8Array(32).fill(1))
const fresh = Redacted.make(new Uint8Array(32).fill(2))
const context = new TextEncoder().encode("users/7/email")
const plaintext = new TextEncoder().encode("ada@example.org")

describe("KeyRing", () => {
  it.effect("opens what an older key sealed, and says that it should be sealed again", () =>
    Effect.gen(function* () {
      const before = KeyRing.make({ current: 1, keys: { 1: old } })
      const stored = yield* before.seal(plaintext, context)
      assert.isTrue(before.isCurrent(stored))
      const ring = KeyRing.make({ current: 2, keys: { 1: old, 2: fresh } })
      assert.isFalse(ring.isCurrent(stored))
      const again = yield* ring.seal(yield* ring.open(stored, context), context)
      assert.isTrue(ring.isCurrent(again))
      const after = KeyRing.make({ current: 2, keys: { 2: fresh } })
      assert.deepStrictEqual(yield* after.open(again, context), plaintext)
      const missing = yield* Effect.flip(after.open(stored, context))
      assert.deepStrictEqual([missing._tag, missing.code], ["KeyMissing", "CRYPTO_KEY_MISSING"])
    }).pipe(Effect.provide(NodeCrypto.layer))
  )

  it.effect("opens nothing that was changed, moved elsewhere, or given another key's number", () =>
    Effect.gen(function* () {
      const ring = KeyRing.make({ current: 2, keys: { 1: old, 2: fresh } })
      const stored = yield* ring.seal(plaintext, context)
      for (let bit = 0; bit < stored.length * 8; bit++) {
        const changed = stored.slice()
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const error = yield* Effect.flip(ring.open(changed, context))
        assert.include(["OpenFailed", "KeyMissing"], error._tag, `bit ${bit}`)
      }
      for (let length = 0; length < stored.length; length++) {
        const error = yield* Effect.flip(ring.open(stored.subarray(0, length), context))
        assert.include(["OpenFailed", "KeyMissing"], error._tag, `${length} bytes`)
      }
      const elsewhere = yield* Effect.flip(ring.open(stored, new TextEncoder().encode("users/8/email")))
      assert.strictEqual(elsewhere._tag, "OpenFailed")
    }).pipe(Effect.provide(NodeCrypto.layer))
  )

  it.effect("names a current key that it does not have", () =>
    Effect.gen(function* () {
      const ring = KeyRing.make({ current: 3, keys: { 1: old } })
      const error = yield* Effect.flip(ring.seal(plaintext, context))
      assert.strictEqual(error.message, "KeyRing takes a key with the number 3.")
    }).pipe(Effect.provide(NodeCrypto.layer))
  )
})
