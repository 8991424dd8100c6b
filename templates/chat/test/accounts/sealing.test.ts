import { assert, describe, it } from "@effect/vitest"
import type { Bundle } from "@mortise/core/crypto/Bundle"
import type { Crypto } from "@mortise/core/crypto/Crypto"
import * as NodeCrypto from "@mortise/core/crypto/NodeCrypto"
import * as WebCrypto from "@mortise/core/crypto/WebCrypto"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { maxWhisperBytes } from "../../src/contract.ts"
import type { Published } from "../../src/sealed/contract.ts"
import { NoKeys } from "../../src/sealed/contract.ts"
import * as Directory from "../../src/sealed/Directory.ts"
import * as Sealing from "../../src/sealed/Sealing.ts"

const decode = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : new TextDecoder().decode(bytes))

/** The server's directory, and people whose files outlive their programs. */
const world = Effect.gen(function* () {
  const directory = yield* Effect.provide(Directory.Directory, Directory.layer)
  const files = new Map<string, string>()
  const taken: Array<Bundle> = []
  const published: Array<Published> = []
  /** A program of somebody. `home` is whose disk it runs on. */
  const person = Effect.fnUntraced(function* (
    name: string,
    home = name,
    crypto: Layer.Layer<Crypto> = NodeCrypto.layer
  ) {
    const server: Sealing.Server = {
      me: () => name,
      publish: (one) => {
        published.push(one)
        return directory.publish(name, one)
      },
      bundle: (of) =>
        Effect.map(directory.take(of), ({ bundle }) => {
          taken.push(bundle)
          return bundle
        }),
      identity: (of) => Effect.map(directory.peek(of), ({ identity }) => identity)
    }
    const sealing = yield* Effect.provide(
      Sealing.make(server, {
        load: (key) => Effect.sync(() => files.get(`${home}/${key}`)),
        save: (key, text) => Effect.sync(() => void files.set(`${home}/${key}`, text))
      }),
      crypto
    )
    yield* sealing.publish(name)
    return sealing
  })
  return { directory, files, person, published, taken }
})
const codeOf = <A>(effect: Effect.Effect<A, Sealing.Failure>) =>
  Effect.map(Effect.flip(effect), (error) => ("code" in error ? error.code : error._tag))

