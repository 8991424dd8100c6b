/**
 * The keys by which others can start sessions with somebody who is away, and the rules by which these are spent. A plain
 * value like a session's state; `SecureSession.accept` gives the next one, to be saved together with the session.
 *
 * Replenish one-time prekeys when few are left, and rotate the signed prekey every week or so: until its private key is
 * gone, whoever steals it reads the first messages that were sent to it without a one-time prekey.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type Bundle, type OneTimePrekey, SignedPrekey, SuiteIds, signedContent } from "./Bundle.ts"
import { Crypto, equal } from "./Crypto.ts"
import { Identity } from "./Identity.ts"
import { Counter, Key, PrivateKey } from "./internal/Fields.ts"
import { type CryptoFault, type Primitives, primitives } from "./internal/Primitives.ts"
import { SessionSuites } from "./SessionSuite.ts"

const SignedPrekeyState = Schema.Struct({
  prekey: SignedPrekey,
  privateKey: PrivateKey,
  /** As published with it, so that a later list cannot be mistaken for a downgrade. */
  suites: SuiteIds,
  /** Ephemeral keys that started a session without a one-time prekey: these could be replayed. */
  started: Schema.Array(Key)
})

export const Prekeys = Schema.Struct({
  identity: Identity,
  nextId: Counter,
  /** Newest first: the one that is published, and those it superseded, for messages under way. */
  signed: Schema.NonEmptyArray(SignedPrekeyState),
  oneTime: Schema.Array(Schema.Struct({ id: Counter, publicKey: Key, privateKey: PrivateKey }))
})
export interface Prekeys extends Schema.Schema.Type<typeof Prekeys> {}

/** Sessions that one signed prekey starts without a one-time prekey. Further ones are refused until it is rotated. */
export const MAX_STARTS = 1000

const signedPrekey = Effect.fnUntraced(function* (
  crypto: Primitives,
  identity: Identity,
  id: number
): Effect.fn.Return<Prekeys["signed"][number], CryptoFault> {
  const suites = (yield* SessionSuites).map((suite) => suite.id)
  const { privateKey, publicKey } = yield* crypto.agreementKeys
  const content = signedContent(identity.public, suites, id, publicKey)
  const signature = yield* crypto.sign(identity.signingKey, content)
  return { prekey: { id, publicKey, signature }, privateKey, suites, started: [] }
})

/** A signed prekey and `oneTime` (100 unless given) one-time prekeys. */
export const make = (
  identity: Identity,
  options?: { readonly oneTime?: number }
): Effect.Effect<Prekeys, CryptoFault, Crypto> =>
  Effect.gen(function* () {
    const crypto = primitives(yield* Crypto)
    const signed = yield* signedPrekey(crypto, identity, 1)
    return yield* replenish({ identity, nextId: 2, signed: [signed], oneTime: [] }, options?.oneTime ?? 100)
  })

/** Adds one-time prekeys until there are `count`. Publish those that are new. */
export const replenish = (prekeys: Prekeys, count: number): Effect.Effect<Prekeys, CryptoFault, Crypto> =>
  Effect.gen(function* () {
    const crypto = primitives(yield* Crypto)
    const oneTime = [...prekeys.oneTime]
    let id = prekeys.nextId
    while (oneTime.length < count) {
      const { privateKey, publicKey } = yield* crypto.agreementKeys
      oneTime.push({ id: id++, publicKey, privateKey })
    }
    return { ...prekeys, nextId: id, oneTime }
  })

/** A new signed prekey. The `keep` last ones (1 unless given) still start sessions, for messages that are under way. */
export const rotate = (
  prekeys: Prekeys,
  options?: { readonly keep?: number }
): Effect.Effect<Prekeys, CryptoFault, Crypto> =>
  Effect.gen(function* () {
    const crypto = primitives(yield* Crypto)
    const signed = yield* signedPrekey(crypto, prekeys.identity, prekeys.nextId)
    const kept = prekeys.signed.slice(0, options?.keep ?? 1)
    return { ...prekeys, nextId: prekeys.nextId + 1, signed: [signed, ...kept] }
  })

/** What to publish, without a one-time prekey. A directory adds one of `oneTimePrekeys` and hands each out once. */
export const bundle = ({ identity, signed: [current] }: Prekeys): Bundle => ({
  identity: identity.public,
  suites: current.suites,
  signedPrekey: current.prekey
})

/** The public halves of the one-time prekeys that are not spent. */
export const oneTimePrekeys = ({ oneTime }: Prekeys): ReadonlyArray<OneTimePrekey> =>
  oneTime.map(({ id, publicKey }) => ({ id, publicKey }))

/** What spends the prekeys that a first message names, or why there is nothing to spend. */
export const find = (
  { oneTime, signed }: Prekeys,
  start: { readonly signedPrekeyId: number; readonly oneTimePrekeyId: number; readonly ephemeralKey: Uint8Array }
) => {
  const current = signed.find(({ prekey }) => prekey.id === start.signedPrekeyId)
  if (current === undefined) return "prekey-unknown"
  if (start.oneTimePrekeyId === 0) {
    if (current.started.some((key) => equal(key, start.ephemeralKey))) return "replayed"
    return current.started.length < MAX_STARTS ? { signed: current, oneTime: undefined } : "exhausted"
  }
  const once = oneTime.find(({ id }) => id === start.oneTimePrekeyId)
  return once === undefined ? "prekey-unknown" : { signed: current, oneTime: once }
}

/** The prekeys after `start` has begun a session. */
export const spent = (
  prekeys: Prekeys,
  start: { readonly signedPrekeyId: number; readonly oneTimePrekeyId: number; readonly ephemeralKey: Uint8Array }
): Prekeys => {
  if (start.oneTimePrekeyId !== 0) {
    return { ...prekeys, oneTime: prekeys.oneTime.filter(({ id }) => id !== start.oneTimePrekeyId) }
  }
  const [first, ...others] = prekeys.signed
  const mark = (state: typeof first): typeof first =>
    state.prekey.id === start.signedPrekeyId ? { ...state, started: [...state.started, start.ephemeralKey] } : state
  return { ...prekeys, signed: [mark(first), ...others.map(mark)] }
}
