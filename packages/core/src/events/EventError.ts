/** What can go wrong with events. Nothing of it ends a subscriber that did not ask for it. */
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"

/** A payload does not fit the Schema of its event. */
export class EventPayloadInvalid extends Errors.make<EventPayloadInvalid>()(
  "EventPayloadInvalid",
  { component: "events", code: "EVENT_PAYLOAD_INVALID", status: 422 },
  {
    subject: Schema.String,
    /** `publish`: the sender's value; `receive`: what came; `reply`: the answer to a request. */
    at: Schema.Literals(["publish", "receive", "reply"]),
    /** What does not fit, and where; without the value. */
    issue: Schema.String
  }
) {
  override get message(): string {
    const what = { publish: "The payload to publish", receive: "A payload received", reply: "The reply" }[this.at]
    return `${what} at "${this.subject}" does not fit its Schema: ${this.issue}`
  }
}

/** The payload is larger than the bus carries. */
export class EventTooLarge extends Errors.make<EventTooLarge>()(
  "EventTooLarge",
  { component: "events", code: "EVENT_TOO_LARGE", status: 413 },
  {
    subject: Schema.String,
    bytes: Schema.Number,
    maxBytes: Schema.Number
  }
) {
  override get message(): string {
    return `The event at "${this.subject}" has ${this.bytes} bytes and the bus carries ${this.maxBytes}: publish a reference to the data instead.`
  }
}

/** The bus cannot be reached, or is closed. A publish that fails with it may have happened when the connection broke meanwhile. */
export class BusUnavailable extends Errors.make<BusUnavailable>()(
  "BusUnavailable",
  { component: "events", code: "EVENT_BUS_UNAVAILABLE", status: 503, retryable: true },
  {
    bus: Schema.String,
    reason: Schema.String
  }
) {
  override get message(): string {
    return `The event bus "${this.bus}" is not available: ${this.reason}. It reconnects by itself; try again later.`
  }
}

/** The bus cannot do what was asked of it, ever. */
export class BusUnsupported extends Errors.make<BusUnsupported>()(
  "BusUnsupported",
  { component: "events", code: "EVENT_BUS_UNSUPPORTED", status: 501 },
  {
    bus: Schema.String,
    feature: Schema.String
  }
) {
  override get message(): string {
    return `The event bus "${this.bus}" has no ${this.feature}: use a bus that has, or do without.`
  }
}

/** Nobody is subscribed to the subject of a request: known at once, without waiting for the deadline. */
export class NoResponders extends Errors.make<NoResponders>()(
  "NoResponders",
  { component: "events", code: "EVENT_NO_RESPONDERS", status: 503, retryable: true },
  { subject: Schema.String }
) {
  override get message(): string {
    return `Nobody answers requests at "${this.subject}".`
  }
}

/** Nobody has answered in time. The request may still be handled. */
export class RequestTimeout extends Errors.make<RequestTimeout>()(
  "RequestTimeout",
  { component: "events", code: "EVENT_REQUEST_TIMEOUT", status: 504 },
  {
    subject: Schema.String,
    millis: Schema.Number
  }
) {
  override get message(): string {
    return `No answer to the request at "${this.subject}" within ${this.millis} ms; it may still be handled.`
  }
}

/** The responder broke, or could not read the request. What it was is in its log, under `reference`. */
export class ResponderFailed extends Errors.make<ResponderFailed>()(
  "ResponderFailed",
  { component: "events", code: "EVENT_RESPONDER_FAILED", status: 502 },
  {
    subject: Schema.String,
    reason: Schema.String,
    reference: Schema.String
  }
) {
  override get message(): string {
    return `The responder at "${this.subject}" failed: ${this.reason} (reference ${this.reference}).`
  }
}

/** The subscriber has asked for an end when it is too slow (`whenFull: "fail"`), and was. */
export class SubscriberTooSlow extends Errors.make<SubscriberTooSlow>()(
  "SubscriberTooSlow",
  { component: "events", code: "EVENT_SUBSCRIBER_TOO_SLOW", status: 503 },
  {
    pattern: Schema.String,
    maxPending: Schema.Number
  }
) {
  override get message(): string {
    return `${this.maxPending} events at "${this.pattern}" were waiting and one more came: handle them faster, or choose what to drop.`
  }
}

/** A handler took longer than its timeout and was interrupted. */
export class HandlerTimeout extends Errors.make<HandlerTimeout>()(
  "HandlerTimeout",
  { component: "events", code: "EVENT_HANDLER_TIMEOUT", status: 504 },
  {
    subject: Schema.String,
    millis: Schema.Number
  }
) {
  override get message(): string {
    return `A handler of "${this.subject}" was interrupted after ${this.millis} ms.`
  }
}
