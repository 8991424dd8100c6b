/**
 * The bus of one process that remembers what was published, for tests of whatever publishes and handles.
 *
 * @example
 * const { bus, recorded, simulate } = yield* RecordingBus.make
 * yield* simulate(Joined, { user: "ada" }, { at: { room: "lobby" } })
 * recorded(Welcomed) // what the handler has published
 */

import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Broker, Outgoing } from "../events/Broker.ts"
import type { Envelope, Received } from "../events/Envelope.ts"
import type { Event, Places } from "../events/Event.ts"
import { placesIn } from "../events/Event.ts"
import { type At, EventBus, make as makeBus, type PublishError, type Shape } from "../events/EventBus.ts"
import { broker as inProcess } from "../events/InProcess.ts"
import { matches } from "../events/Subject.ts"

type Options<S extends string> = keyof Places<S> extends never ? [options?: At<S>] : [options: At<S>]

export interface RecordingShape {
  readonly bus: Shape
  /** What was published and asked through the bus so far, in order; of one event, with its payload, or all of it. */
  readonly recorded: {
    <S extends string, A>(event: Event<S, A>): ReadonlyArray<Received<A, Places<S>>>
    (): ReadonlyArray<Received<unknown>>
  }
  /** An event as if another process had published it: it is delivered and not recorded. */
  readonly simulate: <S extends string, A>(
    event: Event<S, A>,
    payload: A,
    ...options: Options<S>
  ) => Effect.Effect<void, PublishError>
  /** An envelope as it is, right or wrong. */
  readonly simulateRaw: (envelope: Envelope) => Effect.Effect<void>
  readonly clear: () => void
}

/** The bus and what it has recorded, as a service for tests. */
export class RecordingBus extends Context.Service<RecordingBus, RecordingShape>()(
  "@mortise/core/testing/RecordingBus"
) {}

/** The broker and its two buses: one that records, one that is somebody else. */
export const make: Effect.Effect<RecordingShape & { readonly outside: Shape }, never, Scope.Scope> = Effect.gen(
  function* () {
    const beneath = inProcess("recording")
    const published: Array<Outgoing> = []
    const recording: Broker = {
      ...beneath,
      publish: (event) => {
        published.push(event)
        return beneath.publish(event)
      },
      request: (event, timeoutMillis) => {
        published.push(event)
        return beneath.request(event, timeoutMillis)
      }
    }
    const bus = yield* makeBus(recording)
    const outside = yield* makeBus(beneath)
    const recorded = (event?: Event<string, unknown>): ReadonlyArray<Received<unknown>> =>
      published
        .filter(
          ({ codec, subject }) =>
            event === undefined || ((codec as unknown) === event.payload && matches(event.pattern, subject))
        )
        .map(({ codec: _, payload, value, ...envelope }) => ({
          ...envelope,
          payload: event === undefined ? payload : value,
          at: event === undefined ? {} : placesIn(event, envelope.subject),
          attempt: 1
        }))
    return {
      bus,
      outside,
      recorded: recorded as RecordingShape["recorded"],
      simulate: outside.publish as RecordingShape["simulate"],
      simulateRaw: (envelope) =>
        // in process nothing is too large and nothing is away
        Effect.orDie(beneath.publish({ ...envelope, value: undefined, codec: undefined })),
      clear: () => {
        published.length = 0
      }
    }
  }
)

/** `EventBus` for what is tested, `RecordingBus` for the test. */
export const layerTest: Layer.Layer<EventBus | RecordingBus> = Layer.effectContext(
  Effect.map(make, (made) => Context.add(Context.make(EventBus, made.bus), RecordingBus, made))
)
