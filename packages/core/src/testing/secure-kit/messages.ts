import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Crypto } from "../../crypto/Crypto.ts"
import { SessionLimits } from "../../crypto/SessionState.ts"
import * as CryptoRecorder from "../CryptoRecorder.ts"
import { bytes, claim, contains, flipped, type ProtocolCase, refused, rejected, same } from "./Check.ts"
import { Party, talking } from "./Parties.ts"

/** Lets a party write as if it had written `number` messages on its chain. */
const at = (party: Party, number: number, previousLength?: number): Party => {
  const { sending, ...secrets } = Redacted.value(party.session.secrets)
  const length = previousLength ?? secrets.previousLength
  const moved = { ...secrets, previousLength: length, sending: { ...sending!, next: number } }
  return new Party({ ...party.session, secrets: Redacted.make(moved, { label: "session" }) })
}

const few = Effect.provideService(SessionLimits, {
  maxSkippedPerChain: 10,
  maxSkipped: 15,
  maxChains: 3,
  skippedLifetime: "7 days"
})

const writeAll = Effect.fnUntraced(function* (party: Party, count: number, prefix = "") {
  const messages: Array<Uint8Array> = []
  for (let index = 0; index < count; index++) messages.push(yield* party.write(`${prefix}${index}`))
  return messages
})

