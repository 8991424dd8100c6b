/** NATS as a broker of events: core NATS for all of them, JetStream for what a stream stores. */
import type { Answer, Broker, Delivery } from "@mortise/core/events/Broker"
import type { BusUnavailable } from "@mortise/core/events/EventError"
import { BusUnsupported, EventTooLarge, NoResponders, RequestTimeout } from "@mortise/core/events/EventError"
import { errors, type Msg, type NatsConnection } from "@nats-io/nats-core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Durable from "./internal/durable.ts"
import { BUS, type Link, open as openLink, unavailable } from "./internal/Link.ts"
import { names as namesOf } from "./internal/Names.ts"
import { answerOf, body, deliveryOf, headersOf, respond } from "./internal/wire.ts"
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
    const unnamed = () =>
      `${connection.info?.client_id ?? 0}-${clock.currentTimeMillisUnsafe().toString(36)}-${++strangers}`

    const deliveryFrom = (message: Msg): Delivery => {
      const reply: Delivery["reply"] =
        message.reply === undefined || message.reply === ""
          ? undefined
          : (answer) => Effect.ignore(Effect.try(() => respond(message, answer)))
      return deliveryOf(names.inner(message.subject), message, {
        now: clock.currentTimeMillisUnsafe(),
        unnamed,
        attempt: 1,
        reply,
        settle: undefined
      })
    }

    return {
      name: BUS,
      connection,
      isConnected: () => link.isUp,
      interest: undefined,
      publish: (event) => {
        const bytes = body(event.payload)
        const large = tooLarge(link, event.subject, bytes)
        if (large !== undefined) return Effect.fail(large)
        const subject = names.outer(event.subject)
        const headers = headersOf(event)
        if (durable !== undefined && link.isUp && durable.stores(event.subject))
          return durable.publish(subject, bytes, headers)
        const failed = link.publish(subject, bytes, headers)
        return failed === undefined ? Effect.void : Effect.fail(failed)
      },
      subscribe: (pattern, options, sink) => {
        if (options.durable !== undefined) {
          if (durable === undefined)
            return Effect.fail(new BusUnsupported({ bus: BUS, feature: "durable subscriptions without `jetstream`" }))
          return durable.subscribe(pattern, options.durable, options, sink)
        }
        const callback = (failure: Error | null, message: Msg): void => {
          // a failure is told of by the connection's state; the message is an empty one then
          if (failure === null) sink(deliveryFrom(message))
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
