/**
 * The state of one side of a session: a plain value that is saved like any other. It holds the keys of messages to come
 * and of those that are missing, so whoever reads it reads these; logs show `<redacted>` in their place.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { PublicIdentity } from "./Identity.ts"
import { Bytes, Counter, Key, PrivateKey } from "./internal/Fields.ts"
import { ReceivingChain } from "./internal/ReceivingChain.ts"
import { Padding } from "./Padding.ts"

/** A chain of the peer, with the key of its headers. */
const Incoming = Schema.Struct({ headerKey: Key, chain: ReceivingChain })

/** Names as in the Double Ratchet specification, §4.2 (header encryption): RK, DHs, HKs and CKs and Ns, PN, NHKs, NHKr. */
const Secrets = Schema.Struct({
  root: Key,
  selfPublic: Key,
  selfPrivate: PrivateKey,
  /** Absent until the first message is read, on the side that did not start. */
  sending: Schema.optionalKey(Schema.Struct({ headerKey: Key, chainKey: Key, next: Counter })),
  previousLength: Counter,
  nextSendingHeaderKey: Key,
  nextReceivingHeaderKey: Key,
  /** Newest first; all but the first are closed. */
  receiving: Schema.Array(Incoming)
})
export type Secrets = typeof Secrets.Type

export const SessionState = Schema.Struct({
  /** Layout of this value. */
  format: Schema.Literal(1),
  /** The same on both sides, different for any two sessions; public. */
  id: Bytes(32),
  /** The `SessionSuite` in use. */
  suite: Schema.Int,
  /** Of what this side sends. */
  padding: Padding,
  peer: PublicIdentity,
  /** Counts the states of this session on this side; every message sent or read adds one. */
  generation: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  /** What the initiator's messages begin with until an answer comes. */
  start: Schema.Uint8ArrayFromBase64,
  attachStart: Schema.Boolean,
  secrets: Schema.RedactedFromValue(Secrets, { label: "session" })
})
export interface SessionState extends Schema.Schema.Type<typeof SessionState> {}

/** Bounds of what a session keeps for messages that have not come. */
export interface Limits {
  /**
   * Messages that may be missing before one that is read, and keys kept of one chain. What lies further ahead is refused
   * with `SECURE_SESSION_TOO_MANY_SKIPPED`, without being computed. Of one chain the lowest numbers go first.
   */
  readonly maxSkippedPerChain: number
  /** Keys kept in all. Those of the oldest chain go first. */
  readonly maxSkipped: number
  /** Chains remembered, the current one among them: one begins with every change of the speaker. The oldest go first. */
  readonly maxChains: number
  /** How long a key is kept for a message that has not come. */
  readonly skippedLifetime: Duration.Input
}

export const SessionLimits: Context.Reference<Limits> = Context.Reference("@mortise/core/crypto/SessionLimits", {
  defaultValue: (): Limits => ({
    maxSkippedPerChain: 1000,
    maxSkipped: 2000,
    maxChains: 6,
    skippedLifetime: Duration.days(7)
  })
})
