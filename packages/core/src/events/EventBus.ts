/**
 * Tells the rest of the app, or of many apps, that something has happened; asks it for something.
 *
 * The same program runs in one process, on NATS and on JetStream. Every subscriber has a bounded inbox of its own, so that
 * one that is slow harms nobody; a payload that cannot be read is counted and told, and ends no subscriber.
 *
 * @example
 * const bus = yield* EventBus
 * yield* bus.on(Joined, ({ payload }) => greet(payload.user), { timeout: "5 seconds", concurrency: 8 })
 * yield* bus.publish(Joined, { user: "ada" }, { at: { room: "lobby" } })
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { Broker, Interest } from "./Broker.ts"
import type { Received } from "./Envelope.ts"
import type { Event, Places, Request } from "./Event.ts"
import type {
  BusUnavailable,
  BusUnsupported,
  EventPayloadInvalid,
  EventTooLarge,
  HandlerTimeout,
  NoResponders,
  RequestTimeout,
  ResponderFailed,
  SubscriberTooSlow
} from "./EventError.ts"
import { make as makeBus } from "./internal/bus.ts"
import type { SubjectInvalid } from "./Subject.ts"

export type PublishError = SubjectInvalid | EventPayloadInvalid | EventTooLarge | BusUnavailable
export type SubscribeError = SubjectInvalid | BusUnavailable | BusUnsupported
export type RequestError = PublishError | NoResponders | RequestTimeout | ResponderFailed

/** What stands in the place of each `{name}` of the subject; needed where there are names. */
export type At<S extends string> = keyof Places<S> extends never ? { readonly at?: {} } : { readonly at: Places<S> }
type Last<S extends string, O> = keyof Places<S> extends never ? [options?: O & At<S>] : [options: O & At<S>]

/** An event, or a pattern (`chat.*.joined`, `chat.>`) for the encoded payloads of whatever it stands for. */
export type Target<S extends string, A> = Event<S, A> | string

export interface SubscribeOptions {
  /** Events that wait in the inbox at most; default 1 024. */
  readonly maxPending?: number
  /**
   * What happens to one more; each is counted. `drop-oldest` (the default), `drop-newest`, or `fail`: the subscription ends
   * with `SubscriberTooSlow`. Durable subscriptions drop nothing: the bus holds back what does not fit.
   */
  readonly whenFull?: "drop-oldest" | "drop-newest" | "fail"
  /** Of the subscriptions with one group name, in however many processes, one gets each event. */
  readonly group?: string
}

export interface OnOptions<A, At, R> extends SubscribeOptions {
  /** Events it answers with false are not handled. */
  readonly filter?: (event: Received<A, At>) => boolean
  /** Events handled at a time; default 1, which keeps their order. */
  readonly concurrency?: number
  /** How long each try may take before it is interrupted; default 30 seconds. */
  readonly timeout?: Duration.Input
  /** Tries again at once after a failure, in this rhythm; without it, once. */
  readonly retry?: Schedule.Schedule<unknown>
  /** Gets what could not be handled or read. Without it that is logged. */
  readonly deadLetter?: (letter: DeadLetter) => Effect.Effect<void, never, R>
  /** The bus remembers under this name what was handled, and delivers the rest when the handler is back. */
  readonly durable?: string
}

/** An event that was given up. */
export interface DeadLetter {
  /** The event as it came, with its payload encoded. */
  readonly event: Received<unknown>
  /** Why: what the handler failed with, `HandlerTimeout`, a defect, or `EventPayloadInvalid`. */
  readonly error: HandlerTimeout | EventPayloadInvalid | unknown
}

/** Sums since the bus was made. */
export interface Stats {
  readonly published: number
  /** Events given to a handler or taken by a stream. */
  readonly delivered: number
  /** Events that found a full inbox. */
  readonly dropped: number
  /** Events whose payload could not be read. */
  readonly poisoned: number
  /** Events given up after the last try of their handler; those that were too slow among them. */
  readonly failed: number
  readonly timedOut: number
  readonly subscriptions: number
}

export interface RequestOptions {
  /** How long to wait for the answer; default 5 seconds. */
  readonly timeout?: Duration.Input
}

export interface RespondOptions {
  /** Requests answered at a time; default 16. */
  readonly concurrency?: number
  /** Default 30 seconds. */
  readonly timeout?: Duration.Input
  /** Responders share their requests under this name; default `responders`. */
  readonly group?: string
  /** Requests that wait at most, default 1 024; one more is told at once that the responder is busy. */
  readonly maxPending?: number
}

export interface Shape {
  /** The name of the broker beneath. */
  readonly name: string
  /** Done when the bus has it, see `Broker.publish`; it never waits for handlers. */
  readonly publish: <S extends string, A>(
    event: Event<S, A>,
    payload: A,
    ...options: Last<S, {}>
  ) => Effect.Effect<void, PublishError>
  /** Events from the moment the stream runs. What cannot be read is counted and logged. */
  readonly subscribe: {
    <S extends string, A>(
      event: Event<S, A>,
      options?: SubscribeOptions
    ): Stream.Stream<Received<A, Places<S>>, SubscribeError | SubscriberTooSlow>
    (pattern: string, options?: SubscribeOptions): Stream.Stream<Received<unknown>, SubscribeError | SubscriberTooSlow>
  }
  /** Handles events until the scope closes, within the chain of each. Done when the subscription holds. */
  readonly on: {
    <S extends string, A, R = never, R2 = never>(
      event: Event<S, A>,
      handler: (event: Received<A, Places<S>>) => Effect.Effect<unknown, unknown, R>,
      options?: OnOptions<A, Places<S>, R2>
    ): Effect.Effect<void, SubscribeError, R | R2 | Scope.Scope>
    <R = never, R2 = never>(
      pattern: string,
      handler: (event: Received<unknown>) => Effect.Effect<unknown, unknown, R>,
      options?: OnOptions<unknown, {}, R2>
    ): Effect.Effect<void, SubscribeError, R | R2 | Scope.Scope>
  }
  /** Asks and waits for the first answer. A subscription of any kind counts as somebody who might answer. */
  readonly request: <S extends string, A, B, E>(
    request: Request<S, A, B, E>,
    payload: A,
    ...options: Last<S, RequestOptions>
  ) => Effect.Effect<B, E | RequestError>
  /** Answers requests until the scope closes. */
  readonly respond: <S extends string, A, B, E, R = never>(
    request: Request<S, A, B, E>,
    handler: (request: Received<A, Places<S>>) => Effect.Effect<B, E, R>,
    options?: RespondOptions
  ) => Effect.Effect<void, SubscribeError, R | Scope.Scope>
  readonly stats: Effect.Effect<Stats>
  /** Waits until no handler runs and nothing waits for one. */
  readonly idle: Effect.Effect<void>
  readonly interest: Interest | undefined
}

export class EventBus extends Context.Service<EventBus, Shape>()("@mortise/core/events/EventBus") {}

/** A bus on a broker. Closing the scope ends its handlers. */
export const make = (broker: Broker): Effect.Effect<Shape, never, Scope.Scope> => makeBus(broker)
