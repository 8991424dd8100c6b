import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Crypto } from "../../crypto/Crypto.ts"
import { GroupCrypto } from "../../crypto/GroupCrypto.ts"
import { bytes, claim, flipped, type ProtocolCase, refused, rejected, same, text } from "./Check.ts"
import { membersOf } from "./Members.ts"

const THREE = ["alice", "bob", "carol"]
const family = membersOf("family", ...THREE)

export const groups: ReadonlyArray<ProtocolCase<GroupCrypto | Crypto>> = [
  {
    name: "everybody reads everybody",
    run: Effect.gen(function* () {
      const group = yield* family
      for (const writer of THREE) {
        const message = yield* group.write(writer, `from ${writer}`)
        for (const reader of THREE) {
          if (reader !== writer) yield* group.read(reader, message, writer, `from ${writer}`)
        }
      }
      for (const name of THREE) same(group.view(name).members.join(), THREE.join(), `the members that ${name} sees`)
    })
  },
  {
    name: "messages are read in any order, each once",
    run: Effect.gen(function* () {
      const group = yield* family
      const sent: Array<Uint8Array> = []
      for (let index = 0; index < 6; index++) sent.push(yield* group.write("alice", `${index}`))
      for (const index of [5, 1, 0, 4, 2, 3]) yield* group.read("bob", sent[index]!, "alice", `${index}`)
      for (const message of sent) yield* refused(group.open("bob", message), "MESSAGE_REPLAYED", "a replay")
    })
  },
  {
    name: "a message with any bit turned, cut off or longer is refused, and changes nothing",
    run: Effect.gen(function* () {
      const group = yield* family
      const message = yield* group.write("alice", "exactly this")
      const before = group.view("bob")
      for (let bit = 0; bit < message.length * 8; bit++) {
        yield* rejected(group.open("bob", flipped(message, bit)), `bit ${bit}`)
      }
      for (let length = 0; length < message.length; length++) {
        yield* rejected(group.open("bob", message.subarray(0, length)), `${length} bytes`)
      }
      yield* rejected(group.open("bob", new Uint8Array([...message, 0])), "one byte more")
      claim(group.view("bob") === before, "the state is as it was")
      yield* group.read("bob", message, "alice", "exactly this")
    })
  },
  {
    name: "a message of another group is refused",
    run: Effect.gen(function* () {
      const one = yield* family
      const other = yield* family
      yield* rejected(other.open("bob", yield* one.write("alice", "hello")), "a message of another group")
    })
  },
  {
    name: "who was removed reads nothing that comes after, and is not heard",
    run: Effect.gen(function* () {
      const crypto = yield* GroupCrypto
      const group = yield* family
      const carol = group.view("carol")
      yield* group.settle("alice", yield* crypto.remove(group.view("alice"), ["carol"]))
      for (const writer of ["alice", "bob"]) {
        const message = yield* group.write(writer, "without Carol")
        yield* rejected(crypto.decrypt(carol, message), `a message of ${writer} to Carol`)
        yield* group.read(writer === "alice" ? "bob" : "alice", message, writer, "without Carol")
      }
      const { message } = yield* crypto.encrypt(carol, bytes("still there?"))
      for (const reader of ["alice", "bob"]) yield* rejected(group.open(reader, message), "a message of Carol")
      same(group.view("bob").members.join(), "alice,bob", "the members")
    })
  },
  {
    name: "who left reads nothing that comes after",
    run: Effect.gen(function* () {
      const crypto = yield* GroupCrypto
      const group = yield* family
      const carol = group.view("carol")
      yield* group.bring("carol", yield* crypto.leave(carol))
      const message = yield* group.write("bob", "she has gone")
      yield* rejected(crypto.decrypt(carol, message), "a message to who left")
      yield* group.read("alice", message, "bob", "she has gone")
    })
  },
  {
    name: "who joins reads nothing that came before",
    run: Effect.gen(function* () {
      const crypto = yield* GroupCrypto
      const group = yield* family
      const past = yield* group.write("alice", "before")
      yield* group.settle("bob", yield* crypto.add(group.view("bob"), ["dave"]))
      yield* rejected(group.open("dave", past), "a message from before")
      const message = yield* group.write("dave", "hello")
      for (const reader of THREE) yield* group.read(reader, message, "dave", "hello")
      yield* group.read("dave", yield* group.write("carol", "welcome"), "carol", "welcome")
    })
  },
  {
    name: "new keys on demand are read by everybody who got them",
    run: Effect.gen(function* () {
      const crypto = yield* GroupCrypto
      const group = yield* family
      const early = yield* group.write("alice", "old key")
      const changed = yield* crypto.rekey(group.view("alice"))
      const sent = yield* crypto.encrypt(changed.group, bytes("new key"))
      yield* rejected(group.open("bob", sent.message), "a message whose key has not come")
      yield* group.settle("alice", changed)
      yield* group.settle("alice", sent)
      yield* group.read("bob", sent.message, "alice", "new key")
      yield* group.read("bob", early, "alice", "old key")
    })
  },
  {
    name: "strangers change nothing in a group",
    run: Effect.gen(function* () {
      const crypto = yield* GroupCrypto
      const group = yield* family
      const mallory = yield* crypto.create("family", "mallory")
      const { deliveries } = yield* crypto.add(mallory, ["bob"])
      const payload = deliveries[0]!.payload
      yield* refused(
        crypto.receive(group.view("bob"), "mallory", payload),
        "GROUP_NOT_A_MEMBER",
        "what a stranger delivers"
      )
      const other = yield* membersOf("work", "alice", "bob")
      const rekeyed = yield* crypto.rekey(other.view("alice"))
      const wrong = crypto.receive(group.view("bob"), "alice", rekeyed.deliveries[0]!.payload)
      yield* refused(wrong, "GROUP_OTHER_GROUP", "a delivery of another group")
      yield* refused(crypto.receive(group.view("bob"), "alice", bytes("?")), "GROUP_MALFORMED", "nonsense")
      yield* refused(crypto.remove(group.view("bob"), ["mallory"]), "GROUP_NOT_A_MEMBER", "removing a stranger")
    })
  },
  {
    name: "a reader learns that the sender saw other members",
    run: Effect.gen(function* () {
      const crypto = yield* GroupCrypto
      const group = yield* family
      const agreed = yield* group.write("alice", "all here")
      same((yield* group.open("bob", agreed)).sameMembers, true, "whether they see the same members")
      // Alice adds Dave, and only Dave hears of it
      const { deliveries, group: bigger } = yield* crypto.add(group.view("alice"), ["dave"])
      const toBob = deliveries.filter(({ to }) => to.includes("bob"))
      const { message } = yield* crypto.encrypt(bigger, bytes("hello Dave"))
      const exit = yield* Effect.exit(group.open("bob", message))
      claim(exit._tag === "Failure" || !exit.value.sameMembers, "Bob does not take it for a message to those he knows")
      claim(toBob.length > 0, "Bob is to be told")
    })
  },
  {
    name: "associated data has to be the same on both sides",
    run: Effect.gen(function* () {
      const crypto = yield* GroupCrypto
      const group = yield* family
      const associatedData = bytes("kitchen")
      const { message } = yield* crypto.encrypt(group.view("alice"), bytes("soup"), { associatedData })
      yield* rejected(group.open("bob", message), "no associated data")
      const received = yield* crypto.decrypt(group.view("bob"), message, { associatedData })
      same(text(received.plaintext), "soup", "the plaintext")
    })
  },
  {
    name: "a group that was saved and loaded after every step goes on, and no key shows where it is printed",
    run: Effect.gen(function* () {
      const { schema } = yield* GroupCrypto
      const group = yield* family
      for (const writer of THREE) {
        const message = yield* group.write(writer, "hello")
        for (const reader of THREE) if (reader !== writer) yield* group.read(reader, message, writer, "hello")
        for (const name of THREE) {
          const json = JSON.stringify(yield* Schema.encodeEffect(schema)(group.view(name)))
          group.views.set(name, yield* Schema.decodeUnknownEffect(schema)(JSON.parse(json)))
          claim(JSON.stringify(group.view(name)).includes("<redacted"), "something stands for the keys")
          claim(JSON.stringify(group.view(name)).length < json.length / 2, "the keys are not there")
        }
      }
    })
  },
  {
    name: "every state has a higher generation than the one before",
    run: Effect.gen(function* () {
      const group = yield* family
      const before = group.view("alice").generation
      const message = yield* group.write("bob", "hello")
      yield* group.read("alice", message, "bob", "hello")
      claim(group.view("alice").generation > before, "the generation grows")
    })
  }
]