export const messages: ReadonlyArray<ProtocolCase> = [
  {
    name: "messages are read in any order, across turns of the conversation",
    run: Effect.gen(function* () {
      const { alice, bob } = yield* talking
      const early = yield* writeAll(alice, 5, "early ")
      yield* bob.read(early[3]!, "early 3")
      yield* alice.read(yield* bob.write("turn"), "turn")
      const late = yield* writeAll(alice, 3, "late ")
      yield* bob.read(late[2]!, "late 2")
      for (const index of [4, 0, 2, 1]) yield* bob.read(early[index]!, `early ${index}`)
      for (const index of [1, 0]) yield* bob.read(late[index]!, `late ${index}`)
    })
  },
  {
    name: "a replay is refused by its own error, of this chain, of skipped keys and of closed chains",
    run: Effect.gen(function* () {
      const { alice, bob } = yield* talking
      const [zero, one, two] = (yield* writeAll(alice, 3)) as [Uint8Array, Uint8Array, Uint8Array]
      yield* bob.read(two, "2")
      yield* bob.read(zero, "0")
      for (const message of [two, zero]) yield* refused(bob.open(message), "MESSAGE_REPLAYED", "a replay")
      yield* alice.read(yield* bob.write("turn"), "turn")
      yield* bob.read(yield* alice.write("new chain"), "new chain")
      for (const message of [two, zero])
        yield* refused(bob.open(message), "MESSAGE_REPLAYED", "a replay of a closed chain")
      yield* bob.read(one, "1")
      yield* refused(bob.open(one), "MESSAGE_REPLAYED", "a replay of the late one")
    })
  },
  {
    name: "a message with any bit turned is refused, and changes nothing",
    run: Effect.gen(function* () {
      const { alice, bob } = yield* talking
      const message = yield* alice.write("exactly this")
      const before = bob.session
      for (let bit = 0; bit < message.length * 8; bit++) yield* rejected(bob.open(flipped(message, bit)), `bit ${bit}`)
      claim(bob.session === before, "the state is as it was")
      yield* bob.read(message, "exactly this")
    })
  },
  {
    name: "a message that is cut off or goes on is refused",
    run: Effect.gen(function* () {
      const { alice, bob } = yield* talking
      const message = yield* alice.write("exactly this")
      for (let length = 0; length < message.length; length++) {
        yield* rejected(bob.open(message.subarray(0, length)), `${length} bytes`)
      }
      yield* rejected(bob.open(new Uint8Array([...message, 0])), "one byte more")
      yield* bob.read(message, "exactly this")
    })
  },
  {
    name: "nobody reads a message of another session, in either direction",
    run: Effect.gen(function* () {
      const one = yield* talking
      const other = yield* talking
      const message = yield* one.alice.write("for Bob")
      yield* refused(other.bob.open(message), "SECURE_SESSION_UNKNOWN_KEY", "another Bob")
      yield* refused(one.alice.open(message), "SECURE_SESSION_UNKNOWN_KEY", "who wrote it")
      const first = one.alice.session.start
      const mixed = new Uint8Array([2, ...first, ...(yield* other.alice.write("x")).subarray(1)])
      yield* refused(other.bob.open(mixed), "SECURE_SESSION_OTHER_SESSION", "the start of another session")
      yield* one.bob.read(message, "for Bob")
    })
  },
  {
    name: "associated data has to be the same on both sides",
    run: Effect.gen(function* () {
      const { alice, bob } = yield* talking
      const message = yield* alice.write("for the kitchen", bytes("kitchen"))
      yield* refused(bob.open(message, bytes("cellar")), "SECURE_SESSION_ALTERED", "another room")
      yield* refused(bob.open(message), "SECURE_SESSION_ALTERED", "no room")
      same((yield* bob.open(message, bytes("kitchen"))).length, 15, "the length of the plaintext")
    })
  },
  {
    name: "neither the ratchet key nor the number of a message shows",
    run: Effect.gen(function* () {
      const { alice } = yield* talking
      const { selfPublic } = Redacted.value(alice.session.secrets)
      const [one, two] = [yield* alice.write("same"), yield* alice.write("same")]
      claim(!contains(one, selfPublic) && !contains(two, selfPublic), "the ratchet key is not in a message")
      const alike = one.filter((byte, index) => byte === two[index]).length
      claim(alike < one.length / 4, `two messages have nothing in common but their kind, ${alike} bytes are alike`)
    })
  },
  {
    name: "as many messages as allowed may be missing, and not one more",
    run: few(
      Effect.gen(function* () {
        const { alice, bob } = yield* talking
        const sent = yield* writeAll(alice, 12)
        yield* refused(bob.open(sent[11]!), "SECURE_SESSION_TOO_MANY_SKIPPED", "one too many missing")
        yield* bob.read(sent[10]!, "10")
        for (const [index, message] of sent.entries()) if (index !== 10) yield* bob.read(message, `${index}`)
      })
    )
  },
  {
    name: "keys of missing messages are bounded for each chain and in all, and the oldest go first",
    run: few(
      Effect.gen(function* () {
        const { alice, bob } = yield* talking
        const one = yield* writeAll(alice, 22)
        yield* bob.read(one[10]!, "10")
        yield* bob.read(one[21]!, "21")
        yield* refused(bob.open(one[9]!), "SECURE_SESSION_EXPIRED", "a key that had to go for a newer one of its chain")
        yield* alice.read(yield* bob.write("turn"), "turn")
        const two = yield* writeAll(alice, 11)
        yield* bob.read(two[10]!, "10")
        yield* refused(bob.open(one[15]!), "SECURE_SESSION_EXPIRED", "a key of the older chain")
        yield* bob.read(one[16]!, "16")
        yield* bob.read(two[0]!, "0")
      })
    )
  },
  {
    name: "chains that are over are forgotten, the oldest first",
    run: few(
      Effect.gen(function* () {
        const { alice, bob } = yield* talking
        const [late, lost] = [yield* alice.write("late"), yield* alice.write("lost")]
        const turn = Effect.fnUntraced(function* () {
          yield* alice.read(yield* bob.write("turn"), "turn")
          yield* bob.read(yield* alice.write("turn"), "turn")
        })
        yield* turn()
        yield* turn()
        yield* turn()
        yield* bob.read(late, "late")
        yield* turn()
        yield* refused(bob.open(lost), "SECURE_SESSION_UNKNOWN_KEY", "a message of a forgotten chain")
      })
    )
  },
  {
    name: "a peer that claims number 2^31 costs nothing",
    run: Effect.gen(function* () {
      const { alice, bob } = yield* talking
      const message = yield* at(alice, 2 ** 31).write("far")
      const recorder = CryptoRecorder.make(yield* Crypto)
      const open = Effect.provideService(bob.open(message), Crypto, recorder.crypto)
      yield* refused(open, "SECURE_SESSION_TOO_MANY_SKIPPED", "the message")
      same(recorder.calls()["hmac"], undefined, "the number of keys derived")
      yield* bob.read(yield* alice.write("near"), "near")
    })
  },
  {
    name: "a peer that claims 2^31 messages before a turn costs nothing, and the session goes on",
    run: Effect.gen(function* () {
      const { alice, bob } = yield* talking
      const missed = yield* alice.write("missed")
      yield* bob.read(yield* alice.write("read"), "read")
      yield* alice.read(yield* bob.write("turn"), "turn")
      const message = yield* at(alice, 0, 2 ** 31).write("after the turn")
      const recorder = CryptoRecorder.make(yield* Crypto)
      yield* Effect.provideService(bob.read(message, "after the turn"), Crypto, recorder.crypto)
      claim((recorder.calls()["hmac"] ?? 0) <= 2, "only the key of the message is derived")
      yield* refused(bob.open(missed), "SECURE_SESSION_EXPIRED", "a message whose key was given up")
      yield* alice.read(yield* bob.write("it goes on"), "it goes on")
    })
  },
  {
    name: "the last number of a chain is not used twice",
    run: Effect.gen(function* () {
      const { alice } = yield* talking
      const last = at(alice, 2 ** 32 - 2)
      yield* last.write("the last")
      yield* refused(last.write("one more"), "SECURE_SESSION_CHAIN_EXHAUSTED", "one more")
    })
  },
  {
    name: "a message of a peer whose plaintext has no padding is refused",
    run: Effect.gen(function* () {
      const { alice, bob } = yield* talking
      const empty = yield* alice.write(new Uint8Array(0))
      same((yield* bob.open(empty)).length, 0, "the length of an empty plaintext")
      const zeros = yield* alice.write(new Uint8Array(100))
      same((yield* bob.open(zeros)).length, 100, "the length of a plaintext of zeros")
    })
  }
]
