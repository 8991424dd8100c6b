/**
 * End-to-end encryption between two: X3DH starts a session with somebody who is away, the Double Ratchet with header
 * encryption gives each message a key of its own. Both are public specifications of Signal, written anew here; this code
 * has not been audited.
 *
 * Sessions are values. Whatever is done with one gives the next one, to be saved before the message leaves, or together
 * with the plaintext, in one transaction. What fails changes nothing.
 *
 * @example
 * const { message, session } = yield* SecureSession.encrypt(before, new TextEncoder().encode("hello"))
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Bundle } from "./Bundle.ts"
import { Crypto, equal } from "./Crypto.ts"
import type { Identity, PublicIdentity } from "./Identity.ts"
import * as Envelope from "./internal/Envelope.ts"
import { type CryptoFault, primitives } from "./internal/Primitives.ts"
import * as Ratchet from "./internal/Ratchet.ts"
import * as Start from "./internal/Start.ts"
import { type Padding, pad, unpad } from "./Padding.ts"
import * as Prekeys from "./Prekeys.ts"
import {
  type BundleError,
  type MessageReplayed,
  type PeerRolledBack,
  SecureSessionError,
  SessionRolledBack,
  SessionStartError
} from "./SecureSessionError.ts"
import type { SessionState } from "./SessionState.ts"
import { SessionSuites } from "./SessionSuite.ts"

export interface Options {
  /** How the lengths of this side's messages are hidden; `none` unless given. */
  readonly padding?: Padding
}

export interface Sent {
  readonly session: SessionState
  /** Goes to the peer, by any way. */
  readonly message: Uint8Array
}

export interface Received {
  readonly session: SessionState
  readonly plaintext: Uint8Array
}

export interface Accepted extends Received {
  /** Without the one-time prekey that was spent. Save it together with the session. */
  readonly prekeys: Prekeys.Prekeys
}

const NOTHING = new Uint8Array(0)

/**
 * Starts a session with whoever published `bundle`. Whether its identity is the one you mean, `Trust.check` knows. The
 * messages written before the first answer carry what the other side needs to `accept`.
 */
export const initiate = (
  identity: Identity,
  bundle: Bundle,
  options?: Options
): Effect.Effect<SessionState, BundleError | CryptoFault, Crypto> =>
  Effect.gen(function* () {
    const started = yield* Start.fromBundle(primitives(yield* Crypto), identity, bundle)
    return sessionOf(started, bundle.identity, true, options)
  })

/** Starts the session that a first message opens, and reads the message. Check `session.peer` with `Trust` before use. */
export const accept = (
  prekeys: Prekeys.Prekeys,
  message: Uint8Array,
  options?: Options & { readonly associatedData?: Uint8Array }
): Effect.Effect<Accepted, SessionStartError | SecureSessionError | CryptoFault, Crypto> =>
  Effect.gen(function* () {
    const fail = (reason: SessionStartError["reason"], message: string) =>
      Effect.fail(new SessionStartError({ reason, message }))
    const first = Envelope.parse(message)?.start
    if (first === undefined) return yield* fail("malformed", "This is not a first message.")
    const started = yield* Start.fromFirstMessage(primitives(yield* Crypto), prekeys, first.bytes, first.header)
    const session = sessionOf(started, first.header.identity, false, options)
    const received = yield* decrypt(session, message, options).pipe(
      Effect.catchIf(
        (error) =>
          error._tag === "SecureSessionError" && (error.reason === "unknown-key" || error.reason === "altered"),
        () => fail("altered", "The message does not authenticate with the keys that it names.")
      ),
      // a session that has read nothing can have read nothing twice
      Effect.catchTag(["MessageReplayed", "PeerRolledBack"], Effect.die)
    )
    return { ...received, prekeys: Prekeys.spent(prekeys, first.header) }
  })

/**
 * Encrypts for the peer. Save the session before the message leaves. `associatedData` is authenticated and does not
 * travel: the other side has to give the same.
 */
