/**
 * Whispers that only two people can read, for any client: sealed with a `SecureSession` of `@mortise/core/crypto`, sent as
 * bytes of the relay `chat.whisper`. A sealed one begins with 0xff and the format 1; no text in UTF-8 begins so.
 */
import type { Bundle } from "@mortise/core/crypto/Bundle"
import type { Crypto } from "@mortise/core/crypto/Crypto"
import { safetyNumber } from "@mortise/core/crypto/Fingerprint"
import { type PublicIdentity, sameIdentity } from "@mortise/core/crypto/Identity"
import * as SecureSession from "@mortise/core/crypto/SecureSession"
import { SessionLimits, type SessionState } from "@mortise/core/crypto/SessionState"
import * as Trust from "@mortise/core/crypto/Trust"
import { TrustStore } from "@mortise/core/crypto/TrustStore"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import { keyOf } from "../chat/Members.ts"
import { maxWhisperBytes } from "../contract.ts"
import type { NoKeys, NotHere, Published } from "./contract.ts"
import { KeysChanged, SealingError } from "./SealingError.ts"
import * as State from "./state.ts"
import { trustIn } from "./trust.ts"
import { type Vault, VaultError } from "./Vault.ts"

/** Something failed; the message is for whoever sits there. */
export interface Failure {
  readonly _tag: string
  readonly message: string
}

/** The server, as the contract `sealed` has it. */
export interface Server {
  /** The name that this client has there; undefined before it has joined a room. */
  readonly me: () => string | undefined
  readonly publish: (published: Published) => Effect.Effect<void, Failure>
  readonly bundle: (name: string) => Effect.Effect<Bundle, Failure | NotHere | NoKeys>
  readonly identity: (name: string) => Effect.Effect<PublicIdentity, Failure | NotHere | NoKeys>
}

/** What is known of somebody's keys. */
export interface Fingerprint {
  readonly number: string
  /** The number of the keys that are shown now, where these are others. */
  readonly changed: string | undefined
  /** Whether a person has compared the number. */
  readonly verified: boolean
}

/** One after the other: each works on what the one before has saved. */
export interface Sealing {
  /** The server wants keys for a name that this client has taken: makes them at the first time. */
  readonly publish: (name: string) => Effect.Effect<void, Failure>
  readonly seal: (to: string, text: string) => Effect.Effect<Uint8Array, Failure>
  /** Undefined: it was not sealed. */
  readonly open: (from: string, bytes: Uint8Array) => Effect.Effect<Uint8Array | undefined, Failure>
  readonly fingerprint: (name: string) => Effect.Effect<Fingerprint, Failure>
  /** A person has compared the number. */
  readonly verify: (name: string) => Effect.Effect<void, Failure>
  /** A person goes on with the keys that have changed. */
  readonly accept: (name: string) => Effect.Effect<void, Failure>
}

const format = Uint8Array.of(0xff, 1)
/** Whispers come in the order in which they were sent, or not at all. */
const limits = { maxSkippedPerChain: 100, maxSkipped: 200, maxChains: 4, skippedLifetime: "1 day" } as const
const padding = "padme"
/** Whoever has just taken a name has keys in a moment. */
const patience = { schedule: Schedule.spaced("200 millis"), times: 10 }

const isOfNoSession = ({ _tag, ...error }: { readonly _tag: string; readonly reason?: unknown }): boolean =>
  _tag === "SecureSessionError" && (error.reason === "unknown-key" || error.reason === "other-session")
const fail = (reason: SealingError["reason"]) => Effect.fail(new SealingError({ reason }))

