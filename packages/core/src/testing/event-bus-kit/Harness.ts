/** What a bus brings to be tested, and what a case of the kit is. */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Shape } from "../../events/EventBus.ts"

/** Buses on one broker, as fresh as the scope they are made in: no other fixture hears of them. */
export interface EventBusFixture {
  readonly bus: Shape
  /** Another bus on the same broker: another process, or as good as one. */
  readonly other: Shape
  /** A payload in its encoded form, as a stranger publishes it. */
  readonly inject: (subject: string, payload: unknown) => Effect.Effect<void>
  /** Trait `bytes`: a body as a stranger publishes it, JSON or not. */
  readonly injectBytes?: (subject: string, bytes: Uint8Array) => Effect.Effect<void>
  /** Trait `cut`: ends the connection of `bus` and keeps it from coming back until `restore`. */
  readonly cut?: Effect.Effect<void>
  readonly restore?: Effect.Effect<void>
  /** Trait `durable`: payloads of the dead letters kept so far, with the subjects they were published to. */
  readonly deadLetters?: Effect.Effect<ReadonlyArray<{ readonly subject: string; readonly payload: unknown }>>
}

/**
 * Properties that a case may need. `interest`: the bus knows of every subscription. `bytes`: it carries bytes. `cut`: it has
 * a connection that can break. `durable`: it remembers what was handled. `volatile`: it has no durable subscriptions.
 */
export type EventBusTrait = "interest" | "bytes" | "cut" | "durable" | "volatile"

export interface EventBusHarness {
  readonly name: string
  readonly traits: ReadonlyArray<EventBusTrait>
  readonly make: Effect.Effect<EventBusFixture, unknown, Scope.Scope>
  /** Deliveries after which a durable subscription gives up; 3 unless given. */
  readonly maxDeliver?: number
}

export interface EventBusCase {
  /** The behaviour, as a sentence about the bus. */
  readonly name: string
  readonly needs?: ReadonlyArray<EventBusTrait>
  readonly run: (fixture: EventBusFixture) => Effect.Effect<void, unknown, Scope.Scope>
}

/** What a case needs and the harness does not have. */
export const missing = (testCase: EventBusCase, harness: EventBusHarness): ReadonlyArray<EventBusTrait> =>
  (testCase.needs ?? []).filter((trait) => !harness.traits.includes(trait))
