/** What one member keeps of a group with sender keys, and the bounds of it. */

import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { equal } from "../Crypto.ts"
import type { Group } from "../GroupCrypto.ts"
import { GroupError } from "../GroupError.ts"
import { concat, prefixed, text } from "./Bytes.ts"
import { Bytes, Counter, Key, PrivateKey } from "./Fields.ts"
import type { CryptoFault, Primitives } from "./Primitives.ts"
import * as Chain from "./ReceivingChain.ts"

export const PROTOCOL = "sender-keys-1"
export const KEY_ID_BYTES = 16
export const DIGEST_BYTES = 8

const Sending = Schema.Struct({
  keyId: Bytes(KEY_ID_BYTES),
  chainKey: Key,
  next: Counter,
  signingPublic: Key,
  signingPrivate: PrivateKey,
  /** Milliseconds since the epoch. */
  since: Schema.Finite
})
export type Sending = typeof Sending.Type

const Receiving = Schema.Struct({
  member: Schema.String,
  keyId: Bytes(KEY_ID_BYTES),
  signingKey: Key,
  chain: Chain.ReceivingChain,
  /** Milliseconds since the epoch when the sender had a newer key; absent for the newest. */
  superseded: Schema.optionalKey(Schema.Finite)
})
export type Receiving = typeof Receiving.Type

export const State = Schema.Struct({
  sending: Sending,
  /** Newest first, at most two of each member. */
  receiving: Schema.Array(Receiving),
  /** Of the members: travels with every message. */
  digest: Bytes(DIGEST_BYTES)
})
export type State = typeof State.Type

/** A `Group` of this protocol, as it is saved. */
export const Saved = Schema.Struct({
  protocol: Schema.Literal(PROTOCOL),
  id: Schema.String,
  self: Schema.String,
  members: Schema.Array(Schema.String),
  generation: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  secrets: Schema.RedactedFromValue(State, { label: "group" })
})

export interface Options {
  /** Messages that one sender key serves; 100 unless given. */
  readonly rekeyEvery?: number
  /** How long a sender key serves; 24 hours unless given. Told by the clock when something is sent. */
  readonly rekeyAfter?: Duration.Input
  /** How long messages under a sender's previous key are still read; an hour unless given. */
  readonly grace?: Duration.Input
  /** 1000 unless given. */
  readonly maxMembers?: number
  /**
   * Messages of one sender key that may be missing before one that is read, and keys kept for them; 200 unless given. The
   * lowest numbers go first, and all of them after `grace`. A group keeps at most twice this for each member.
   */
  readonly maxSkipped?: number
}

export const withDefaults = (options: Options | undefined) => ({
  rekeyEvery: options?.rekeyEvery ?? 100,
  rekeyAfter: Duration.toMillis(options?.rekeyAfter ?? Duration.hours(24)),
  grace: Duration.toMillis(options?.grace ?? Duration.hours(1)),
  maxMembers: options?.maxMembers ?? 1000,
  maxSkipped: options?.maxSkipped ?? 200
})
export type Bounds = ReturnType<typeof withDefaults>

export const stateOf = (group: Group): Effect.Effect<State, GroupError> =>
  group.protocol === PROTOCOL
    ? // only this protocol makes groups of its name, or its schema does
      Effect.succeed(Redacted.value(group.secrets) as State)
    : Effect.fail(
        new GroupError({
          reason: "other-protocol",
          message: `Group ${group.id} is of protocol ${group.protocol}, not ${PROTOCOL}.`
        })
      )

export const redact = (state: State): Redacted.Redacted<State> => Redacted.make(state, { label: "group" })

/** The next value of `group`. */
export const next = (group: Group, state: State): Group => ({
  ...group,
  generation: group.generation + 1,
  secrets: redact(state)
})

export const freshSending = Effect.fnUntraced(function* (
  primitives: Primitives,
  since: number
): Effect.fn.Return<Sending, CryptoFault> {
  const { privateKey, publicKey } = yield* primitives.signingKeys
  return {
    keyId: yield* primitives.random(KEY_ID_BYTES),
    chainKey: yield* primitives.random(32),
    next: 0,
    signingPublic: publicKey,
    signingPrivate: privateKey,
    since
  }
})

export const digestOf = (
  primitives: Primitives,
  id: string,
  members: ReadonlyArray<string>
): Effect.Effect<Uint8Array, CryptoFault> =>
  Effect.map(
    primitives.sha256(concat(text("mortise-group-members"), ...[id, ...members].map((name) => prefixed(text(name))))),
    (hash) => hash.slice(0, DIGEST_BYTES)
  )

/** Drops superseded keys whose grace is over, and what is skipped for longer than that. */
export const swept = (
  receiving: ReadonlyArray<Receiving>,
  { grace, maxSkipped }: Bounds,
  now: number
): ReadonlyArray<Receiving> => {
  const limits = { maxSkippedPerChain: maxSkipped, skippedLifetime: grace }
  return receiving
    .filter(({ superseded }) => superseded === undefined || superseded >= now - grace)
    .map((key) => {
      const chain = Chain.trimmed(key.chain, limits, now, maxSkipped)
      return chain === key.chain ? key : { ...key, chain }
    })
}

/** Takes on a sender's new key: the one before it is read a while longer, older ones are gone. A known key changes nothing. */
export const withKey = (receiving: ReadonlyArray<Receiving>, key: Receiving, now: number): ReadonlyArray<Receiving> => {
  const own = receiving.filter(({ member }) => member === key.member)
  if (own.some(({ keyId }) => equal(keyId, key.keyId))) return receiving
  const previous = own.slice(0, 1).map((older) => ({ ...older, superseded: older.superseded ?? now }))
  return [key, ...previous, ...receiving.filter(({ member }) => member !== key.member)]
}
