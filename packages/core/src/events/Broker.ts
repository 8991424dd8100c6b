/**
 * What carries events: the part of a bus that differs between one process and a server. `EventBus.make` puts everything
 * else on top (handlers, filters, timeouts, retries, dead letters, correlation), once for all of them.
 *
 * A broker keeps the order of events of one publisher at each subscription, calls `sink` synchronously, never after the
 * scope of its subscription has closed, and holds back nothing without a bound.
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Envelope } from "./Envelope.ts"
import type { PayloadCodec } from "./Event.ts"
import type { BusUnavailable, BusUnsupported, EventTooLarge, NoResponders, RequestTimeout } from "./EventError.ts"

/** An event on its way out. Its id is made by the bus: letters, digits and a hyphen. */
export interface Outgoing extends Envelope {
  /** The payload as the publisher has it, and what it was encoded with: subscribers of the same event take it as it is. */
  readonly value: unknown
  readonly codec: PayloadCodec<never> | undefined
}

/** The answer to a request. `error` is one that the request declares, `defect` everything else. */
export type Answer =
  | { readonly outcome: "success" | "error"; readonly payload: unknown }
  | { readonly outcome: "defect"; readonly reason: string; readonly reference: string }

/** Tells a durable broker what became of an event. */
export interface Settlement {
  /** Handled; it is not delivered again. */
  readonly ack: Effect.Effect<void>
  /** Not handled; it is delivered again. */
  readonly retry: Effect.Effect<void>
  /** Given up: it is kept as a dead letter, and not delivered again. */
  readonly dead: (reason: string) => Effect.Effect<void>
  /** True when a `retry` would not be followed by another delivery. */
  readonly isLast: boolean
}

/** What a delivery was read as last. */
export interface LastRead {
  event: unknown
  subject: string
  received: unknown
}
/** Of a delivery that nobody has read. */
export const unread = (): LastRead => ({ event: undefined, subject: "", received: undefined })

/** An event that has arrived. One object may go to many subscriptions: nobody changes it but for `last`. */
export interface Delivery extends Outgoing {
  readonly attempt: number
  /** Why its bytes could not be read, where that is so; then the payload is undefined. */
  readonly malformed: string | undefined
  /** Present when somebody waits for an answer. */
  readonly reply: ((answer: Answer) => Effect.Effect<void>) | undefined
  readonly settle: Settlement | undefined
  readonly last: LastRead
}

export interface SubscribeOptions {
  /** Of the subscriptions with one group name, one gets each event. */
  readonly group: string | undefined
  /** The broker remembers under this name what was handled, also while nobody is subscribed. */
  readonly durable: string | undefined
  /** Events that may be unsettled at a time; brokers that can hold the rest back do. */
  readonly maxPending: number
}

export interface Broker {
  /** For messages. */
  readonly name: string
  /** Done when the broker has it: has put it into the inboxes, has written it, or has stored it. */
  readonly publish: (event: Outgoing) => Effect.Effect<void, BusUnavailable | EventTooLarge>
  /** Done when the subscription holds: what is published from then on arrives. */
  readonly subscribe: (
    pattern: string,
    options: SubscribeOptions,
    sink: (delivery: Delivery) => void
  ) => Effect.Effect<void, BusUnavailable | BusUnsupported, Scope.Scope>
  /** The first answer. */
  readonly request: (
    event: Outgoing,
    timeoutMillis: number
  ) => Effect.Effect<Answer, NoResponders | RequestTimeout | BusUnavailable | EventTooLarge>
  /** Who listens, for brokers that know it of everybody; undefined for those that only know of themselves. */
  readonly interest: Interest | undefined
}

export interface Interest {
  readonly has: (subject: string) => boolean
  /** Calls back after each change of subscriptions; the returned function ends that. */
  readonly listen: (changed: () => void) => () => void
}
