/**
 * Where it is remembered which identity a peer showed first. A store of an app's own (a table, a file) fits by this
 * contract; `Trust` is the policy above it and works with any of them.
 *
 * Nothing in here is secret, but who can change it can make a stranger pass for a friend.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"
import { PublicIdentity } from "./Identity.ts"

/** What is known of one peer. */
export const TrustRecord = Schema.Struct({
  identity: PublicIdentity,
  /** True once a person compared the safety number. */
  verified: Schema.Boolean,
  /** Milliseconds since the epoch when this identity was taken on. */
  since: Schema.Finite
})
export type TrustRecord = typeof TrustRecord.Type

/** The store cannot say whom to trust, so nobody is: do not send. */
export class TrustStoreError extends Errors.make<TrustStoreError>()(
  "TrustStoreError",
  {
    component: "crypto",
    prefix: "TRUST_STORE",
    reasons: {
      unavailable: { status: 503, retryable: true },
      full: { status: 500 }
    }
  },
  {
    /** `unavailable`: the place behind the store failed. `full`: it takes no further peer, and forgets none to make room. */
    reason: Schema.Literals(["unavailable", "full"]),
    message: Schema.String,
    cause: Schema.optionalKey(Schema.Defect())
  }
) {}

export interface TrustStoreShape {
  /** What is known of `peer`, a name the app chose; nothing if it was never seen. */
  readonly find: (peer: string) => Effect.Effect<TrustRecord | undefined, TrustStoreError>
  /** Keeps `record` if nothing is known of `peer`, and gives what stands then. Atomic: of two first ones, one wins. */
  readonly remember: (peer: string, record: TrustRecord) => Effect.Effect<TrustRecord, TrustStoreError>
  /** Puts `next` in the place of `expected`; false, and nothing changed, if something else stands there. Atomic. */
  readonly replace: (peer: string, expected: TrustRecord, next: TrustRecord) => Effect.Effect<boolean, TrustStoreError>
}

export class TrustStore extends Context.Service<TrustStore, TrustStoreShape>()("@mortise/core/crypto/TrustStore") {}

const sameRecord = Schema.toEquivalence(TrustRecord)

/**
 * Keeps records in memory: trust starts anew with each process. At `maxPeers` further peers are refused with
 * `TRUST_STORE_FULL`; none is evicted, for a forgotten peer could be replaced without anybody noticing.
 */
export const make = (options?: { readonly maxPeers?: number }): TrustStoreShape => {
  const maxPeers = options?.maxPeers ?? 100_000
  const records = new Map<string, TrustRecord>()
  return {
    find: (peer) => Effect.sync(() => records.get(peer)),
    remember: (peer, record) =>
      Effect.suspend(() => {
        const known = records.get(peer)
        if (known !== undefined) return Effect.succeed(known)
        if (records.size >= maxPeers) {
          const message = `The trust store holds ${maxPeers} peers (maxPeers): ${peer} is not taken on.`
          return Effect.fail(new TrustStoreError({ reason: "full", message }))
        }
        records.set(peer, record)
        return Effect.succeed(record)
      }),
    replace: (peer, expected, next) =>
      Effect.sync(() => {
        const known = records.get(peer)
        if (known === undefined || !sameRecord(known, expected)) return false
        records.set(peer, next)
        return true
      })
  }
}

/** `make` as a layer. */
export const layerMemory = (options?: { readonly maxPeers?: number }): Layer.Layer<TrustStore> =>
  Layer.sync(TrustStore, () => make(options))
