/**
 * How envelopes become frames. Two wires are built in, `JsonWire` and `BinaryWire`; docs/wire.md has both byte by byte.
 * A wire of one's own is what speaks another system's protocol over the same contracts.
 */
import type * as Schema from "effect/Schema"
import type { Connection, FrameKind, SendResult } from "./Transport.ts"

/** The kinds of envelope, version 1. The numbers are the binary wire's first byte, the names the JSON wire's `kind`. */
export const Kind = {
  hello: 1,
  request: 2,
  response: 3,
  item: 4,
  input: 5,
  credit: 6,
  end: 7,
  cancel: 8,
  call: 9,
  signal: 10,
  event: 11,
  relay: 12,
  ack: 13,
  gap: 14,
  control: 15
} as const
export type KindName = keyof typeof Kind
export type Kind = (typeof Kind)[KindName]

/** Which of its three forms a `response` has. */
export const Outcome = { success: 0, error: 1, fault: 2 } as const
export type Outcome = (typeof Outcome)[keyof typeof Outcome]

/**
 * What the framework itself answers when a message cannot be served; the errors that a contract declares are not here.
 * Codes are stable.
 */
export type FaultCode =
  | "MALFORMED_FRAME"
  | "UNSUPPORTED_VERSION"
  | "UNSUPPORTED_KIND"
  | "UNSUPPORTED_META"
  | "UNKNOWN_MESSAGE"
  | "BAD_PAYLOAD"
  | "DUPLICATE_ID"
  | "DEADLINE_EXCEEDED"
  | "CANCELLED"
  | "NO_RECIPIENT"
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "RATE_LIMITED"
  | "UNAVAILABLE"
  | "INTERNAL"

export interface Fault {
  readonly code: FaultCode
  /** What happened, to what, and what to do. Never the detail of a defect. */
  readonly message: string
  /** Where in the payload, for `BAD_PAYLOAD`. */
  readonly path?: ReadonlyArray<string>
  /** For `INTERNAL`: what to look for in the server's log. */
  readonly reference?: string
  /** For `RATE_LIMITED`: when another try makes sense, in milliseconds. */
  readonly retryAfterMillis?: number
}

/** Key and value of one entry; keys that end in `-bin` carry bytes, all others UTF-8 text. A key that starts with `!` is critical. */
export type Meta = ReadonlyArray<readonly [key: string, value: string | Uint8Array]>

/** One message as the wires see it: payloads are encoded (plain data), names are not resolved. */
export interface Envelope {
  readonly kind: Kind
  /** Correlates requests with what answers them: 1 … 2³²−1, chosen by the asking side; 0 for none. */
  readonly id: number
  /** The message: its number in the hello table, or its full name (`chat.join`); 0 for none. */
  readonly message: number | string
  readonly outcome: Outcome
  readonly payload: unknown
  readonly meta: Meta | undefined
  /** Relays only: the wanted recipient on the way in, the sender that the server stamped on the way out. */
  readonly peer: string
}

/** A frame that is no envelope; the connection goes on, because the frame's bounds are known. */
export class Malformed {
  readonly _tag = "Malformed"
  readonly fault: Fault
  /** what could be read of the correlation, so that the sender can match the answer */
  readonly id: number
  constructor(code: FaultCode, message: string, id = 0) {
    this.fault = { code, message }
    this.id = id
  }
}

/** The coding of one connection; may keep state, which belongs to that connection. */
export interface WireSession {
  /**
   * Must not throw. A payload may still refer to `bytes` where the wire has a `coder`; it is then valid during the frame
   * only, and `keep` makes it last.
   */
  readonly decode: (bytes: Uint8Array, start: number, end: number, kind: FrameKind) => Envelope | Malformed
  /**
   * Encodes straight into the connection's output. `envelope` may be a scratch object: it must not be kept. What the
   * protocol has no words for is left out, and answered with `sent`.
   */
  readonly write: (connection: Connection, envelope: Envelope) => SendResult
  /** Encodes to a frame of its own, which may be sent to every connection of this wire. */
  readonly frame: (envelope: Envelope) => Uint8Array
  /** The same envelope, with a payload that outlives the frame. */
  readonly keep?: (envelope: Envelope) => Envelope
}

/** Turns payloads into values and back, for one message on one wire. */
export interface PayloadCoder {
  /** The value of a payload as this wire's sessions decode it. */
  readonly read: (payload: unknown) => unknown | InvalidPayload
  /** A value as this wire's sessions take it; valid until the next call. */
  readonly prepare: (value: unknown) => unknown | InvalidPayload
}

/** A value or a payload does not match its schema. */
export class InvalidPayload {
  readonly path: ReadonlyArray<string>
  readonly message: string
  /** The payload is not even well formed. */
  readonly malformed: boolean
  /** What the schema itself threw, where it did: a bug in it, whatever the payload. */
  readonly defect: unknown
  constructor(path: ReadonlyArray<string>, message: string, malformed = false, defect?: unknown) {
    this.path = path
    this.message = message
    this.malformed = malformed
    this.defect = defect
  }
}

/** Which side a session codes for: only relays look different from the two. */
export type Role = "server" | "client"

export interface Wire {
  readonly name: string
  /** Whether a connection whose first frame is this one speaks this wire. */
  readonly accepts: (bytes: Uint8Array, start: number, end: number, kind: FrameKind) => boolean
  /** The kind of frame that this wire sends. */
  readonly frameKind: FrameKind
  /**
   * How answers find their questions: by id; by order (then everything runs in sequence, whatever a message declares,
   * and refusals, too, wait for their turn); or there are none (then a session says nothing where it is given one).
   */
  readonly correlation: "id" | "order" | "none"
  /**
   * Whether a connection begins with a hello in both directions. One without is open from its first frame on, and where
   * a listener speaks no other wire from the beginning: its clients may only listen.
   */
  readonly hello: boolean
  /** Whether messages are numbers of the hello table (true) or full names (false). */
  readonly numbered: boolean
  /** The form that values of `schema` take as this wire's payloads: plain data in, plain data out. */
  readonly codec: (schema: Schema.Constraint) => Schema.Codec<unknown, unknown>
  /**
   * A quicker way than by plain data, for wires that have one. Its values and errors are those of `codec`; its payloads are
   * for this wire's own sessions, so a wire that borrows from another leaves it out.
   */
  readonly coder?: (schema: Schema.Constraint) => PayloadCoder
  /** A connection's session, on the serving or on the asking side. */
  readonly make: (role: Role) => WireSession
}

/** Versions of the envelope that this build speaks. */
export const versions = { min: 1, max: 1 } as const
