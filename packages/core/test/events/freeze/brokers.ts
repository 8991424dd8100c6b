/** Two brokers of different nature, written to see whether the contract fits both; see decision 0060. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { Turn } from "../../../src/app/Turn.ts"
import { type Answer, type Broker, type Delivery, type Outgoing, unread } from "../../../src/events/Broker.ts"
import { BusUnsupported, NoResponders, RequestTimeout } from "../../../src/events/EventError.ts"
import { matches } from "../../../src/events/Subject.ts"

interface Subscription {
  readonly pattern: string
  readonly group: string | undefined
  readonly sink: (delivery: Delivery) => void
}

/** The payload as bytes would have it: nothing of the publisher's objects gets through. */
const copied = (event: Outgoing, reply: Delivery["reply"]): Delivery => ({
  ...event,
  payload: JSON.parse(JSON.stringify(event.payload ?? null)),
  value: undefined,
  codec: undefined,
  attempt: 1,
  malformed: undefined,
  reply,
  settle: undefined,
  last: unread()
})

/** Whom an event is for: everybody without a group, and one of each group, in turns. */
const chosen = (subscriptions: ReadonlyArray<Subscription>, turn: number): ReadonlyArray<Subscription> => {
  const groups = Map.groupBy(
    subscriptions.filter(({ group }) => group !== undefined),
    ({ group }) => group
  )
  return [
    ...subscriptions.filter(({ group }) => group === undefined),
    ...[...groups.values()].flatMap((members) => members[turn % members.length] ?? [])
  ]
}

/** What both have in common: a list of subscriptions; `hand` brings an event to those that it is for. */
const onList = (
  name: string,
  hand: (event: Outgoing, reply: Delivery["reply"], to: ReadonlyArray<Subscription>, all: Set<Subscription>) => void
): Broker => {
  const all = new Set<Subscription>()
  let turn = 0
  const send = (event: Outgoing, reply: Delivery["reply"]): number => {
    const found = [...all].filter(({ pattern }) => matches(pattern, event.subject))
    hand(event, reply, chosen(found, turn++), all)
    return found.length
  }
  return {
    name,
    interest: undefined,
    publish: (event) => Effect.sync(() => void send(event, undefined)),
    subscribe: (pattern, { durable, group }, sink) =>
      durable !== undefined
        ? Effect.fail(new BusUnsupported({ bus: name, feature: "durable subscriptions" }))
        : Effect.asVoid(
            Effect.acquireRelease(
              Effect.sync(() => {
                const made = { pattern, group, sink }
                all.add(made)
                return made
              }),
              (made) => Effect.sync(() => void all.delete(made))
            )
          ),
    request: (event, millis) =>
      Effect.gen(function* () {
        const answer = yield* Deferred.make<Answer>()
        if (send(event, (given) => Effect.asVoid(Deferred.succeed(answer, given))) === 0)
          return yield* new NoResponders({ subject: event.subject })
        return yield* Effect.timeoutOrElse(Deferred.await(answer), {
          duration: millis,
          orElse: () => Effect.fail(new RequestTimeout({ subject: event.subject, millis }))
        })
      })
  }
}

/** Every event walks the list of all patterns, and is delivered within `publish`. */
export const scanningBroker = (): Broker =>
  onList("scanning", (event, reply, to) => {
    for (const { sink } of to) sink(copied(event, reply))
  })

/** Every event is appended to a log, which is read later, in another turn of the event loop. */
export const logBroker: Effect.Effect<Broker> = Effect.map(Turn, (turn) => {
  const log: Array<() => void> = []
  let scheduled = false
  const read = (): void => {
    scheduled = false
    for (const entry of log.splice(0)) entry()
  }
  return onList("log", (event, reply, to, all) => {
    log.push(() => {
      for (const one of to) if (all.has(one)) one.sink(copied(event, reply))
    })
    if (scheduled) return
    scheduled = true
    turn.schedule(read)
  })
})
