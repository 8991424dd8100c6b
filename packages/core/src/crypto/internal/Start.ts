/** X3DH: both sides come to one secret, the initiator from a bundle, the responder from a first message (§3.3, §3.4). */
import * as Effect from "effect/Effect"
import { type Bundle, signedContent } from "../Bundle.ts"
import { type Identity, isConsistent } from "../Identity.ts"
import * as Prekeys from "../Prekeys.ts"
import { BundleError, SessionStartError } from "../SecureSessionError.ts"
import type { Secrets } from "../SessionState.ts"
import { highestCommon, SessionSuites } from "../SessionSuite.ts"
import { sessionSecret } from "./KeySchedule.ts"
import type { CryptoFault, Primitives } from "./Primitives.ts"
import * as Ratchet from "./Ratchet.ts"
import * as StartHeader from "./StartHeader.ts"

/** A session as X3DH leaves it. */
export interface Started {
  readonly id: Uint8Array
  readonly suite: number
  readonly secrets: Secrets
  readonly start: Uint8Array
}

const present = (agreements: ReadonlyArray<Uint8Array | undefined>): agreements is ReadonlyArray<Uint8Array> =>
  agreements.every((agreement) => agreement !== undefined)

export const fromBundle = Effect.fnUntraced(function* (
  primitives: Primitives,
  identity: Identity,
  bundle: Bundle
): Effect.fn.Return<Started, BundleError | CryptoFault> {
  const fail = (reason: BundleError["reason"], message: string) => Effect.fail(new BundleError({ reason, message }))
  const { oneTimePrekey, signedPrekey } = bundle
  if (!(yield* isConsistent(primitives, bundle.identity))) {
    return yield* fail("identity-signature", "The two keys of the bundle's identity do not belong together.")
  }
  const content = signedContent(bundle.identity, bundle.suites, signedPrekey.id, signedPrekey.publicKey)
  if (!(yield* primitives.verify(bundle.identity.signingKey, content, signedPrekey.signature))) {
    return yield* fail("prekey-signature", "The bundle's signed prekey or suites are not what its identity signed.")
  }
  const suites = yield* SessionSuites
  const offered = suites.map(({ id }) => id)
  const suite = suites.find(({ id }) => id === highestCommon(offered, bundle.suites))
  if (suite === undefined) {
    return yield* fail(
      "no-common-suite",
      `The bundle has suites ${bundle.suites.join(", ")}; here are ${offered.join(", ")}.`
    )
  }
  const ephemeral = yield* primitives.agreementKeys
  const start = StartHeader.encode({
    offered,
    suite: suite.id,
    identity: identity.public,
    ephemeralKey: ephemeral.publicKey,
    signedPrekeyId: signedPrekey.id,
    oneTimePrekeyId: oneTimePrekey?.id ?? 0
  })
  const agreements = [
    yield* primitives.agree(identity.agreementKey, signedPrekey.publicKey),
    yield* primitives.agree(ephemeral.privateKey, bundle.identity.agreementKey),
    yield* primitives.agree(ephemeral.privateKey, signedPrekey.publicKey),
    ...(oneTimePrekey ? [yield* primitives.agree(ephemeral.privateKey, oneTimePrekey.publicKey)] : [])
  ]
  if (!present(agreements)) {
    return yield* fail("invalid-key", "A key of the bundle is a point of low order, which no honest side publishes.")
  }
  const id = yield* primitives.sha256(StartHeader.transcript(start, bundle))
  const keys = yield* sessionSecret(primitives, suite, agreements, id)
  const secrets = yield* Ratchet.initiator({ primitives, suite, sessionId: id }, keys, signedPrekey.publicKey)
  return { id, suite: suite.id, secrets, start }
})

const NOT_FOUND = {
  "prekey-unknown": "The prekey that the message was written to is spent, rotated away or never was.",
  replayed: "This message started a session already. Drop it.",
  exhausted: `The signed prekey has started ${Prekeys.MAX_STARTS} sessions without a one-time prekey. Rotate it (Prekeys.rotate).`
}

export const fromFirstMessage = Effect.fnUntraced(function* (
  primitives: Primitives,
  prekeys: Prekeys.Prekeys,
  start: Uint8Array,
  header: StartHeader.StartHeader
): Effect.fn.Return<Started, SessionStartError | CryptoFault> {
  const fail = (reason: SessionStartError["reason"], message: string) =>
    Effect.fail(new SessionStartError({ reason, message }))
  const found = Prekeys.find(prekeys, header)
  if (typeof found === "string") return yield* fail(found, NOT_FOUND[found])
  const { oneTime, signed } = found
  if (highestCommon(signed.suites, header.offered) !== header.suite) {
    const lists = `${header.offered.join(", ")} and ${signed.suites.join(", ")}`
    return yield* fail("downgrade", `Suite ${header.suite} is not the highest that both sides have: ${lists}.`)
  }
  const suite = (yield* SessionSuites).find(({ id }) => id === header.suite)
  if (suite === undefined) return yield* fail("suite", `This program does not have suite ${header.suite}.`)
  if (!(yield* isConsistent(primitives, header.identity))) {
    return yield* fail("identity-signature", "The two keys of the sender's identity do not belong together.")
  }
  const prekey = signed.privateKey
  const agreements = [
    yield* primitives.agree(prekey, header.identity.agreementKey),
    yield* primitives.agree(prekeys.identity.agreementKey, header.ephemeralKey),
    yield* primitives.agree(prekey, header.ephemeralKey),
    ...(oneTime ? [yield* primitives.agree(oneTime.privateKey, header.ephemeralKey)] : [])
  ]
  if (!present(agreements)) {
    return yield* fail("invalid-key", "A key of the sender is a point of low order, which no honest side has.")
  }
  const bundle = { ...Prekeys.bundle(prekeys), suites: signed.suites, signedPrekey: signed.prekey }
  const transcript = StartHeader.transcript(start, oneTime ? { ...bundle, oneTimePrekey: oneTime } : bundle)
  const id = yield* primitives.sha256(transcript)
  const keys = yield* sessionSecret(primitives, suite, agreements, id)
  const secrets = Ratchet.responder(keys, { publicKey: signed.prekey.publicKey, privateKey: prekey })
  // a copy: the received frame is not ours to keep
  return { id, suite: suite.id, secrets, start: start.slice() }
})
