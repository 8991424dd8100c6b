import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import { Crypto } from "../../src/crypto/Crypto.ts"
import { type Group, GroupCrypto } from "../../src/crypto/GroupCrypto.ts"
import type { State } from "../../src/crypto/internal/SenderKeyState.ts"
import * as NodeCrypto from "../../src/crypto/NodeCrypto.ts"
import * as SenderKeys from "../../src/crypto/SenderKeys.ts"
import * as CryptoRecorder from "../../src/testing/CryptoRecorder.ts"
import { bytes } from "../../src/testing/secure-kit/Check.ts"
import { membersOf } from "../../src/testing/secure-kit/Members.ts"

const layer = (options?: SenderKeys.Options) => Layer.provideMerge(SenderKeys.layer(options), NodeCrypto.layer)

const stateOf = (group: Group) => Redacted.value(group.secrets) as State

const withState = (group: Group, change: (state: State) => State): Group => ({
  ...group,
  secrets: Redacted.make(change(stateOf(group)), { label: "group" })
})

const codeOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), (error) => (error as { code?: string }).code)

describe("SenderKeys", () => {
  it.effect("takes a new key after so many messages, and its readers follow", () =>
    Effect.gen(function* () {
      const group = yield* membersOf("family", "alice", "bob")
      const keys = new Set<string>()
      for (let index = 0; index < 10; index++) {
        const message = yield* group.write("alice", `${index}`)
        yield* group.read("bob", message, "alice", `${index}`)
        keys.add(Buffer.from(stateOf(group.view("alice")).sending.keyId).toString("hex"))
      }
      assert.equal(keys.size, 4)
      assert.equal(stateOf(group.view("bob")).receiving.length, 2, "the newest key and the one before")
    }).pipe(Effect.provide(layer({ rekeyEvery: 3 })))
  )

  it.effect("takes a new key after so long, and reads the one before for a while", () =>
    Effect.gen(function* () {
      const groups = yield* GroupCrypto
      const group = yield* membersOf("family", "alice", "bob")
      const [soon, late] = [yield* group.write("alice", "soon"), yield* group.write("alice", "late")]
      yield* TestClock.adjust("25 hours")
      const sent = yield* groups.encrypt(group.view("alice"), bytes("new"))
      assert.equal(sent.deliveries.length, 1)
      yield* group.settle("alice", sent)
      yield* group.read("bob", sent.message, "alice", "new")
      yield* group.read("bob", soon, "alice", "soon")
      yield* TestClock.adjust("2 hours")
      assert.equal(yield* codeOf(group.open("bob", late)), "GROUP_UNKNOWN_KEY")
    }).pipe(Effect.provide(layer()))
  )

  it.effect("refuses a message that one member signs in another's name", () =>
    Effect.gen(function* () {
      const groups = yield* GroupCrypto
      const group = yield* membersOf("family", "alice", "bob", "mallory")
      // Mallory has Alice's chain key, as every member, and all but her signing key
      const alice = stateOf(group.view("mallory")).receiving.find(({ member }) => member === "alice")!
      const mallory = withState({ ...group.view("mallory"), self: "alice" }, (state) => ({
        ...state,
        sending: { ...state.sending, keyId: alice.keyId, chainKey: alice.chain.chainKey!, next: alice.chain.next }
      }))
      const { message } = yield* groups.encrypt(mallory, bytes("it is me, Alice"))
      assert.equal(yield* codeOf(group.open("bob", message)), "GROUP_FORGED")
    }).pipe(Effect.provide(layer()))
  )

  it.effect("does not derive a key before the signature is right, nor for a number that is too far ahead", () =>
    Effect.gen(function* () {
      const groups = yield* GroupCrypto
      const group = yield* membersOf("family", "alice", "bob")
      const far = withState(group.view("alice"), (state) => ({
        ...state,
        sending: { ...state.sending, next: 2 ** 31 }
      }))
      const ahead = yield* SenderKeys.make({ rekeyEvery: 2 ** 32 })
      const { message } = yield* ahead.encrypt(far, bytes("far"))
      const recorder = CryptoRecorder.make(yield* Crypto)
      const watched = yield* Effect.provideService(SenderKeys.make(), Crypto, recorder.crypto)
      assert.equal(yield* codeOf(watched.decrypt(group.view("bob"), message)), "GROUP_TOO_MANY_SKIPPED")
      message[message.length - 1]! ^= 1
      assert.equal(yield* codeOf(watched.decrypt(group.view("bob"), message)), "GROUP_FORGED")
      assert.equal(recorder.calls()["hmac"], undefined)
      assert.equal((yield* groups.encrypt(group.view("alice"), bytes("x"))).deliveries.length, 0)
    }).pipe(Effect.provide(layer()))
  )

  it.effect("keeps as many keys of missing messages as it may, and says that a message was too late", () =>
    Effect.gen(function* () {
      const group = yield* membersOf("family", "alice", "bob")
      const sent: Array<Uint8Array> = []
      for (let index = 0; index < 22; index++) sent.push(yield* group.write("alice", `${index}`))
      assert.equal(yield* codeOf(group.open("bob", sent[11]!)), "GROUP_TOO_MANY_SKIPPED")
      yield* group.read("bob", sent[10]!, "alice", "10")
      yield* group.read("bob", sent[21]!, "alice", "21")
      yield* group.read("bob", sent[20]!, "alice", "20")
      yield* group.read("bob", yield* group.write("alice", "next"), "alice", "next")
      assert.equal(yield* codeOf(group.open("bob", sent[0]!)), "GROUP_EXPIRED")
      assert.equal(stateOf(group.view("bob")).receiving[0]!.chain.skipped.length, 9)
    }).pipe(Effect.provide(layer({ maxSkipped: 10 })))
  )

  it.effect("finds out a sender that runs on an old state", () =>
    Effect.gen(function* () {
      const groups = yield* GroupCrypto
      const group = yield* membersOf("family", "alice", "bob")
      const backup = group.view("alice")
      yield* group.read("bob", yield* group.write("alice", "one"), "alice", "one")
      const { message } = yield* groups.encrypt(backup, bytes("another one"))
      assert.equal(yield* codeOf(group.open("bob", message)), "PEER_ROLLED_BACK")
    }).pipe(Effect.provide(layer()))
  )

  it.effect("uses no key and nonce twice, not even from an old state", () =>
    Effect.gen(function* () {
      const recorder = CryptoRecorder.make(yield* Crypto)
      const groups = yield* Effect.provideService(SenderKeys.make(), Crypto, recorder.crypto)
      const group = yield* groups.create("family", "alice")
      for (let index = 0; index < 20; index++) yield* groups.encrypt(group, bytes(`version ${index}`))
      assert.deepEqual(recorder.reused(), [])
      assert.equal(recorder.sealed(), 20)
    }).pipe(Effect.provide(layer()))
  )

  it.effect("has as many members as it may, with names that are names", () =>
    Effect.gen(function* () {
      const groups = yield* GroupCrypto
      const group = yield* membersOf("family", "alice", "bob")
      assert.equal(yield* codeOf(groups.add(group.view("alice"), ["carol"])), "GROUP_TOO_MANY_MEMBERS")
      assert.equal(yield* codeOf(groups.create("family", "")), "GROUP_MALFORMED")
      assert.equal(yield* codeOf(groups.create("family", "x".repeat(257))), "GROUP_MALFORMED")
    }).pipe(Effect.provide(layer({ maxMembers: 2 })))
  )

  it.effect("refuses a group of another implementation", () =>
    Effect.gen(function* () {
      const groups = yield* GroupCrypto
      const group = { ...(yield* groups.create("family", "alice")), protocol: "mls-1" }
      assert.equal(yield* codeOf(groups.encrypt(group, bytes("x"))), "GROUP_OTHER_PROTOCOL")
    }).pipe(Effect.provide(layer()))
  )

  it.effect("does not begin a known key anew when its delivery comes again", () =>
    Effect.gen(function* () {
      const groups = yield* GroupCrypto
      const group = yield* membersOf("family", "alice", "bob")
      const changed = yield* groups.rekey(group.view("alice"))
      yield* group.settle("alice", changed)
      const message = yield* group.write("alice", "once")
      yield* group.read("bob", message, "alice", "once")
      yield* group.bring("alice", changed.deliveries)
      assert.equal(yield* codeOf(group.open("bob", message)), "MESSAGE_REPLAYED")
    }).pipe(Effect.provide(layer()))
  )
})
