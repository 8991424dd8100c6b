/**
 * The Double Ratchet with header encryption (The Double Ratchet Algorithm, revision 4, §4), on states that are values. Order
 * of a read: find the chain whose header key opens the header, find or derive the message key, open the body, and only then
 * take the ratchet step. Nothing is kept of a message whose body does not open.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { MessageReplayed, PeerRolledBack, SecureSessionError } from "../SecureSessionError.ts"
import { type Limits, type Secrets, SessionLimits } from "../SessionState.ts"
import type { SessionSuite } from "../SessionSuite.ts"
import { MAX_U32 } from "./Bytes.ts"
import * as Envelope from "./Envelope.ts"
import { chainStep, rootStep } from "./KeySchedule.ts"
import type { CryptoFault, KeyPair, Primitives, Secret } from "./Primitives.ts"
import * as Chain from "./ReceivingChain.ts"

type ReadError = SecureSessionError | MessageReplayed | PeerRolledBack | CryptoFault

/** What stays the same over the life of a session. */
export interface Context {
  readonly primitives: Primitives
  readonly suite: SessionSuite
  readonly sessionId: Uint8Array
}

type HeaderKeys = readonly [root: Uint8Array, initiator: Uint8Array, responder: Uint8Array]

const fail = (reason: SecureSessionError["reason"], message: string) =>
  Effect.fail(new SecureSessionError({ reason, message }))

const LOW_ORDER = "The peer's ratchet key is a point of low order, which no honest peer has."

/**
 * RatchetInitAliceHE: the initiator knows the responder's signed prekey, which X3DH has checked, and can send at once. The
 * responder's first ratchet key is that prekey, so this is the step a responder takes when it has read.
 */
export const initiator = (
  context: Context,
  [root, initiatorHeaders, responderHeaders]: HeaderKeys,
  signedPrekey: Uint8Array
): Effect.Effect<Secrets, CryptoFault> =>
  Effect.catchTag(
    sendingStep(
      context,
      {
        root,
        previousLength: 0,
        nextSendingHeaderKey: initiatorHeaders,
        nextReceivingHeaderKey: responderHeaders,
        receiving: []
      },
      signedPrekey
    ),
    "SecureSessionError",
    Effect.die
  )

/** RatchetInitBobHE: the signed prekey is the responder's first ratchet key; it can send once it has read. */
export const responder = (
  [root, initiatorHeaders, responderHeaders]: HeaderKeys,
  { privateKey, publicKey }: KeyPair
): Secrets => ({
  root,
  selfPublic: publicKey,
  selfPrivate: privateKey,
  previousLength: 0,
  nextSendingHeaderKey: responderHeaders,
  nextReceivingHeaderKey: initiatorHeaders,
  receiving: []
})

/** RatchetEncryptHE. */
export const encrypt = Effect.fnUntraced(function* (
  { primitives, sessionId, suite }: Context,
  secrets: Secrets,
  padded: Uint8Array,
  associatedData: Uint8Array,
  start: Uint8Array | undefined
): Effect.fn.Return<{ readonly secrets: Secrets; readonly message: Uint8Array }, SecureSessionError | CryptoFault> {
  const { previousLength, selfPublic, sending } = secrets
  if (sending === undefined) return yield* fail("cannot-send", "Read the first message before anything is sent.")
  if (sending.next === MAX_U32) return yield* fail("chain-exhausted", "2^32 messages without an answer: wait for one.")
  const [chainKey, messageKey] = yield* chainStep(primitives)(sending.chainKey)
  const message = yield* Envelope.seal(
    primitives,
    { suite, sessionId, headerKey: sending.headerKey, messageKey },
    { ratchetKey: selfPublic, previousLength, number: sending.next },
    padded,
    associatedData,
    start
  )
  return { secrets: { ...secrets, sending: { ...sending, chainKey, next: sending.next + 1 } }, message }
})

/** RatchetDecryptHE. */
export const decrypt = Effect.fnUntraced(function* (
  context: Context,
  secrets: Secrets,
  envelope: Envelope.Envelope,
  associatedData: Uint8Array
): Effect.fn.Return<{ readonly secrets: Secrets; readonly padded: Uint8Array }, ReadError> {
  const { primitives, sessionId } = context
  const limits = yield* SessionLimits
  const now = yield* Clock.currentTimeMillis
  for (const [index, { headerKey }] of secrets.receiving.entries()) {
    const header = yield* Envelope.openHeader(primitives, headerKey, sessionId, envelope)
    if (header !== undefined) {
      const { chain, padded } = yield* readFrom(
        context,
        secrets.receiving[index]!.chain,
        header,
        envelope,
        associatedData,
        limits,
        now
      )
      const receiving = secrets.receiving.with(index, { headerKey, chain })
      return { padded, secrets: { ...secrets, receiving: bounded(receiving, limits, now) } }
    }
  }
  const headerKey = secrets.nextReceivingHeaderKey
  const header = yield* Envelope.openHeader(primitives, headerKey, sessionId, envelope)
  if (header === undefined) {
    const message =
      "No key of this session opens the header: forged, of another session, or older than what is remembered."
    return yield* fail("unknown-key", message)
  }
  const previous = yield* close(context, secrets.receiving[0], header.previousLength, limits, now)
  const received = yield* agreeWith(context, secrets.selfPrivate, header.ratchetKey)
  const [root, chainKey, nextReceivingHeaderKey] = yield* rootStep(primitives, context.suite, secrets.root, received)
  const fresh = Chain.open(chainKey)
  const { chain, padded } = yield* readFrom(context, fresh, header, envelope, associatedData, limits, now)
  const receiving = [{ headerKey, chain }, ...previous, ...secrets.receiving.slice(1)]
  const step = yield* sendingStep(context, { ...secrets, root }, header.ratchetKey)
  return { padded, secrets: { ...step, nextReceivingHeaderKey, receiving: bounded(receiving, limits, now) } }
})

