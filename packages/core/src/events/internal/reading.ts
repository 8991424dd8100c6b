/** Turns what a broker delivers into what a subscriber gets. */
import * as Result from "effect/Result"
import type { Delivery } from "../Broker.ts"
import { copy, type Received } from "../Envelope.ts"
import * as Event from "../Event.ts"
import { EventPayloadInvalid } from "../EventError.ts"

type AnyEvent = Pick<Event.Event<string, unknown>, "subject" | "places" | "payload">

/** Says what the delivery says. Brokers that carry headers read them at the first look. */
class ReceivedEvent implements Received<unknown> {
  readonly payload: unknown
  readonly at: Readonly<Record<string, string>>
  private readonly delivery: Delivery

  constructor(delivery: Delivery, payload: unknown, at: Readonly<Record<string, string>>) {
    this.delivery = delivery
    this.payload = payload
    this.at = at
  }
  get id(): string {
    return this.delivery.id
  }
  get subject(): string {
    return this.delivery.subject
  }
  get time(): number {
    return this.delivery.time
  }
  get correlationId(): string {
    return this.delivery.correlationId
  }
  get causationId(): string | undefined {
    return this.delivery.causationId
  }
  get version(): number {
    return this.delivery.version
  }
  get attempt(): number {
    return this.delivery.attempt
  }
  /** As logs and `JSON.stringify` show it. */
  toJSON(): Received<unknown> {
    return copy(this)
  }
}

const received = (delivery: Delivery, payload: unknown, at: Readonly<Record<string, string>>): Received<unknown> =>
  new ReceivedEvent(delivery, payload, at)

/** The event as its bytes say, whatever they mean. */
export const raw = (delivery: Delivery): Received<unknown> => received(delivery, delivery.payload, {})

const malformed = (delivery: Delivery): EventPayloadInvalid =>
  new EventPayloadInvalid({ subject: delivery.subject, at: "receive", issue: delivery.malformed ?? "" })

/** Reads events for one subscription; the error says why one cannot be read. */
export const reader = (
  event: AnyEvent | undefined
): ((delivery: Delivery) => Received<unknown> | EventPayloadInvalid) => {
  if (event === undefined) {
    return (delivery) => (delivery.malformed === undefined ? raw(delivery) : malformed(delivery))
  }
  const { payload } = event
  return (delivery) => {
    if (delivery.malformed !== undefined) return malformed(delivery)
    // most events have several subscribers of one event: what they get is made once
    const { last } = delivery
    if (last.event === payload && last.subject === event.subject) return last.received as Received<unknown>
    const at = Event.placesIn(event, delivery.subject)
    if ((delivery.codec as unknown) === payload) {
      last.event = payload
      last.subject = event.subject
      return (last.received = received(delivery, delivery.value, at))
    }
    const decoded = Event.decode(payload, delivery.subject, "receive", delivery.payload)
    return Result.isSuccess(decoded) ? received(delivery, decoded.success, at) : decoded.failure
  }
}
