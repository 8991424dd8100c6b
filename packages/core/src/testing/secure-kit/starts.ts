import * as Effect from "effect/Effect"
import { signedContent } from "../../crypto/Bundle.ts"
import { Crypto } from "../../crypto/Crypto.ts"
import * as Identity from "../../crypto/Identity.ts"
import * as Prekeys from "../../crypto/Prekeys.ts"
import * as SecureSession from "../../crypto/SecureSession.ts"
import { claim, flipped, type ProtocolCase, refused, rejected, same, sameBytes, text } from "./Check.ts"
import { Party, person } from "./Parties.ts"

/** Where the fields of a first message are: after its kind, the number of suites, one suite and the suite in use. */
const IDENTITY = 4
const EPHEMERAL = IDENTITY + 128

export const starts: ReadonlyArray<ProtocolCase> = [
  {
    name: "a first message starts a session, and both sides read each other",
    run: Effect.gen(function* () {
      const alicePerson = yield* person
      const bobPerson = yield* person
      const alice = new Party(yield* SecureSession.initiate(alicePerson.identity, bobPerson.bundle))
      const accepted = yield* SecureSession.accept(bobPerson.prekeys, yield* alice.write("hello"))
      const bob = new Party(accepted.session)
      same(text(accepted.plaintext), "hello", "the first plaintext")
      same(accepted.prekeys.oneTime.length, 1, "the number of one-time prekeys left")
      sameBytes(bob.session.id, alice.session.id, "both sides have the same session id")
      claim(Identity.sameIdentity(bob.session.peer, alicePerson.identity.public), "the responder knows the initiator")
      for (let round = 0; round < 5; round++) {
        yield* alice.read(yield* bob.write(`answer ${round}`), `answer ${round}`)
        yield* bob.read(yield* alice.write(`question ${round}`), `question ${round}`)
      }
    })
  },
  {
    name: "a session starts without a one-time prekey, once with each first message",
    run: Effect.gen(function* () {
      const { identity } = yield* person
      const { prekeys, published } = yield* person
      const alice = new Party(yield* SecureSession.initiate(identity, published))
      const first = yield* alice.write("hello")
      const accepted = yield* SecureSession.accept(prekeys, first)
      same(text(accepted.plaintext), "hello", "the first plaintext")
      yield* refused(
        SecureSession.accept(accepted.prekeys, first),
        "SECURE_SESSION_START_REPLAYED",
        "the same first message"
      )
      const second = yield* alice.write("again")
      yield* refused(
        SecureSession.accept(accepted.prekeys, second),
        "SECURE_SESSION_START_REPLAYED",
        "another of the same start"
      )
      yield* new Party(accepted.session).read(second, "again")
    })
  },
  {
    name: "a one-time prekey starts one session",
    run: Effect.gen(function* () {
      const alice = yield* person
      const carol = yield* person
      const bob = yield* person
      const one = yield* new Party(yield* SecureSession.initiate(alice.identity, bob.bundle)).write("one")
      const two = yield* new Party(yield* SecureSession.initiate(carol.identity, bob.bundle)).write("two")
      const { prekeys } = yield* SecureSession.accept(bob.prekeys, one)
      yield* refused(SecureSession.accept(prekeys, two), "SECURE_SESSION_START_PREKEY_UNKNOWN", "a spent prekey")
      yield* refused(
        SecureSession.accept(prekeys, one),
        "SECURE_SESSION_START_PREKEY_UNKNOWN",
        "a replayed first message"
      )
    })
  },
  {
    name: "messages before the first answer may come in any order",
    run: Effect.gen(function* () {
      const { identity } = yield* person
      const { bundle, prekeys } = yield* person
      const alice = new Party(yield* SecureSession.initiate(identity, bundle))
      const [one, two, three] = [yield* alice.write("one"), yield* alice.write("two"), yield* alice.write("three")]
      const bob = new Party((yield* SecureSession.accept(prekeys, two)).session)
      yield* bob.read(three, "three")
      yield* bob.read(one, "one")
      yield* alice.read(yield* bob.write("answer"), "answer")
      claim((yield* alice.write("one")).length < one.length, "after an answer the start is not sent along")
    })
  },
  {
    name: "a bundle is refused when anything that its owner signed is changed",
    run: Effect.gen(function* () {
      const { identity } = yield* person
      const { bundle } = yield* person
      const { signedPrekey } = bundle
      for (const bit of [0, 100, 255]) {
        const wrong = (changed: object) => SecureSession.initiate(identity, { ...bundle, ...changed })
        const key = { signedPrekey: { ...signedPrekey, publicKey: flipped(signedPrekey.publicKey, bit) } }
        yield* refused(wrong(key), "BUNDLE_PREKEY_SIGNATURE", "another prekey")
        const signature = { signedPrekey: { ...signedPrekey, signature: flipped(signedPrekey.signature, bit) } }
        yield* refused(wrong(signature), "BUNDLE_PREKEY_SIGNATURE", "another signature")
        const agreementKey = flipped(bundle.identity.agreementKey, bit)
        const other = { identity: { ...bundle.identity, agreementKey } }
        yield* refused(wrong(other), "BUNDLE_IDENTITY_SIGNATURE", "another agreement key")
      }
      const id = { ...bundle, signedPrekey: { ...signedPrekey, id: signedPrekey.id + 1 } }
      yield* refused(SecureSession.initiate(identity, id), "BUNDLE_PREKEY_SIGNATURE", "another id")
      const suites = { ...bundle, suites: [9] }
      yield* refused(SecureSession.initiate(identity, suites), "BUNDLE_PREKEY_SIGNATURE", "other suites")
    })
  },
  {
    name: "a prekey under another identity's signature is refused",
    run: Effect.gen(function* () {
      const [alice, bob, mallory] = [yield* person, yield* person, yield* person]
      const mixed = { ...bob.bundle, signedPrekey: mallory.bundle.signedPrekey }
      yield* refused(SecureSession.initiate(alice.identity, mixed), "BUNDLE_PREKEY_SIGNATURE", "a prekey of Mallory's")
    })
  },
  {
    name: "a wrong one-time prekey makes the first message unreadable, no more",
    run: Effect.gen(function* () {
      const [alice, bob, mallory] = [yield* person, yield* person, yield* person]
      const { id } = bob.bundle.oneTimePrekey!
      const bundle = { ...bob.published, oneTimePrekey: { id, publicKey: mallory.bundle.signedPrekey.publicKey } }
      const message = yield* new Party(yield* SecureSession.initiate(alice.identity, bundle)).write("hello")
      yield* refused(SecureSession.accept(bob.prekeys, message), "SECURE_SESSION_START_ALTERED", "the first message")
    })
  },
  {
    name: "keys of low order are refused on both sides",
    run: Effect.gen(function* () {
      const crypto = yield* Crypto
      const alice = yield* person
      const bob = yield* person
      const zero = new Uint8Array(32)
      const one = { ...bob.bundle, oneTimePrekey: { id: 2, publicKey: zero } }
      yield* refused(
        SecureSession.initiate(alice.identity, one),
        "BUNDLE_INVALID_KEY",
        "a one-time prekey of low order"
      )
      const content = signedContent(bob.identity.public, bob.bundle.suites, 1, zero)
      const signature = yield* crypto.sign(bob.identity.signingKey, content)
      const signed = { ...bob.published, signedPrekey: { id: 1, publicKey: zero, signature } }
      yield* refused(
        SecureSession.initiate(alice.identity, signed),
        "BUNDLE_INVALID_KEY",
        "a signed prekey of low order"
      )
      const first = yield* new Party(yield* SecureSession.initiate(alice.identity, bob.bundle)).write("hello")
      const low = first.slice()
      low.fill(0, EPHEMERAL, EPHEMERAL + 32)
      yield* refused(
        SecureSession.accept(bob.prekeys, low),
        "SECURE_SESSION_START_INVALID_KEY",
        "an ephemeral key of low order"
      )
    })
  },
  {
    name: "nobody starts a session in another's name",
    run: Effect.gen(function* () {
      const [alice, bob, mallory] = [yield* person, yield* person, yield* person]
      const first = yield* new Party(yield* SecureSession.initiate(mallory.identity, bob.bundle)).write(
        "it is me, Alice"
      )
      const { agreementKey, signature, signingKey } = alice.identity.public
      const forged = first.slice()
      forged.set(signingKey, IDENTITY)
      forged.set(agreementKey, IDENTITY + 32)
      forged.set(signature, IDENTITY + 64)
      claim(Identity.sameIdentity(SecureSession.senderOf(forged)!, alice.identity.public), "it claims to be Alice's")
      yield* refused(
        SecureSession.accept(bob.prekeys, forged),
        "SECURE_SESSION_START_ALTERED",
        "a message in Alice's name"
      )
    })
  },
  {
    name: "a first message with any bit turned starts nothing",
    run: Effect.gen(function* () {
      const alice = yield* person
      const bob = yield* person
      const first = yield* new Party(yield* SecureSession.initiate(alice.identity, bob.bundle)).write("")
      for (let bit = 0; bit < first.length * 8; bit++) {
        yield* rejected(SecureSession.accept(bob.prekeys, flipped(first, bit)), `bit ${bit} of the first message`)
      }
      yield* SecureSession.accept(bob.prekeys, first)
    })
  },
  {
    name: "a first message that is cut off anywhere starts nothing",
    run: Effect.gen(function* () {
      const alice = yield* person
      const bob = yield* person
      const first = yield* new Party(yield* SecureSession.initiate(alice.identity, bob.bundle)).write("hello")
      for (let length = 0; length < first.length; length++) {
        yield* rejected(SecureSession.accept(bob.prekeys, first.subarray(0, length)), `${length} bytes`)
      }
    })
  },
  {
    name: "a rotated prekey starts sessions as long as it is kept",
    run: Effect.gen(function* () {
      const alice = yield* person
      const bob = yield* person
      const first = yield* new Party(yield* SecureSession.initiate(alice.identity, bob.published)).write("late")
      const once = yield* Prekeys.rotate(bob.prekeys)
      same(text((yield* SecureSession.accept(once, first)).plaintext), "late", "the plaintext")
      const twice = yield* Prekeys.rotate(once)
      yield* refused(SecureSession.accept(twice, first), "SECURE_SESSION_START_PREKEY_UNKNOWN", "a prekey that is gone")
      claim(Prekeys.bundle(twice).signedPrekey.id !== bob.bundle.signedPrekey.id, "the bundle has the new prekey")
    })
  },
  {
    name: "a signed prekey that has started too many sessions has to be rotated first",
    run: Effect.gen(function* () {
      const alice = yield* person
      const bob = yield* person
      const [current, ...others] = bob.prekeys.signed
      const started = Array.from({ length: Prekeys.MAX_STARTS }, (_, index) => new Uint8Array(32).fill(index))
      const full = { ...bob.prekeys, signed: [{ ...current, started }, ...others] as const }
      const plain = yield* new Party(yield* SecureSession.initiate(alice.identity, bob.published)).write("one more")
      yield* refused(
        SecureSession.accept(full, plain),
        "SECURE_SESSION_START_EXHAUSTED",
        "one more without a one-time prekey"
      )
      const once = yield* new Party(yield* SecureSession.initiate(alice.identity, bob.bundle)).write("with one")
      same(text((yield* SecureSession.accept(full, once)).plaintext), "with one", "the plaintext")
      const rotated = yield* Prekeys.rotate(full)
      const again = yield* SecureSession.initiate(alice.identity, Prekeys.bundle(rotated))
      yield* SecureSession.accept(rotated, yield* new Party(again).write("again"))
    })
  }
]
