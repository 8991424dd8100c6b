/** The bus of one process: what is published is in the inboxes of all subscribers when `publish` is done. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Answer, type Broker, type Delivery, type Outgoing, unread } from "./Broker.ts"
import { EventBus, make } from "./EventBus.ts"
import { BusUnsupported, NoResponders, RequestTimeout } from "./EventError.ts"
import { type Member, SubjectTrie } from "./internal/SubjectTrie.ts"

interface Subscription extends Member {
  readonly sink: (delivery: Delivery) => void
}

const deliveryOf = (event: Outgoing, reply: Delivery["reply"]): Delivery => ({
  id: event.id,
  subject: event.subject,
  time: event.time,
  correlationId: event.correlationId,
  causationId: event.causationId,
  version: event.version,
  payload: event.payload,
  value: event.value,
  codec: event.codec,
  attempt: 1,
  malformed: undefined,
  reply,
  settle: undefined,
  last: unread()
})

/** A broker of its own: buses on one broker hear of each other. */
export const broker = (name = "in-process"): Broker => {
  const trie = new SubjectTrie<Subscription>()
  const watchers = new Set<() => void>()
  const changed = (): void => {
    for (const watcher of watchers) watcher()
  }
  /** Gives the number of subscriptions that it went to. */
  const deliver = (event: Outgoing, reply: Delivery["reply"]): number => {
    const { each, groups } = trie.match(event.subject)
    if (each.length === 0 && groups.length === 0) return 0
    const delivery = deliveryOf(event, reply)
    for (const { sink } of each) sink(delivery)
    for (const group of groups) group.members[group.next++ % group.members.length]?.sink(delivery)
    return each.length + groups.length
  }
  return {
    name,
    publish: (event) => {
      deliver(event, undefined)
      return Effect.void
    },
    subscribe: (pattern, { durable, group }, sink) =>
      durable !== undefined
        ? Effect.fail(new BusUnsupported({ bus: name, feature: "durable subscriptions" }))
        : Effect.asVoid(
            Effect.acquireRelease(
              Effect.sync(() => {
                const subscription = { pattern, group, sink }
                trie.add(subscription)
                changed()
                return subscription
              }),
              (subscription) =>
                Effect.sync(() => {
                  trie.remove(subscription)
                  changed()
                })
            )
          ),
    request: (event, timeoutMillis) =>
      Effect.suspend((): Effect.Effect<Answer, NoResponders | RequestTimeout> => {
        const answer = Deferred.makeUnsafe<Answer>()
        const reply: Delivery["reply"] = (given) => Effect.asVoid(Deferred.succeed(answer, given))
        return deliver(event, reply) === 0
          ? Effect.fail(new NoResponders({ subject: event.subject }))
          : Effect.timeoutOrElse(Deferred.await(answer), {
              duration: timeoutMillis,
              orElse: () => Effect.fail(new RequestTimeout({ subject: event.subject, millis: timeoutMillis }))
            })
      }),
    interest: {
      has: (subject) => {
        const { each, groups } = trie.match(subject)
        return each.length > 0 || groups.length > 0
      },
      listen: (watcher) => {
        watchers.add(watcher)
        return () => void watchers.delete(watcher)
      }
    }
  }
}

/** A bus of this process alone. Nothing to configure, nothing durable. */
export const layer: Layer.Layer<EventBus> = Layer.effect(
  EventBus,
  Effect.suspend(() => make(broker()))
)
