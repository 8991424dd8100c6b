/**
 * Trust on first use: the first identity that a peer shows is taken on, and another one later is refused until a person
 * has accepted it. Ask before every new session; a server that puts keys of its own in the place of a peer's is noticed by
 * everybody who has met the peer before, and by the others once they compare safety numbers.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"
import { PublicIdentity, sameIdentity } from "./Identity.ts"
import { type TrustRecord, TrustStore, type TrustStoreError } from "./TrustStore.ts"

/** The peer shows another identity than before: a new device, or somebody else. Nothing may be sent to `seen`. */
export class IdentityChanged extends Errors.make<IdentityChanged>()(
  "IdentityChanged",
  { component: "crypto", code: "TRUST_IDENTITY_CHANGED", status: 409 },
  {
    peer: Schema.String,
    known: PublicIdentity,
    seen: PublicIdentity,
    /** True when the known identity had been verified: then this is serious. */
    wasVerified: Schema.Boolean
  }
) {
  override get message(): string {
    return `${this.peer} shows another identity than before. Compare safety numbers with them, then accept it (Trust.accept).`
  }
}

export interface Verdict {
  /** True when the peer was not known and has been taken on just now. */
  readonly first: boolean
  /** True when a person compared the safety number of this identity. */
  readonly verified: boolean
}

type Fails = IdentityChanged | TrustStoreError

/** Fails unless `identity` is the one known of `peer`; takes it on if none is. */
export const check = (peer: string, identity: PublicIdentity): Effect.Effect<Verdict, Fails, TrustStore> =>
  Effect.gen(function* () {
    const store = yield* TrustStore
    const before = yield* store.find(peer)
    const since = yield* Clock.currentTimeMillis
    const standing = before ?? (yield* store.remember(peer, { identity, verified: false, since }))
    if (!sameIdentity(standing.identity, identity)) return yield* changed(peer, standing, identity)
    return { first: before === undefined, verified: standing.verified }
  })

/** A person compared the safety number of `identity` with `peer`: it counts as verified. Fails if another one is known. */
export const verify = (peer: string, identity: PublicIdentity): Effect.Effect<void, Fails, TrustStore> =>
  Effect.gen(function* () {
    const store = yield* TrustStore
    const since = yield* Clock.currentTimeMillis
    const standing = yield* store.remember(peer, { identity, verified: true, since })
    if (!sameIdentity(standing.identity, identity)) return yield* changed(peer, standing, identity)
    if (standing.verified) return
    // whoever was faster decides: the answer is read off what stands then
    if (!(yield* store.replace(peer, standing, { ...standing, verified: true }))) yield* verify(peer, identity)
  })

/**
 * A person decided to go on with the identity of an `IdentityChanged`. It counts as not verified. Fails if yet another one
 * has been taken on since the person was asked.
 */
export const accept = (change: IdentityChanged): Effect.Effect<void, Fails, TrustStore> =>
  Effect.gen(function* () {
    const store = yield* TrustStore
    const since = yield* Clock.currentTimeMillis
    const next: TrustRecord = { identity: change.seen, verified: false, since }
    const standing = yield* store.remember(change.peer, next)
    if (sameIdentity(standing.identity, change.seen)) return
    if (!sameIdentity(standing.identity, change.known)) return yield* changed(change.peer, standing, change.seen)
    if (!(yield* store.replace(change.peer, standing, next))) yield* accept(change)
  })

const changed = (peer: string, standing: TrustRecord, seen: PublicIdentity) =>
  new IdentityChanged({ peer, known: standing.identity, seen, wasVerified: standing.verified })
