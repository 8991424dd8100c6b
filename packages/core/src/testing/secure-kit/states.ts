import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Crypto } from "../../crypto/Crypto.ts"
import { paddedLength } from "../../crypto/Padding.ts"
import { Prekeys } from "../../crypto/Prekeys.ts"
import * as SecureSession from "../../crypto/SecureSession.ts"
import { SessionState } from "../../crypto/SessionState.ts"
import * as CryptoRecorder from "../CryptoRecorder.ts"
import { bytes, claim, type ProtocolCase, refused, rejected, same, text } from "./Check.ts"
import { Party, person, talking } from "./Parties.ts"

const restored = (session: SessionState) =>
  Effect.map(Schema.encodeEffect(SessionState)(session), (saved) => JSON.stringify(saved)).pipe(
    Effect.flatMap((json) => Schema.decodeUnknownEffect(SessionState)(JSON.parse(json)))
  )

export const states: ReadonlyArray<ProtocolCase> = [
  {
    name: "a state that was saved and loaded after every step goes on",
    run: Effect.gen(function* () {
      const { alice, bob } = yield* talking
      const late: Array<Uint8Array> = []
      for (let round = 0; round < 6; round++) {
        const [from, to] = round % 2 === 0 ? [alice, bob] : [bob, alice]
        late.push(yield* from.write(`late ${round}`))
        yield* to.read(yield* from.write(`round ${round}`), `round ${round}`)
        alice.session = yield* restored(alice.session)
        bob.session = yield* restored(bob.session)
      }
      yield* bob.read(late[4]!, "late 4")
      yield* alice.read(late[3]!, "late 3")
    })
  },
  {
    name: "prekeys that were saved and loaded start sessions",
    run: Effect.gen(function* () {
      const { identity } = yield* person
      const { bundle, prekeys } = yield* person
      const json = JSON.stringify(yield* Schema.encodeEffect(Prekeys)(prekeys))
      const loaded = yield* Schema.decodeUnknownEffect(Prekeys)(JSON.parse(json))
      const first = yield* new Party(yield* SecureSession.initiate(identity, bundle)).write("hello")
      same(text((yield* SecureSession.accept(loaded, first)).plaintext), "hello", "the plaintext")
    })
  },
  {
    name: "a saved state with a key of a wrong length is not loaded",
    run: Effect.gen(function* () {
      const { alice } = yield* talking
      const saved = yield* Schema.encodeEffect(SessionState)(alice.session)
      const broken = { ...saved, secrets: { ...saved.secrets, root: saved.secrets.root.slice(4) } }
      const exit = yield* Effect.exit(Schema.decodeUnknownEffect(SessionState)(broken))
      same(exit._tag, "Failure", "the outcome of loading")
      claim(!String(exit).includes(saved.secrets.root.slice(8, 40)), "the error does not show the key")
    })
  },
  {
    name: "no key shows where a state is printed",
    run: Effect.gen(function* () {
      const { alice } = yield* talking
      const { identity, prekeys } = yield* person
      const printed = JSON.stringify([alice.session, identity, prekeys]) + String([alice.session, identity, prekeys])
      const { root, selfPrivate } = Redacted.value(alice.session.secrets)
      for (const key of [root, Redacted.value(selfPrivate), Redacted.value(identity.signingKey)]) {
        claim(!printed.includes([...key].slice(0, 8).join(",")), "no bytes of a key in the text")
        claim(!printed.includes(JSON.stringify(key).slice(1, 40)), "no key as JSON in the text")
      }
      claim(printed.includes("<redacted"), "something stands in their place")
    })
  },
  {
    name: "every state has a higher generation than the one before",
    run: Effect.gen(function* () {
      const { alice, bob } = yield* talking
      const [a, b] = [alice.session.generation, bob.session.generation]
      yield* bob.open(yield* alice.write("one"))
      same(alice.session.generation, a + 1, "the generation of the writer")
      same(bob.session.generation, b + 1, "the generation of the reader")
    })
  },
  {
    name: "a state older than the highest generation is refused",
    run: Effect.gen(function* () {
      const { alice } = yield* talking
      const old = alice.session
      yield* alice.write("one")
      const { generation } = alice.session
      yield* SecureSession.requireGeneration(alice.session, generation)
      yield* refused(SecureSession.requireGeneration(old, generation), "SECURE_SESSION_ROLLED_BACK", "the old state")
    })
  },
  {
    name: "a peer that runs on an old state is found out by the first number it uses again",
    run: Effect.gen(function* () {
      const { alice, bob } = yield* talking
      const backup = new Party(alice.session)
      yield* bob.read(yield* alice.write("one"), "one")
      yield* bob.read(yield* alice.write("two"), "two")
      yield* refused(bob.open(yield* backup.write("other")), "PEER_ROLLED_BACK", "another message of the same number")
      yield* refused(bob.open(yield* backup.write("two")), "PEER_ROLLED_BACK", "even with the same content")
      same(bob.session.generation, 4, "the generation: nothing was read of them")
    })
  },
  {
    name: "an old state is found out on a chain that is over, and by a chain that becomes shorter",
    run: Effect.gen(function* () {
      const { alice, bob } = yield* talking
      const short = new Party(alice.session)
      yield* bob.read(yield* alice.write("one"), "one")
      const backup = new Party(alice.session)
      const turn = yield* bob.write("turn")
      yield* alice.read(turn, "turn")
      const turned = yield* short.open(turn)
      same(text(turned), "turn", "what the old state reads")
      yield* refused(
        bob.open(yield* short.write("x")),
        "PEER_ROLLED_BACK",
        "a chain that became shorter than was read of it"
      )
      yield* bob.read(yield* alice.write("two"), "two")
      yield* refused(bob.open(yield* backup.write("x")), "PEER_ROLLED_BACK", "a number beyond the end of its chain")
    })
  },
  {
    name: "not even an old state encrypts twice under one key and nonce",
    run: Effect.gen(function* () {
      const { alice } = yield* talking
      const recorder = CryptoRecorder.make(yield* Crypto)
      const { session } = alice
      for (let again = 0; again < 20; again++) {
        const write = new Party(session).write(`version ${again}`)
        yield* Effect.provideService(write, Crypto, recorder.crypto)
      }
      same(recorder.reused().length, 0, "the number of pairs used twice")
      same(recorder.sealed(), 40, "the number of pairs")
    })
  },
  {
    name: "a stolen state opens nothing that was read before",
    run: Effect.gen(function* () {
      const { alice, bob } = yield* talking
      const past = [yield* alice.write("one"), yield* alice.write("two")]
      for (const message of past) yield* bob.open(message)
      const thief = new Party(yield* restored(bob.session))
      for (const message of past) yield* rejected(thief.open(message), "a message of the past")
      // and its own: what Bob wrote cannot be read with what Bob has
      const own = yield* bob.write("mine")
      yield* rejected(new Party(bob.session).open(own), "what it wrote itself")
    })
  },
  {
    name: "a stolen state opens what is missing, and no more once both sides have spoken again",
    run: Effect.gen(function* () {
      const { alice, bob } = yield* talking
      const missing = yield* alice.write("missing")
      yield* bob.read(yield* alice.write("read"), "read")
      const thief = new Party(yield* restored(bob.session))
      same(text(yield* thief.open(missing)), "missing", "what the thief reads of the missing message")
      same(
        text(yield* thief.open(yield* alice.write("next"))),
        "next",
        "what the thief reads of the chain that goes on"
      )
      // what Bob answers with is in the stolen state, so the thief follows until Bob has made a new key
      const known = yield* bob.write("turn")
      yield* alice.read(known, "turn")
      const followed = yield* alice.write("still read")
      same(text(yield* thief.open(followed)), "still read", "what the thief reads of the first answer")
      yield* bob.read(followed, "still read")
      const healed = yield* bob.write("secret again")
      yield* alice.read(healed, "secret again")
      const answer = yield* alice.write("secret, too")
      yield* rejected(thief.open(answer), "what comes after both have spoken")
      yield* bob.read(answer, "secret, too")
    })
  },
  {
    name: "lengths are those of the padding",
    run: Effect.gen(function* () {
      const alice = yield* person
      for (const padding of ["none", "padme", "power-of-two"] as const) {
        const bob = yield* person
        const party = new Party(yield* SecureSession.initiate(alice.identity, bob.bundle, { padding }))
        const overhead = (yield* party.write("")).length - paddedLength(padding, 0)
        for (const length of [1, 62, 63, 64, 65, 100, 1000, 5000]) {
          const message = yield* party.write(new Uint8Array(length).fill(0x80))
          same(message.length - overhead, paddedLength(padding, length), `${length} bytes with padding ${padding}`)
        }
        const accepted = yield* SecureSession.accept(bob.prekeys, yield* party.write("padded"), { padding })
        same(text(accepted.plaintext), "padded", "the plaintext")
      }
    })
  },
  {
    name: "a session that has read nothing says that it cannot send",
    run: Effect.gen(function* () {
      const { bob } = yield* talking
      const { sending: _, ...secrets } = Redacted.value(bob.session.secrets)
      const mute = { ...bob.session, secrets: Redacted.make(secrets, { label: "session" }) }
      yield* refused(SecureSession.encrypt(mute, bytes("x")), "SECURE_SESSION_CANNOT_SEND", "writing")
    })
  }
]