export const encrypt = (
  session: SessionState,
  plaintext: Uint8Array,
  options?: { readonly associatedData?: Uint8Array }
): Effect.Effect<Sent, SecureSessionError | CryptoFault, Crypto> =>
  within(session, (context) =>
    Effect.mapEager(
      Ratchet.encrypt(
        context,
        Redacted.value(session.secrets),
        pad(session.padding, plaintext),
        options?.associatedData ?? NOTHING,
        session.attachStart ? session.start : undefined
      ),
      ({ message, secrets }) => ({ message, session: following(session, session.attachStart, secrets) })
    )
  )

/** Decrypts what the peer sent: in any order, each message once. Save the session together with the plaintext. */
export const decrypt = (
  session: SessionState,
  message: Uint8Array,
  options?: { readonly associatedData?: Uint8Array }
): Effect.Effect<Received, SecureSessionError | MessageReplayed | PeerRolledBack | CryptoFault, Crypto> =>
  within(session, (context) => {
    const envelope = Envelope.parse(message)
    if (envelope === undefined) return fail("malformed", "This is not a message of a session.")
    if (envelope.start !== undefined && !equal(envelope.start.bytes, session.start)) {
      return fail("other-session", "This is the first message of another session. Accept it (SecureSession.accept).")
    }
    return Effect.flatMapEager(
      Ratchet.decrypt(context, Redacted.value(session.secrets), envelope, options?.associatedData ?? NOTHING),
      ({ padded, secrets }) => {
        const plaintext = unpad(padded)
        return plaintext === undefined
          ? fail("malformed", "The peer's padding is not a padding.")
          : Effect.succeed({ plaintext, session: following(session, false, secrets) })
      }
    )
  })

/** Of whom a first message claims to be; nothing of other messages. Only `accept` proves it. */
export const senderOf = (message: Uint8Array): PublicIdentity | undefined =>
  Envelope.parse(message)?.start?.header.identity

/**
 * Refuses a session that is older than one that has been in use. `generation` is the highest that was saved, kept where a
 * restored backup does not reach: a counter at a server, a second device, hardware.
 */
export const requireGeneration = (
  session: SessionState,
  generation: number
): Effect.Effect<SessionState, SessionRolledBack> =>
  session.generation >= generation
    ? Effect.succeed(session)
    : Effect.fail(new SessionRolledBack({ generation: session.generation, expected: generation }))

const sessionOf = (
  { secrets, ...started }: Start.Started,
  peer: PublicIdentity,
  attachStart: boolean,
  options: Options | undefined
): SessionState => ({
  ...started,
  format: 1,
  padding: options?.padding ?? "none",
  peer,
  generation: 0,
  attachStart,
  secrets: redact(secrets)
})

const redact = (secrets: Redacted.Redacted.Value<SessionState["secrets"]>): SessionState["secrets"] =>
  Redacted.make(secrets, { label: "session" })

const following = (
  session: SessionState,
  attachStart: boolean,
  secrets: Redacted.Redacted.Value<SessionState["secrets"]>
): SessionState => ({ ...session, attachStart, generation: session.generation + 1, secrets: redact(secrets) })

const fail = (reason: SecureSessionError["reason"], message: string) =>
  Effect.fail(new SecureSessionError({ reason, message }))

/** Does something in the context of a session, when it is due. */
const within = <A, E>(
  session: SessionState,
  f: (context: Ratchet.Context) => Effect.Effect<A, E>
): Effect.Effect<A, E | SecureSessionError, Crypto> =>
  Effect.withFiber((fiber): Effect.Effect<A, E | SecureSessionError> => {
    const suite = fiber.getRef(SessionSuites).find(({ id }) => id === session.suite)
    return suite === undefined
      ? fail("suite", `This program does not have suite ${session.suite}.`)
      : f({
          primitives: primitives(Context.getUnsafe(fiber.context, Crypto)),
          suite,
          sessionId: session.id
        })
  })