export const make = Effect.fnUntraced(function* (server: Server, vault: Vault) {
  const context = yield* Effect.context<Crypto>()
  const alone = Semaphore.makeUnsafe(1)
  let own: { readonly name: string; readonly state: State.State } | undefined
  /** Identities that wait for a person's decision: at most one for each peer that is trusted. */
  const changes = new Map<string, Trust.IdentityChanged>()
  /** Peers whose messages cannot be read, as many as have sessions: the next message to them starts one anew. */
  const stale = new Set<string>()

  /** With a name that was taken just now, the keys of the one before are not it. */
  const current = Effect.suspend(() => {
    const me = server.me()
    if (me === undefined) return fail("not-joined")
    return own === undefined || keyOf(me) !== keyOf(own.name) ? fail("not-ready") : Effect.succeed(own)
  })
  const whenReady = <A>(
    effect: Effect.Effect<A, Failure>,
    passing: ReadonlyArray<SealingError["reason"]> = ["not-ready"]
  ): Effect.Effect<A, Failure> =>
    Effect.retry(effect, {
      ...patience,
      while: (error: Failure) => error._tag === "SealingError" && passing.includes((error as SealingError).reason)
    })
  const trust = trustIn(
    () => (own as NonNullable<typeof own>).state,
    (state) => void (own = { ...(own as NonNullable<typeof own>), state })
  )
  const step = <A, E>(effect: Effect.Effect<A, E, Crypto | TrustStore>): Effect.Effect<A, E> =>
    effect.pipe(
      Effect.provideService(SessionLimits, limits),
      Effect.provideService(TrustStore, trust),
      Effect.provideContext(context),
      alone.withPermits(1)
    )
  /** Saves before anybody sees what follows from it. */
  const save = Effect.fnUntraced(function* (name: string, state: State.State) {
    yield* vault.save(keyOf(name), yield* Effect.orDie(Schema.encodeEffect(State.Saved)(state)))
    own = { name, state }
  })
  const load = Effect.fnUntraced(function* (name: string) {
    const text = yield* vault.load(keyOf(name))
    if (text === undefined) return yield* State.create
    return yield* Effect.mapError(
      Schema.decodeEffect(State.Saved)(text),
      () => new VaultError({ message: `The keys of ${name} that were kept are damaged.` })
    )
  })
  const check = (name: string, identity: PublicIdentity) =>
    Effect.catchTag(Trust.check(keyOf(name), identity), "IdentityChanged", (change) => {
      changes.set(change.peer, change)
      return Effect.fail(new KeysChanged({ name }))
    })
  const knownOf = (name: string) => trust.find(keyOf(name))
  /** Both names are part of what is authenticated, so that no server passes one's words off as another's. */
  const between = (from: string, to: string) => ({
    associatedData: new TextEncoder().encode(`${keyOf(from)}\n${keyOf(to)}`)
  })

  const start = Effect.fnUntraced(function* (state: State.State, to: string) {
    const bundle = yield* server.bundle(to)
    yield* check(to, bundle.identity)
    return yield* SecureSession.initiate(state.prekeys.identity, bundle, { padding })
  })

  const seal = Effect.fnUntraced(function* (to: string, text: string) {
    const { name, state } = yield* current
    const peer = keyOf(to)
    if (peer === keyOf(name)) return yield* fail("yourself")
    const identity = yield* Effect.retry(server.identity(to), {
      ...patience,
      while: ({ _tag }: Failure) => _tag === "NoKeys"
    })
    yield* check(to, identity)
    const known = state.sessions.find((one) => one.peer === peer && sameIdentity(one.session.peer, identity))
    const before = known === undefined || stale.has(peer) ? yield* start(state, to) : known.session
    const { message, session } = yield* SecureSession.encrypt(before, new TextEncoder().encode(text), between(name, to))
    if (format.length + message.length > maxWhisperBytes) return yield* fail("too-long")
    yield* save(name, State.withSession((yield* current).state, peer, session))
    stale.delete(peer)
    return new Uint8Array([...format, ...message])
  })

  const decrypt = Effect.fnUntraced(function* (
    sessions: ReadonlyArray<SessionState>,
    message: Uint8Array,
    about: ReturnType<typeof between>
  ) {
    for (const session of sessions) {
      const received = yield* Effect.catchIf(
        SecureSession.decrypt(session, message, about),
        isOfNoSession,
        () => Effect.undefined
      )
      if (received !== undefined) return received
    }
    return undefined
  })

  const open = Effect.fnUntraced(function* (from: string, bytes: Uint8Array) {
    if (bytes[0] !== format[0]) return undefined
    if (bytes[1] !== format[1]) return yield* fail("unknown-format")
    const { name, state } = yield* current
    const peer = keyOf(from)
    const message = bytes.subarray(format.length)
    const about = between(from, name)
    const sessions = state.sessions.filter((one) => one.peer === peer).map(({ session }) => session)
    let received = yield* decrypt(sessions, message, about)
    let prekeys = state.prekeys
    if (received === undefined) {
      if (SecureSession.senderOf(message) === undefined) {
        if (sessions.length > 0) stale.add(peer)
        return yield* fail("unreadable")
      }
      const accepted = yield* SecureSession.accept(prekeys, message, { ...about, padding })
      // only now it is proven whose message this is
      yield* check(from, accepted.session.peer)
      received = accepted
      prekeys = accepted.prekeys
    }
    yield* save(name, State.withSession({ ...(yield* current).state, prekeys }, peer, received.session))
    stale.delete(peer)
    return received.plaintext
  })

  const fingerprint = Effect.fnUntraced(function* (other: string) {
    const { state } = yield* current
    const mine = state.prekeys.identity.public
    const known = yield* knownOf(other)
    const shown = yield* Effect.catch(server.identity(other), (error) =>
      known === undefined ? Effect.fail(error) : Effect.succeed(known.identity)
    )
    const isSame = known === undefined || sameIdentity(known.identity, shown)
    return {
      number: yield* safetyNumber(mine, known?.identity ?? shown),
      changed: isSame ? undefined : yield* safetyNumber(mine, shown),
      verified: known?.verified ?? false
    }
  })

  const sealing: Sealing = {
    publish: (name) =>
      step(
        Effect.gen(function* () {
          // nothing is sealed with the keys of another name, whatever becomes of these
          if (own?.name !== name) {
            own = undefined
            changes.clear()
            stale.clear()
          }
          const { published, state } = yield* State.replenished(name, yield* load(name))
          yield* save(name, state)
          yield* server.publish(published)
        })
      ),
    seal: (to, text) => whenReady(step(seal(to, text))),
    // others may be quicker to write than the server to answer who has just joined
    open: (from, bytes) => whenReady(step(open(from, bytes)), ["not-ready", "not-joined"]),
    fingerprint: (name) => whenReady(step(fingerprint(name))),
    verify: (name) =>
      step(
        Effect.gen(function* () {
          const { name: mine } = yield* current
          const known = yield* knownOf(name)
          yield* Trust.verify(keyOf(name), known?.identity ?? (yield* server.identity(name)))
          yield* save(mine, (yield* current).state)
        })
      ),
    accept: (name) =>
      step(
        Effect.gen(function* () {
          const { name: mine } = yield* current
          const change = changes.get(keyOf(name))
          if (change === undefined) return yield* fail("no-change")
          yield* Trust.accept(change)
          changes.delete(keyOf(name))
          yield* save(mine, (yield* current).state)
        })
      )
  }
  return sealing
})
