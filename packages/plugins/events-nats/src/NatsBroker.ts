/** NATS as a broker of events: core NATS for all of them, JetStream for what a stream stores. */
import type { Answer, Broker } from "@mortise/core/events/Broker"
import type { BusUnavailable } from "@mortise/core/events/EventError"
import { BusUnsupported, EventTooLarge, NoResponders, RequestTimeout } from "@mortise/core/events/EventError"
import * as Subject from "@mortise/core/events/Subject"
import { errors, type Msg, type NatsConnection } from "@nats-io/nats-core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Arrived, type Source } from "./internal/Arrived.ts"
import { answerOf, respond } from "./internal/answers.ts"
import { body } from "./internal/body.ts"
import * as Durable from "./internal/durable.ts"
import { headersOf } from "./internal/headers.ts"
import { BUS, type Link, open as openLink, unavailable } from "./internal/Link.ts"
import { names as namesOf } from "./internal/Names.ts"
import type { NatsConfig } from "./NatsConfig.ts"

export interface NatsBroker extends Broker {
  readonly connection: NatsConnection
  /** Whether the connection stands just now. */
  readonly isConnected: () => boolean
}

const tooLarge = (link: Link, subject: string, bytes: Uint8Array): EventTooLarge | undefined =>
  bytes.length > link.maxPayload
    ? new EventTooLarge({ subject, bytes: bytes.length, maxBytes: link.maxPayload })
    : undefined

/** Connects until the scope closes. Fails when no server can be reached now; later the connection comes back by itself. */
export const open = (config: NatsConfig): Effect.Effect<NatsBroker, BusUnavailable, Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const link = yield* openLink(config)
    const { connection } = link
    const names = namesOf(config.prefix)
    const durable = config.jetstream === undefined ? undefined : yield* Durable.make(link, config.jetstream, names)
    let strangers = 0
    const source: Source<Msg> = {
      unnamed: () =>
        `${connection.info?.client_id ?? 0}-${clock.currentTimeMillisUnsafe().toString(36)}-${++strangers}`,
      respond: (message, answer) => Effect.ignore(Effect.try(() => respond(message, answer)))
    }
    // messages of one chunk have come at one time
    let now: number | undefined
    const arrivedAt = (): number => {
      if (now !== undefined) return now
      queueMicrotask(() => {
        now = undefined
      })
      return (now = clock.currentTimeMillisUnsafe())
    }

    return {
      name: BUS,
      connection,
      isConnected: () => link.isUp,
      interest: undefined,
      publish: (event) => {
        const subject = names.outer(event.subject)
        if (durable !== undefined && link.isUp && durable.stores(event.subject)) {
          const bytes = body(event.payload)
          const large = tooLarge(link, event.subject, bytes)
          return large === undefined ? durable.publish(subject, bytes, headersOf(event)) : Effect.fail(large)
        }
        const failed = link.publish(subject, event)
        return failed === undefined ? Effect.void : Effect.fail(failed)
      },
      subscribe: (pattern, options, sink) => {
        if (options.durable !== undefined) {
          if (durable === undefined)
            return Effect.fail(new BusUnsupported({ bus: BUS, feature: "durable subscriptions without `jetstream`" }))
          return durable.subscribe(pattern, options.durable, options, sink)
        }
        const known = Subject.isPattern(pattern) ? undefined : pattern
        const callback = (failure: Error | null, message: Msg): void => {
          // a failure is told of by the connection's state; the message is an empty one then
          if (failure === null) sink(new Arrived(source, known ?? names.inner(message.subject), message, arrivedAt()))
        }
        return Effect.acquireRelease(
          Effect.try({
            try: () =>
              connection.subscribe(names.outer(pattern), {
                callback,
                ...(options.group === undefined ? {} : { queue: options.group })
              }),
            catch: unavailable
          }),
          (subscription) => Effect.sync(() => subscription.unsubscribe())
        ).pipe(
          // the server has it, so what anybody publishes from now on arrives
          Effect.andThen(Effect.tryPromise({ try: () => connection.flush(), catch: unavailable }))
        )
      },
      request: (event, timeoutMillis) =>
        Effect.suspend((): Effect.Effect<Answer, NoResponders | RequestTimeout | BusUnavailable | EventTooLarge> => {
          const bytes = body(event.payload)
          const large = tooLarge(link, event.subject, bytes)
          if (large !== undefined) return Effect.fail(large)
          if (!link.isUp) return Effect.fail(unavailable("the connection is down"))
          if (durable?.stores(event.subject) === true) {
            const reason =
              "the stream stores this subject and answers by itself: leave requests out of jetstream.subjects"
            return Effect.succeed<Answer>({ outcome: "defect", reason, reference: event.id })
          }
          const asked = Effect.tryPromise({
            try: () =>
              connection.request(names.outer(event.subject), bytes, {
                timeout: timeoutMillis,
                headers: headersOf(event)
              }),
            catch: (cause) => {
              if (
                cause instanceof errors.NoRespondersError ||
                (cause instanceof errors.RequestError && cause.isNoResponders())
              )
                return new NoResponders({ subject: event.subject })
              if (cause instanceof errors.TimeoutError)
                return new RequestTimeout({ subject: event.subject, millis: timeoutMillis })
              return unavailable(cause)
            }
          })
          return Effect.map(asked, answerOf)
        })
    }
  })
