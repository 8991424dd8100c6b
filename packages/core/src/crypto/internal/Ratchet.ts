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
export const encrypt = (
  { primitives, sessionId, suite }: Context,
  secrets: Secrets,
  padded: Uint8Array,
  associatedData: Uint8Array,
  start: Uint8Array | undefined
): Effect.Effect<{ readonly secrets: Secrets; readonly message: Uint8Array }, SecureSessionError | CryptoFault> => {
  const { previousLength, selfPublic, sending } = secrets
  if (sending === undefined) return fail("cannot-send", "Read the first message before anything is sent.")
  const { headerKey, next } = sending
  if (next === MAX_U32) return fail("chain-exhausted", "2^32 messages without an answer: wait for one.")
  return Effect.flatMapEager(chainStep(primitives, sending.chainKey), ([chainKey, messageKey]) => {
    const keys = { suite, sessionId, headerKey, messageKey }
    const header = { ratchetKey: selfPublic, previousLength, number: next }
    return Effect.mapEager(Envelope.seal(primitives, keys, header, padded, associatedData, start), (message) => ({
      secrets: { ...secrets, sending: { headerKey, chainKey, next: next + 1 } },
      message
    }))
  })
}

/** A message, and what it is read with. */
interface Reading {
  readonly context: Context
  readonly secrets: Secrets
  readonly envelope: Envelope.Envelope
  readonly associatedData: Uint8Array
  readonly limits: Limits
  readonly chainLimits: Chain.ChainLimits
  readonly now: number
}

type Read = Effect.Effect<{ readonly secrets: Secrets; readonly padded: Uint8Array }, ReadError>

/** RatchetDecryptHE. */
export const decrypt = (
  context: Context,
  secrets: Secrets,
  envelope: Envelope.Envelope,
  associatedData: Uint8Array
): Read =>
  Effect.withFiber((fiber) => {
    const limits = fiber.getRef(SessionLimits)
    const { maxSkippedPerChain, skippedLifetime } = limits
    return readOn(
      {
        context,
        secrets,
        envelope,
        associatedData,
        limits,
        chainLimits: { maxSkippedPerChain, skippedLifetime: Duration.toMillis(skippedLifetime) },
        now: fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
      },
      0
    )
  })

/** Reads with the first chain from `index` on whose header key opens the header, or as the first message of a new one. */
const readOn = (reading: Reading, index: number): Read => {
  const { context, envelope, secrets } = reading
  const incoming = secrets.receiving[index]
  const headerKey = incoming === undefined ? secrets.nextReceivingHeaderKey : incoming.headerKey
  return Effect.flatMapEager(
    Envelope.openHeader(context.primitives, headerKey, context.sessionId, envelope),
    (header): Read => {
      if (incoming === undefined) return header === undefined ? NO_KEY : turned(reading, header)
      if (header === undefined) return readOn(reading, index + 1)
      return Effect.mapEager(readFrom(reading, incoming.chain, header), ({ chain, padded }) => ({
        padded,
        secrets: { ...secrets, receiving: bounded(reading, secrets.receiving.with(index, { headerKey, chain })) }
      }))
    }
  )
}

const NO_KEY = fail(
  "unknown-key",
  "No key of this session opens the header: forged, of another session, or older than what is remembered."
)

/** DHRatchetHE: the peer has answered with a new key, so its chain ends and one begins on each side. */
const turned = Effect.fnUntraced(function* (
  reading: Reading,
  header: Envelope.Header
): Effect.fn.Return<Effect.Success<Read>, ReadError> {
  const { context, secrets } = reading
  const headerKey = secrets.nextReceivingHeaderKey
  const previous = yield* close(reading, secrets.receiving[0], header.previousLength)
  const received = yield* agreeWith(context, secrets.selfPrivate, header.ratchetKey)
  const [root, chainKey, nextReceivingHeaderKey] = yield* rootStep(
    context.primitives,
    context.suite,
    secrets.root,
    received
  )
  const { chain, padded } = yield* readFrom(reading, Chain.open(chainKey), header)
  const receiving = [{ headerKey, chain }, ...previous, ...secrets.receiving.slice(1)]
  const step = yield* sendingStep(context, { ...secrets, root }, header.ratchetKey)
  return { padded, secrets: { ...step, nextReceivingHeaderKey, receiving: bounded(reading, receiving) } }
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
const close = (
  { context, limits, now }: Reading,
  current: Incoming | undefined,
  length: number
): Effect.Effect<ReadonlyArray<Incoming>, PeerRolledBack | CryptoFault> => {
  if (current === undefined) return Effect.succeed([])
  const { chain, headerKey } = current
  if (length < chain.next) return Effect.fail(new PeerRolledBack({ number: length }))
  const ended =
    length - chain.next > limits.maxSkippedPerChain
      ? Effect.succeed({
          ...chain,
          next: length,
          dropped: length,
          skipped: [],
          marks: Chain.NO_MARKS
        })
      : Chain.skip(chain, length, now, (chainKey) => chainStep(context.primitives, chainKey))
  return Effect.mapEager(ended, (chain) => [{ headerKey, chain: Chain.closed(chain) }])
}

/** Opens the body with the key of `header.number` in `before`, and gives the chain without that key. */
const readFrom = (
  { associatedData, chainLimits, context, envelope, now }: Reading,
  before: Chain.ReceivingChain,
  { number }: Envelope.Header
): Effect.Effect<{ readonly chain: Chain.ReceivingChain; readonly padded: Uint8Array }, ReadError> => {
  const { primitives } = context
  const { maxSkippedPerChain } = chainLimits
  const chain = Chain.trimmed(before, chainLimits, now, maxSkippedPerChain)
  const found = Chain.lookup(chain, number, envelope.random)
  if (found._tag === "Replayed") return Effect.fail(new MessageReplayed({ number }))
  if (found._tag === "Forked") return Effect.fail(new PeerRolledBack({ number }))
  if (found._tag === "Expired") {
    return fail("expired", `Message ${number} of its chain came too late: its key was dropped.`)
  }
  const missing = number - chain.next
  if (missing > maxSkippedPerChain) {
    return fail("too-many-skipped", `${missing} messages before this one are missing; ${maxSkippedPerChain} may be.`)
  }
  const reached =
    found._tag === "Skipped"
      ? Effect.succeed({ chain, key: found.key })
      : Chain.reach(chain, number, now, (chainKey) => chainStep(primitives, chainKey))
  return Effect.flatMapEager(reached, ({ chain, key }) =>
    Effect.flatMapEager(Envelope.openBody(primitives, context, key, envelope, associatedData), (padded) =>
      padded === undefined
        ? fail("altered", "The message is not as the peer sent it, or belongs to other data.")
        : Effect.succeed({ chain: Chain.taken(chain, number, envelope.random), padded })
    )
  )
}

const bounded = ({ chainLimits, limits, now }: Reading, receiving: ReadonlyArray<Incoming>) => {
  const kept = receiving.length > limits.maxChains ? receiving.slice(0, limits.maxChains) : receiving
  if (kept.every(({ chain }) => chain.skipped.length === 0)) return kept
  let left = limits.maxSkipped
  return kept.map(({ chain, headerKey }): Incoming => {
    const trimmed = Chain.trimmed(chain, chainLimits, now, left)
    left -= trimmed.skipped.length
    return { headerKey, chain: trimmed }
  })
}