describe("sealing", () => {
  it.live("carries words both ways between the layers of the terminal and the page, and hides them", () =>
    Effect.gen(function* () {
      const { person } = yield* world
      const ada = yield* person("ada")
      const bob = yield* person("bob", "bob", WebCrypto.layer)
      for (const text of ["hello ☃", "a second one"]) {
        const bytes = yield* ada.seal("Bob", text)
        assert.notInclude(Buffer.from(bytes).toString("latin1"), text)
        assert.strictEqual(decode(yield* bob.open("ada", bytes)), text)
      }
      assert.strictEqual(decode(yield* ada.open("bob", yield* bob.seal("ada", "and back"))), "and back")
      const numbers = [yield* ada.fingerprint("bob"), yield* bob.fingerprint("ada")]
      assert.strictEqual(numbers[0]?.number, numbers[1]?.number)
      assert.match(numbers[0]?.number ?? "", /^(\d{5} ){11}\d{5}$/)
    })
  )

  it.live("tells apart what is not sealed, and refuses what was changed, repeated or passed off as another's", () =>
    Effect.gen(function* () {
      const { person } = yield* world
      const [ada, bob, carol] = [yield* person("ada"), yield* person("bob"), yield* person("carol")]
      assert.strictEqual(yield* bob.open("ada", new TextEncoder().encode("plain ÿ")), undefined)
      assert.strictEqual(yield* codeOf(bob.open("ada", Uint8Array.of(0xff, 9))), "SEALED_UNKNOWN_FORMAT")
      assert.strictEqual(yield* codeOf(bob.open("ada", Uint8Array.of(0xff, 1, 7))), "SEALED_UNREADABLE")
      const first = yield* ada.seal("bob", "first")
      for (const at of [2, 40, first.length - 1]) {
        const changed = first.map((byte, i) => (i === at ? byte ^ 1 : byte))
        assert.isString(yield* codeOf(bob.open("ada", changed)), `byte ${at}`)
      }
      assert.isString(yield* codeOf(bob.open("carol", first)), "under another name")
      assert.isString(yield* codeOf(carol.open("ada", first)), "to somebody else")
      assert.strictEqual(decode(yield* bob.open("ada", first)), "first", "what was refused has changed nothing")
      assert.strictEqual(yield* codeOf(bob.open("ada", first)), "MESSAGE_REPLAYED")
      assert.strictEqual(yield* codeOf(ada.seal("ada", "note")), "SEALED_YOURSELF")
    })
  )

  it.live("goes on after a restart, and after both have written first", () =>
    Effect.gen(function* () {
      const { person } = yield* world
      let [ada, bob] = [yield* person("ada"), yield* person("bob")]
      const crossing = [yield* ada.seal("bob", "a1"), yield* bob.seal("ada", "b1")] as const
      assert.strictEqual(decode(yield* bob.open("ada", crossing[0])), "a1")
      assert.strictEqual(decode(yield* ada.open("bob", crossing[1])), "b1")
      for (let round = 0; round < 3; round++) {
        assert.strictEqual(decode(yield* bob.open("ada", yield* ada.seal("bob", `a${round}`))), `a${round}`)
        ada = yield* person("ada")
        assert.strictEqual(decode(yield* ada.open("bob", yield* bob.seal("ada", `b${round}`))), `b${round}`)
        bob = yield* person("bob")
      }
    })
  )

  it.live("stops at other keys until a person decides, on both sides", () =>
    Effect.gen(function* () {
      const { person } = yield* world
      const ada = yield* person("ada")
      const bob = yield* person("bob")
      yield* bob.open("ada", yield* ada.seal("bob", "hello"))
      yield* ada.verify("bob")
      const before = yield* ada.fingerprint("bob")
      assert.isTrue(before.verified)
      const other = yield* person("bob", "another device")
      assert.strictEqual(yield* codeOf(ada.seal("bob", "to whom?")), "SEALED_KEYS_CHANGED")
      assert.strictEqual(yield* codeOf(ada.open("bob", yield* other.seal("ada", "it is me"))), "SEALED_KEYS_CHANGED")
      const { changed, number } = yield* ada.fingerprint("bob")
      assert.strictEqual(number, before.number)
      assert.strictEqual(changed, (yield* other.fingerprint("ada")).number)
      assert.strictEqual(yield* codeOf(ada.accept("carol")), "SEALED_NO_CHANGE")
      yield* ada.accept("bob")
      assert.deepStrictEqual<unknown>(yield* ada.fingerprint("bob"), {
        number: changed,
        changed: undefined,
        verified: false
      })
      assert.strictEqual(decode(yield* other.open("ada", yield* ada.seal("bob", "welcome back"))), "welcome back")
    })
  )

  it.live("starts anew when one side has lost its sessions but not its keys", () =>
    Effect.gen(function* () {
      const { files, person } = yield* world
      const ada = yield* person("ada")
      let bob = yield* person("bob")
      const backup = files.get("bob/bob") as string
      yield* bob.open("ada", yield* ada.seal("bob", "one"))
      yield* ada.open("bob", yield* bob.seal("ada", "two"))
      files.set("bob/bob", backup)
      bob = yield* person("bob")
      assert.strictEqual(yield* codeOf(bob.open("ada", yield* ada.seal("bob", "lost"))), "SEALED_UNREADABLE")
      assert.strictEqual(decode(yield* ada.open("bob", yield* bob.seal("ada", "what was that?"))), "what was that?")
      assert.strictEqual(decode(yield* bob.open("ada", yield* ada.seal("bob", "this"))), "this")
    })
  )

  it.live("never seals to somebody without keys, and never keeps silent about damaged ones", () =>
    Effect.gen(function* () {
      const { files, person } = yield* world
      const ada = yield* person("ada")
      assert.strictEqual(yield* codeOf(ada.seal("nobody", "hello")), "SEALED_NO_KEYS")
      files.set("ada/ada", "{")
      assert.strictEqual(yield* codeOf(person("ada")), "SEALED_VAULT")
      assert.strictEqual(files.get("ada/ada"), "{", "nothing is written over")
    })
  )

  it.live("hands out each one-time prekey once, over any number of publications", () =>
    Effect.gen(function* () {
      const { directory, person, published } = yield* world
      yield* person("bob")
      yield* person("bob")
      const ids = published.flatMap(({ oneTime }) => oneTime.map(({ id }) => id))
      assert.strictEqual(new Set(ids).size, 100)
      const taken = yield* Effect.forEach(Array(60), () => directory.take("bob"))
      const handed = taken.flatMap(({ bundle }) => bundle.oneTimePrekey?.id ?? [])
      assert.strictEqual(handed.length, 50)
      assert.strictEqual(new Set(handed).size, 50)
      assert.strictEqual(taken.filter(({ wantsMore }) => wantsMore).length, 1, "more are asked for once")
      yield* directory.forget("BOB")
      assert.instanceOf(yield* Effect.flip(directory.peek("bob")), NoKeys)
    })
  )

  it.live("fits the longest message that may be said into a whisper", () =>
    Effect.gen(function* () {
      const { person } = yield* world
      const [ada, bob] = [yield* person("ada"), yield* person("bob")]
      const text = "☃".repeat(2000)
      const bytes = yield* ada.seal("bob", text)
      assert.isAtMost(bytes.length, maxWhisperBytes)
      assert.strictEqual(decode(yield* bob.open("ada", bytes)), text)
      assert.strictEqual(yield* codeOf(ada.seal("bob", "☃".repeat(4000))), "SEALED_TOO_LONG")
    })
  )
})
