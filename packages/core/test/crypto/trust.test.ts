import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fingerprint from "../../src/crypto/Fingerprint.ts"
import * as Identity from "../../src/crypto/Identity.ts"
import * as NodeCrypto from "../../src/crypto/NodeCrypto.ts"
import * as ShortAuthentication from "../../src/crypto/ShortAuthentication.ts"
import * as Trust from "../../src/crypto/Trust.ts"
import { layerMemory } from "../../src/crypto/TrustStore.ts"
import { flipped } from "../../src/testing/secure-kit/Check.ts"
import { layerFile } from "./freeze/FileTrustStore.ts"

const stores = [
  ["memory", layerMemory()],
  ["a file", layerFile]
] as const

for (const [name, store] of stores) {
  const layer = Layer.mergeAll(NodeCrypto.layer, Layer.fresh(store))

  describe(`trust on first use, kept in ${name}`, () => {
    it.effect("the first identity is taken on, and stays", () =>
      Effect.gen(function* () {
        const bob = (yield* Identity.make).public
        assert.deepEqual(yield* Trust.check("bob", bob), { first: true, verified: false })
        assert.deepEqual(yield* Trust.check("bob", bob), { first: false, verified: false })
        yield* Trust.verify("bob", bob)
        assert.deepEqual(yield* Trust.check("bob", bob), { first: false, verified: true })
      }).pipe(Effect.provide(layer))
    )

    it.effect("another identity is refused until a person accepts it, and then counts as not verified", () =>
      Effect.gen(function* () {
        const [bob, other] = [(yield* Identity.make).public, (yield* Identity.make).public]
        yield* Trust.verify("bob", bob)
        const change = yield* Effect.flip(Trust.check("bob", other))
        assert.ok(change._tag === "IdentityChanged" && change.wasVerified)
        assert.equal(change.code, "TRUST_IDENTITY_CHANGED")
        assert.equal((yield* Effect.flip(Trust.check("bob", other)))._tag, "IdentityChanged", "asking changes nothing")
        assert.equal((yield* Effect.flip(Trust.verify("bob", other)))._tag, "IdentityChanged")
        yield* Trust.accept(change)
        assert.deepEqual(yield* Trust.check("bob", other), { first: false, verified: false })
        assert.equal(
          (yield* Effect.flip(Trust.check("bob", bob)))._tag,
          "IdentityChanged",
          "the old one is a change now"
        )
      }).pipe(Effect.provide(layer))
    )

    it.effect("a change is accepted for the identity it was shown with, not for a later one", () =>
      Effect.gen(function* () {
        const [bob, second, third] = yield* Effect.all([Identity.make, Identity.make, Identity.make])
        yield* Trust.check("bob", bob.public)
        const asked = yield* Effect.flip(Trust.check("bob", second.public))
        const meanwhile = yield* Effect.flip(Trust.check("bob", third.public))
        assert.ok(asked._tag === "IdentityChanged" && meanwhile._tag === "IdentityChanged")
        yield* Trust.accept(meanwhile)
        assert.equal((yield* Effect.flip(Trust.accept(asked)))._tag, "IdentityChanged")
        assert.deepEqual(yield* Trust.check("bob", third.public), { first: false, verified: false })
      }).pipe(Effect.provide(layer))
    )

    it.effect("of many first identities at once, one is taken on", () =>
      Effect.gen(function* () {
        const identities = yield* Effect.replicateEffect(Identity.make, 8)
        const checks = identities.map((identity) => Effect.result(Trust.check("bob", identity.public)))
        const results = yield* Effect.all(checks, { concurrency: "unbounded" })
        assert.equal(results.filter((result) => result._tag === "Success").length, 1)
      }).pipe(Effect.provide(layer))
    )
  })
}