/** The half of DHRatchetHE that makes a key of our own and a chain to send on. */
const sendingStep = Effect.fnUntraced(function* (
  context: Context,
  secrets: Omit<Secrets, "selfPublic" | "selfPrivate">,
  ratchetKey: Uint8Array
): Effect.fn.Return<Secrets, SecureSessionError | CryptoFault> {
  const self = yield* context.primitives.agreementKeys
  const agreement = yield* agreeWith(context, self.privateKey, ratchetKey)
  const { primitives, suite } = context
  const [root, chainKey, nextSendingHeaderKey] = yield* rootStep(primitives, suite, secrets.root, agreement)
  return {
    ...secrets,
    root,
    selfPublic: self.publicKey,
    selfPrivate: self.privateKey,
    sending: { headerKey: secrets.nextSendingHeaderKey, chainKey, next: 0 },
    previousLength: secrets.sending?.next ?? 0,
    nextSendingHeaderKey
  }
})

const agreeWith = ({ primitives }: Context, privateKey: Secret, ratchetKey: Uint8Array) =>
  Effect.flatMap(primitives.agree(privateKey, ratchetKey), (agreement) =>
    agreement === undefined ? fail("invalid-key", LOW_ORDER) : Effect.succeed(agreement)
  )

type Incoming = Secrets["receiving"][number]

/** The current chain ends at `length`. Too many missing keys are not derived but given up: the session goes on. */
const close = Effect.fnUntraced(function* (
  { primitives }: Context,
  current: Incoming | undefined,
  length: number,
  { maxSkippedPerChain }: Limits,
  now: number
): Effect.fn.Return<ReadonlyArray<Incoming>, PeerRolledBack | CryptoFault> {
  if (current === undefined) return []
  const { chain, headerKey } = current
  if (length < chain.next) return yield* new PeerRolledBack({ number: length })
  const ended =
    length - chain.next > maxSkippedPerChain
      ? { ...chain, next: length, dropped: length, skipped: [], marks: new Uint8Array(chain.marks.length) }
      : yield* Chain.skip(chain, length, now, chainStep(primitives))
  return [{ headerKey, chain: Chain.closed(ended) }]
})

/** Opens the body with the key of `header.number` in `chain`, and gives the chain without that key. */
const readFrom = Effect.fnUntraced(function* (
  context: Context,
  before: Chain.ReceivingChain,
  header: Envelope.Header,
  envelope: Envelope.Envelope,
  associatedData: Uint8Array,
  limits: Limits,
  now: number
): Effect.fn.Return<{ readonly chain: Chain.ReceivingChain; readonly padded: Uint8Array }, ReadError> {
  const { maxSkippedPerChain } = limits
  const { number } = header
  const chain = Chain.trimmed(before, chainLimits(limits), now, maxSkippedPerChain)
  const found = Chain.lookup(chain, number, envelope.random)
  if (found._tag === "Replayed") return yield* new MessageReplayed({ number })
  if (found._tag === "Forked") return yield* new PeerRolledBack({ number })
  if (found._tag === "Expired") {
    return yield* fail("expired", `Message ${number} of its chain came too late: its key was dropped.`)
  }
  const missing = number - chain.next
  if (missing > maxSkippedPerChain) {
    return yield* fail(
      "too-many-skipped",
      `${missing} messages before this one are missing; ${maxSkippedPerChain} may be.`
    )
  }
  const reached =
    found._tag === "Skipped"
      ? { chain, key: found.key }
      : yield* Chain.reach(chain, number, now, chainStep(context.primitives))
  const padded = yield* Envelope.openBody(context.primitives, context, reached.key, envelope, associatedData)
  if (padded === undefined)
    return yield* fail("altered", "The message is not as the peer sent it, or belongs to other data.")
  return { chain: Chain.taken(reached.chain, number, envelope.random), padded }
})

const chainLimits = ({ maxSkippedPerChain, skippedLifetime }: Limits): Chain.ChainLimits => ({
  maxSkippedPerChain,
  skippedLifetime: Duration.toMillis(skippedLifetime)
})

const bounded = (receiving: ReadonlyArray<Incoming>, limits: Limits, now: number): ReadonlyArray<Incoming> => {
  const each = chainLimits(limits)
  let left = limits.maxSkipped
  return receiving.slice(0, limits.maxChains).map(({ chain, headerKey }) => {
    const kept = Chain.trimmed(chain, each, now, left)
    left -= kept.skipped.length
    return { headerKey, chain: kept }
  })
}
