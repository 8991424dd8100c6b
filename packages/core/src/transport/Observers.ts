/**
 * Hears of what clients do: connections that open and close, messages that arrive. Synchronous hooks for feature plugins
 * such as the one of events; each costs one look at a size where nobody listens.
 *
 * A reference, so that no layer has to require it: a composition gives each app hooks of its own; outside of one, all
 * share one.
 */
import * as Context from "effect/Context"
import type { Correlation } from "../events/Correlation.ts"
import type { Traffic } from "./Traffic.ts"
import type { PeerInfo } from "./Transport.ts"

export interface Observed {
  /** Id of the connection. */
  readonly connection: string
  readonly peer: PeerInfo
}
export interface Closed extends Observed {
  readonly code: number
  readonly reason: string
}
export interface MessageSeen extends Observed {
  /** The whole name, `chat.say`. */
  readonly message: string
  readonly kind: "request" | "signal" | "relay"
}

/** Called synchronously, in the middle of the data path: quick, and must not throw. */
export interface Registry {
  readonly opened: Set<(seen: Observed) => void>
  /** Told of connections that were open. */
  readonly closed: Set<(seen: Closed) => void>
  /** Told of every message that is accepted, before it is handled. */
  readonly message: Set<(seen: MessageSeen) => void>
  /** Begins the chain of events of one message, where there is a bus: its handler runs within. */
  chain: (() => Correlation) | undefined
  /** Counts what connections do that open from now on; see `Traffic.record`. */
  traffic: Traffic | undefined
}
export const makeUnsafe = (): Registry => ({
  opened: new Set(),
  closed: new Set(),
  message: new Set(),
  chain: undefined,
  traffic: undefined
})

/** The hooks of the app. */
export const Observers: Context.Reference<Registry> = Context.Reference("@mortise/core/transport/Observers", {
  defaultValue: makeUnsafe
})
