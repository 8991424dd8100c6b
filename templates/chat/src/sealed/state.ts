/** What a client keeps for each of its names: its keys, whom it trusts, and its sessions. Secret; see `Vault`. */
import * as Identity from "@mortise/core/crypto/Identity"
import * as Prekeys from "@mortise/core/crypto/Prekeys"
import { SessionState } from "@mortise/core/crypto/SessionState"
import { TrustRecord } from "@mortise/core/crypto/TrustStore"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { maxOneTime, type Published } from "./contract.ts"

const week = 7 * 24 * 60 * 60 * 1000
/** Private halves of one-time prekeys that may still come back; the oldest go first. */
const maxUnspent = 200
/** Two who write at once start two sessions; more are old ones. */
const sessionsPerPeer = 3
/** Sessions that were not used for the longest time go first. Trust stays. */
const maxSessions = 300

export const State = Schema.Struct({
  format: Schema.Literal(1),
  prekeys: Prekeys.Prekeys,
  /** When the signed prekey was made. */
  rotated: Schema.Finite,
  trusted: Schema.Array(Schema.Struct({ peer: Schema.String, record: TrustRecord })),
  /** Last used first. */
  sessions: Schema.Array(Schema.Struct({ peer: Schema.String, session: SessionState }))
})
export interface State extends Schema.Schema.Type<typeof State> {}

export const Saved = Schema.fromJsonString(State)

/** A new identity, without a one-time prekey; `replenished` makes those. */
export const create = Effect.gen(function* () {
  const prekeys = yield* Prekeys.make(yield* Identity.make, { oneTime: 0 })
  const rotated = yield* Clock.currentTimeMillis
  return { format: 1, prekeys, rotated, trusted: [], sessions: [] } satisfies State
})

/** The state with fresh one-time prekeys, and with a fresh signed one every week; and what is to be published of it. */
export const replenished = Effect.fnUntraced(function* (name: string, state: State) {
  const now = yield* Clock.currentTimeMillis
  const isOld = now - state.rotated > week
  const rotated = isOld ? yield* Prekeys.rotate(state.prekeys) : state.prekeys
  const unspent = rotated.oneTime.slice(maxOneTime - maxUnspent)
  const prekeys = yield* Prekeys.replenish({ ...rotated, oneTime: unspent }, unspent.length + maxOneTime)
  const published: Published = {
    name,
    bundle: Prekeys.bundle(prekeys),
    oneTime: Prekeys.oneTimePrekeys(prekeys).slice(unspent.length)
  }
  return { state: { ...state, prekeys, rotated: isOld ? now : state.rotated }, published }
})

/** The state with this session in front; it takes the place of what it was before. */
export const withSession = (state: State, peer: string, session: SessionState): State => {
  const id = session.id.join()
  const others = state.sessions.filter((one) => one.session.id.join() !== id)
  let ofPeer = 0
  const kept = [{ peer, session }, ...others].filter((one) => one.peer !== peer || ++ofPeer <= sessionsPerPeer)
  return { ...state, sessions: kept.slice(0, maxSessions) }
}
