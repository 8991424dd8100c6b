import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import fc from "fast-check"
import { Crypto } from "../../src/crypto/Crypto.ts"
import * as NodeCrypto from "../../src/crypto/NodeCrypto.ts"
import { type Padding, pad, paddedLength, unpad } from "../../src/crypto/Padding.ts"
import { SessionState } from "../../src/crypto/SessionState.ts"
import * as CryptoRecorder from "../../src/testing/CryptoRecorder.ts"
import { bytes } from "../../src/testing/secure-kit/Check.ts"
import { talking } from "../../src/testing/secure-kit/Parties.ts"

describe("SecureSession", () => {
  it.effect("drops the key of a message that has not come for a week", () =>
    Effect.gen(function* () {
      const { alice, bob } = yield* talking
      const [soon, late] = [yield* alice.write("soon"), yield* alice.write("late")]
      yield* bob.read(yield* alice.write("now"), "now")
      yield* TestClock.adjust("6 days")
      yield* bob.read(soon, "soon")
      yield* TestClock.adjust("25 hours")
      assert.equal((yield* Effect.flip(bob.open(late))).code, "SECURE_SESSION_EXPIRED")
      yield* bob.read(yield* alice.write("next"), "next")
      assert.equal(
        Redacted.value(bob.session.secrets).receiving[0]?.chain.skipped.length,
        0,
        "it is gone from the state"
      )
    }).pipe(Effect.provide(NodeCrypto.layer))
  )

  it.effect("keeps its state small over 10 000 messages of which many never come", () =>
    Effect.gen(function* () {
      const recorder = CryptoRecorder.make(yield* Crypto)
      const soak = Effect.gen(function* () {
        const { alice, bob } = yield* talking
        let largest = 0
        for (let index = 0; index < 10_000; index++) {
          const [from, to] = index % 100 < 90 ? [alice, bob] : [bob, alice]
          const message = yield* from.write(`message ${index}`)
          if (index % 3 !== 0) yield* to.read(message, `message ${index}`)
          if (index % 1000 === 999) {
            const saved = JSON.stringify(yield* Schema.encodeEffect(SessionState)(bob.session))
            largest = Math.max(largest, saved.length)
          }
        }
        return largest
      })
      const largest = yield* Effect.provideService(soak, Crypto, recorder.crypto)
      assert.ok(largest < 100_000, `the state grew to ${largest} bytes`)
      assert.deepEqual(recorder.reused(), [])
      assert.equal(recorder.sealed(), 2 * 10_002, "a header and a body for each message")
    }).pipe(Effect.provide(NodeCrypto.layer))
  )

  it.effect("costs at most as many key derivations as may be missing, also for what turns out to be forged", () =>
    Effect.gen(function* () {
      const { alice, bob } = yield* talking
      for (let index = 0; index < 1000; index++) yield* alice.write("lost")
      const forged = yield* alice.write("last")
      forged[forged.length - 1]! ^= 1
      const recorder = CryptoRecorder.make(yield* Crypto)
      yield* Effect.flip(Effect.provideService(bob.open(forged), Crypto, recorder.crypto))
      assert.equal(recorder.calls()["hmac"], 2 * 1001)
    }).pipe(Effect.provide(NodeCrypto.layer))
  )
})

describe("CryptoRecorder", () => {
  it.effect("finds a key and nonce that were used twice", () =>
    Effect.gen(function* () {
      const { calls, crypto, reused } = CryptoRecorder.make(yield* Crypto)
      const key = Redacted.make(new Uint8Array(32))
      const seal = (nonce: number) => crypto.seal("chacha20-poly1305", key, new Uint8Array(12).fill(nonce), bytes("x"))
      yield* seal(1)
      yield* seal(2)
      assert.equal(reused().length, 0)
      yield* seal(1)
      assert.equal(reused().length, 1)
      assert.equal(calls()["seal"], 3)
    }).pipe(Effect.provide(NodeCrypto.layer))
  )
})

describe("Padding", () => {
  const padding = fc.constantFrom<Padding>("none", "padme", "power-of-two")

  it("comes off again, whatever the content", () =>
    fc.assert(
      fc.property(padding, fc.uint8Array({ maxLength: 500 }), (kind, content) => {
        const padded = pad(kind, content)
        assert.equal(padded.length, paddedLength(kind, content.length))
        assert.deepEqual(unpad(padded), content)
      })
    ))

  it("has the cost it names: padme at most 12 % for what is longer than a few bytes, power-of-two at most twice", () =>
    fc.assert(
      fc.property(fc.integer({ min: 128, max: 2 ** 31 }), (length) => {
        assert.ok(paddedLength("padme", length) <= (length + 1) * 1.12)
        assert.ok(paddedLength("power-of-two", length) <= 2 * (length + 1))
        assert.equal(Math.log2(paddedLength("power-of-two", length)) % 1, 0)
      })
    ))

  it("leaves few lengths: padme's of the numbers to 1 000 000 are 298", () => {
    const lengths = new Set<number>()
    for (let length = 0; length < 1_000_000; length++) lengths.add(paddedLength("padme", length))
    assert.equal(lengths.size, 298)
  })

  it("is refused where it is none", () => {
    for (const wrong of [[], [0], [0, 0, 0], [1], [0x80, 1]]) assert.equal(unpad(Uint8Array.from(wrong)), undefined)
  })
})
