/** Two people, and what passes between them. */
import * as Effect from "effect/Effect"
import type { Crypto } from "../../crypto/Crypto.ts"
import * as Identity from "../../crypto/Identity.ts"
import * as Prekeys from "../../crypto/Prekeys.ts"
import * as SecureSession from "../../crypto/SecureSession.ts"
import type { SessionState } from "../../crypto/SessionState.ts"
import { bytes, same, text } from "./Check.ts"

/** One end of a session, that keeps its newest state as an app does. */
export class Party {
  session: SessionState

  constructor(session: SessionState) {
    this.session = session
  }

  readonly write = (content: string | Uint8Array, associatedData?: Uint8Array) =>
    Effect.map(
      SecureSession.encrypt(
        this.session,
        typeof content === "string" ? bytes(content) : content,
        associatedData && { associatedData }
      ),
      ({ message, session }) => {
        this.session = session
        return message
      }
    )

  readonly open = (message: Uint8Array, associatedData?: Uint8Array) =>
    Effect.map(
      SecureSession.decrypt(this.session, message, associatedData && { associatedData }),
      ({ plaintext, session }) => {
        this.session = session
        return plaintext
      }
    )

  /** Opens `message`, which has to say `expected`. */
  readonly read = (message: Uint8Array, expected: string) =>
    Effect.map(this.open(message), (plaintext) => same(text(plaintext), expected, "the plaintext"))
}

/** An identity with its prekeys, and the bundle it publishes. */
export const person = Effect.gen(function* () {
  const identity = yield* Identity.make
  const prekeys = yield* Prekeys.make(identity, { oneTime: 2 })
  const [oneTimePrekey] = Prekeys.oneTimePrekeys(prekeys)
  const published = Prekeys.bundle(prekeys)
  return { identity, prekeys, published, bundle: oneTimePrekey ? { ...published, oneTimePrekey } : published }
})

/** Alice has written, Bob has read and answered, Alice has read: both are in the middle of a session. */
export const talking: Effect.Effect<{ readonly alice: Party; readonly bob: Party }, unknown, Crypto> = Effect.gen(
  function* () {
    const alicePerson = yield* person
    const bobPerson = yield* person
    const alice = new Party(yield* SecureSession.initiate(alicePerson.identity, bobPerson.bundle))
    const bob = new Party((yield* SecureSession.accept(bobPerson.prekeys, yield* alice.write("hello"))).session)
    yield* alice.read(yield* bob.write("hello yourself"), "hello yourself")
    return { alice, bob }
  }
)
