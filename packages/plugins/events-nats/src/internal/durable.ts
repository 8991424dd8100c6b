/** Subscriptions that JetStream remembers: acknowledged when handled, delivered again when not, dead letters when never. */
import type { Delivery, Settlement, SubscribeOptions } from "@mortise/core/events/Broker"
import type { BusUnavailable } from "@mortise/core/events/EventError"
import * as Subject from "@mortise/core/events/Subject"
import {
  AckPolicy,
  DeliverPolicy,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  StorageType
} from "@nats-io/jetstream"
import type { MsgHdrs } from "@nats-io/nats-core"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { JetStreamConfig } from "../NatsConfig.ts"
import { Arrived, type Source } from "./Arrived.ts"
import { type Link, unavailable } from "./Link.ts"
import type { Names } from "./Names.ts"

export interface Durable {
  /** Whether the stream stores this subject. */
  readonly stores: (subject: string) => boolean
  /** Done when the server has stored it. */
  readonly publish: (subject: string, bytes: Uint8Array, headers: MsgHdrs) => Effect.Effect<void, BusUnavailable>
  readonly subscribe: (
    pattern: string,
    durable: string,
    options: SubscribeOptions,
    sink: (delivery: Delivery) => void
  ) => Effect.Effect<void, BusUnavailable, Scope.Scope>
}

/** The server takes nanoseconds. */
const nanos = (millis: number): number => millis * 1_000_000

const ask = <A>(run: () => Promise<A>): Effect.Effect<A, BusUnavailable> =>
  Effect.tryPromise({ try: run, catch: unavailable })

/** Makes the stream, or adds the subjects to the one that is there. */
const ensureStream = async (manager: JetStreamManager, config: JetStreamConfig, names: Names): Promise<void> => {
  const subjects = [...config.subjects, `${config.deadLetters}.>`].map(names.outer)
  const known = await manager.streams.info(config.stream).catch(() => undefined)
  if (known === undefined) {
    await manager.streams.add({
      name: config.stream,
      subjects,
      storage: config.storage === "file" ? StorageType.File : StorageType.Memory,
      num_replicas: config.replicas,
      max_bytes: config.maxBytes,
      max_age: nanos(config.maxAgeMillis)
    })
    return
  }
  const more = subjects.filter((subject) => !known.config.subjects.some((one) => one === subject))
  if (more.length > 0)
    await manager.streams.update(config.stream, { ...known.config, subjects: [...known.config.subjects, ...more] })
}

export const make = Effect.fnUntraced(function* (link: Link, config: JetStreamConfig, names: Names) {
  const { connection } = link
  const manager = yield* ask(() => jetstreamManager(connection))
  yield* ask(() => ensureStream(manager, config, names))
  const client: JetStreamClient = jetstream(connection)

  const publish = (subject: string, bytes: Uint8Array, headers: MsgHdrs) =>
    Effect.asVoid(ask(() => client.publish(subject, bytes, { headers, retries: 1 })))

  /** Stores it below the subject of dead letters, with the headers it came with. */
  const bury = (subject: string, message: JsMsg, reason: string): Effect.Effect<void> =>
    ask(async () => {
      const { headers } = message
      // the id of the original would be dropped as a duplicate
      headers?.set("Nats-Msg-Id", `dead-${headers.get("Nats-Msg-Id")}`)
      const to = names.outer(`${config.deadLetters}.${subject}`)
      await client.publish(to, message.data, headers === undefined ? {} : { headers })
      message.term(reason.replaceAll(/\s+/g, " ").slice(0, 200))
    }).pipe(Effect.catch(() => Effect.sync(() => message.nak(config.retryDelayMillis))))

  const subscribe: Durable["subscribe"] = Effect.fnUntraced(function* (pattern, durable, { maxPending }, sink) {
    const clock = yield* Clock.Clock
    const name = Subject.sanitize(durable)
    yield* ask(() =>
      manager.consumers.add(config.stream, {
        durable_name: name,
        filter_subject: names.outer(pattern),
        ack_policy: AckPolicy.Explicit,
        deliver_policy: DeliverPolicy.New,
        ack_wait: nanos(config.ackWaitMillis),
        // counted here, so that an event that kills its process becomes a dead letter, too
        max_deliver: -1,
        max_ack_pending: maxPending
      })
    )
    const unsettled = new Set<JsMsg>()
    const settling = (message: JsMsg, subject: string): Settlement => {
      const once = (tell: Effect.Effect<void>): Effect.Effect<void> =>
        Effect.suspend(() => (unsettled.delete(message) ? tell : Effect.void))
      return {
        ack: once(Effect.sync(() => message.ack())),
        retry: once(Effect.sync(() => message.nak(config.retryDelayMillis))),
        dead: (reason) => once(bury(subject, message, reason)),
        isLast: message.info.deliveryCount >= config.maxDeliver
      }
    }
    const run = Effect.runForkWith(yield* Effect.context<never>())
    const source: Source<JsMsg> = {
      unnamed: ({ info, seq }) => `${info.stream}-${seq}`,
      respond: undefined
    }
    const callback = (message: JsMsg): void => {
      const subject = names.inner(message.subject)
      unsettled.add(message)
      const settle = settling(message, subject)
      const attempt = message.info.deliveryCount
      if (attempt > config.maxDeliver) return void run(settle.dead("its process ended each time"))
      sink(new Arrived(source, subject, message, clock.currentTimeMillisUnsafe(), attempt, settle))
    }
    yield* Effect.acquireRelease(
      ask(async () => {
        const consumer = await client.consumers.get(config.stream, name)
        return consumer.consume({ max_messages: maxPending, callback })
      }),
      (messages) =>
        Effect.ignore(
          Effect.tryPromise(async () => {
            messages.stop()
            // what was not begun or not finished is for whoever comes next
            for (const message of unsettled) message.nak()
            unsettled.clear()
            if (link.isUp) await connection.flush()
          })
        )
    )
    // what waits here or runs long is not lost, and not to be delivered again
    const alive = Effect.sync(() => {
      for (const message of unsettled) message.working()
    })
    yield* Effect.forkScoped(
      Effect.forever(Effect.andThen(Effect.sleep(Duration.millis(config.ackWaitMillis / 3)), alive))
    )
  })

  const stored = [...config.subjects, `${config.deadLetters}.>`]
  const durable: Durable = {
    stores: (subject) => stored.some((pattern) => Subject.matches(pattern, subject)),
    publish,
    subscribe
  }
  return durable
})