it.effect("a full store takes on nobody and forgets nobody", () =>
  Effect.gen(function* () {
    const [bob, carol] = [(yield* Identity.make).public, (yield* Identity.make).public]
    yield* Trust.check("bob", bob)
    const error = yield* Effect.flip(Trust.check("carol", carol))
    assert.equal(error.code, "TRUST_STORE_FULL")
    assert.equal((yield* Trust.check("bob", bob)).first, false)
  }).pipe(Effect.provide([NodeCrypto.layer, layerMemory({ maxPeers: 1 })]))
)

describe("safety numbers", () => {
  it.effect("are the same on both sides, twelve groups of five digits, and others for other identities", () =>
    Effect.gen(function* () {
      const [alice, bob] = [(yield* Identity.make).public, (yield* Identity.make).public]
      const number = yield* Fingerprint.safetyNumber(alice, bob)
      assert.match(number, /^\d{5}( \d{5}){11}$/)
      assert.equal(yield* Fingerprint.safetyNumber(bob, alice), number)
      for (const field of ["agreementKey", "signingKey"] as const) {
        for (const bit of [0, 255]) {
          const other = { ...bob, [field]: flipped(bob[field], bit) }
          assert.notEqual(yield* Fingerprint.safetyNumber(alice, other), number)
        }
      }
    }).pipe(Effect.provide(NodeCrypto.layer))
  )

  it.effect("do not change between versions: this one was computed with Python's hashlib", () =>
    Effect.gen(function* () {
      const identity = (byte: number) => ({
        signingKey: new Uint8Array(32).fill(byte),
        agreementKey: new Uint8Array(32).fill(byte + 1),
        signature: new Uint8Array(64)
      })
      assert.equal(
        yield* Fingerprint.safetyNumber(identity(1), identity(3)),
        "29853 96741 15197 74458 52538 92353 41414 23595 09183 79617 23178 49137"
      )
    }).pipe(Effect.provide(NodeCrypto.layer))
  )
})

describe("short authentication", () => {
  const about = new Uint8Array(32).fill(5)

  it.effect("shows both sides one text", () =>
    Effect.gen(function* () {
      const alice = yield* ShortAuthentication.begin(about)
      const bob = yield* ShortAuthentication.answer(about, alice.commitment)
      const seen = yield* ShortAuthentication.open(alice, bob.answer)
      assert.match(seen, /^\d{4} \d{4} \d{4}$/)
      assert.equal(yield* ShortAuthentication.check(bob, alice.opening), seen)
    }).pipe(Effect.provide(NodeCrypto.layer))
  )

  it.effect("refuses an opening that was not committed to, also by an opening of something else", () =>
    Effect.gen(function* () {
      const alice = yield* ShortAuthentication.begin(about)
      const bob = yield* ShortAuthentication.answer(about, alice.commitment)
      const other = yield* ShortAuthentication.answer(about.slice().fill(6), alice.commitment)
      for (const attempt of [
        ShortAuthentication.check(bob, flipped(alice.opening, 3)),
        ShortAuthentication.check(other, alice.opening),
        ShortAuthentication.open(alice, new Uint8Array(1))
      ]) {
        assert.equal((yield* Effect.flip(attempt)).code, "SHORT_AUTHENTICATION_COMMITMENT_BROKEN")
      }
    }).pipe(Effect.provide(NodeCrypto.layer))
  )

  it.effect("shows different texts to two sides with somebody between them", () =>
    Effect.gen(function* () {
      const mallory = about.slice().fill(7)
      const alice = yield* ShortAuthentication.begin(about)
      const between = yield* ShortAuthentication.begin(mallory)
      const bob = yield* ShortAuthentication.answer(mallory, between.commitment)
      const toAlice = yield* ShortAuthentication.answer(about, alice.commitment)
      const seenByAlice = yield* ShortAuthentication.open(alice, toAlice.answer)
      assert.notEqual(yield* ShortAuthentication.check(bob, between.opening), seenByAlice)
    }).pipe(Effect.provide(NodeCrypto.layer))
  )
})
