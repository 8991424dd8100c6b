/**
 * What an event is on a bus, whoever carries it. docs/events.md says how it stands on NATS: the payload is the body, the
 * rest are headers, and every header may be missing.
 */
import * as Schema from "effect/Schema"

export const Envelope = Schema.Struct({
  /** Unique among all events; buses use it to drop what was published twice. */
  id: Schema.String,
  subject: Schema.String,
  /** When it was published, milliseconds since 1970 on the publisher's clock. */
  time: Schema.Number,
  /** One for everything that came of one cause: the id of the first event unless somebody chose another. */
  correlationId: Schema.String,
  /** Id of the event whose handler published this one. */
  causationId: Schema.UndefinedOr(Schema.String),
  /** Version of the event's Schema, from 1. */
  version: Schema.Number,
  /** The payload in its encoded form: plain JSON. */
  payload: Schema.Unknown
})
export type Envelope = typeof Envelope.Type

/**
 * An envelope with its payload decoded, as handlers get it. Its fields are read when somebody looks at them, which is why
 * `{ ...event }` does not have them: `copy(event)` does.
 */
export interface Received<out Payload, out At = {}> extends Omit<Envelope, "payload"> {
  readonly payload: Payload
  /** What stood in the place of each `{name}` of the event's subject. */
  readonly at: At
  /** 1, and more where a durable bus delivers it again. */
  readonly attempt: number
}

/** A plain object with everything that the event says. */
export const copy = <Payload, At>(event: Received<Payload, At>): Received<Payload, At> => ({
  id: event.id,
  subject: event.subject,
  time: event.time,
  correlationId: event.correlationId,
  causationId: event.causationId,
  version: event.version,
  payload: event.payload,
  at: event.at,
  attempt: event.attempt
})
