import * as Effect from "effect/Effect"
import * as SecureSession from "../../crypto/SecureSession.ts"
import { chacha20, type SessionSuite, SessionSuites } from "../../crypto/SessionSuite.ts"
import { bytes, type ProtocolCase, refused, same, text } from "./Check.ts"
import { Party, person } from "./Parties.ts"

const aes: SessionSuite = { id: 2, name: "kit-suite-2", body: "aes-256-gcm" }
const both = Effect.provideService(SessionSuites, [chacha20, aes])

export const suites: ReadonlyArray<ProtocolCase> = [
  {
    name: "both sides take the highest suite they have in common",
    run: Effect.gen(function* () {
      const { identity } = yield* person
      const modern = yield* both(person)
      const old = yield* person
      const upgraded = new Party(yield* both(SecureSession.initiate(identity, modern.bundle)))
      same(upgraded.session.suite, 2, "the suite of two that have both")
      const message = yield* both(upgraded.write("hello"))
      same(text((yield* both(SecureSession.accept(modern.prekeys, message))).plaintext), "hello", "the plaintext")
      same(
        (yield* both(SecureSession.initiate(identity, old.bundle))).suite,
        1,
        "the suite with one that has the first only"
      )
      same(
        (yield* SecureSession.initiate(identity, modern.bundle)).suite,
        1,
        "the suite of one that has the first only"
      )
      const second = Effect.provideService(SessionSuites, [aes])
      yield* refused(
        second(SecureSession.initiate(identity, old.bundle)),
        "BUNDLE_NO_COMMON_SUITE",
        "nothing in common"
      )
    })
  },
  {
    name: "nobody talks two sides down to a lower suite",
    run: Effect.gen(function* () {
      const { identity } = yield* person
      const modern = yield* both(person)
      const { bundle, prekeys } = modern
      const lowered = { ...bundle, suites: [1] }
      yield* refused(both(SecureSession.initiate(identity, lowered)), "BUNDLE_PREKEY_SIGNATURE", "a lowered bundle")
      // a message by suite 1 that admits to have both: what a broken or bought initiator would write
      const first = yield* new Party(yield* SecureSession.initiate(identity, bundle)).write("hello")
      const admitting = new Uint8Array([first[0]!, 2, 1, 2, 1, ...first.subarray(4)])
      yield* refused(
        both(SecureSession.accept(prekeys, admitting)),
        "SECURE_SESSION_START_DOWNGRADE",
        "a lowered message"
      )
      // and one that hides that it had both, on its way
      const honest = yield* both(new Party(yield* both(SecureSession.initiate(identity, bundle))).write("hello"))
      const hiding = new Uint8Array([honest[0]!, 1, 1, 1, ...honest.subarray(5)])
      yield* refused(
        both(SecureSession.accept(prekeys, hiding)),
        "SECURE_SESSION_START_ALTERED",
        "a message with another list"
      )
    })
  },
  {
    name: "a session of a suite that the program does not have is refused, not misread",
    run: Effect.gen(function* () {
      const { identity } = yield* person
      const { bundle, prekeys } = yield* both(person)
      const session = yield* both(SecureSession.initiate(identity, bundle))
      yield* refused(SecureSession.encrypt(session, bytes("x")), "SECURE_SESSION_SUITE", "writing")
      const first = yield* both(new Party(session).write("hello"))
      yield* refused(SecureSession.accept(prekeys, first), "SECURE_SESSION_START_SUITE", "accepting")
    })
  }
]
