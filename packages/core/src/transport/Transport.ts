/**
 * What moves frames: the contract that every transport implements and that the gateway and the client stand on.
 *
 * A transport knows nothing of messages, schemas, auth or rooms. It is synchronous on the data path (no fiber, no
 * allocation per frame that can be helped) and an Effect on the lifecycle path. `TransportKit` holds it to this text.
 */
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Errors from "../app/Errors.ts"

/** A transport could not do what it was asked; `reason` is stable, `message` says what to do. */
export class TransportError extends Errors.make<TransportError>()(
  "TransportError",
  {
    component: "transport",
    prefix: "TRANSPORT",
    reasons: {
      listen: { status: 500 },
      connect: { status: 503, retryable: true },
      refused: { status: 503 },
      closed: { status: 500 },
      "frame-too-large": { status: 413 },
      timeout: { status: 504, retryable: true },
      "unknown-transport": { status: 500 }
    }
  },
  {
    reason: Schema.Literals([
      "listen",
      "connect",
      "refused",
      "closed",
      "frame-too-large",
      "timeout",
      "unknown-transport"
    ]),
    transport: Schema.String,
    message: Schema.String
  }
) {}

/** What a transport promises; the kits read it, so that nothing is skipped silently. */
export interface Capabilities {
  /** Frames arrive in the order in which they were sent. */
  readonly ordered: boolean
  /** A frame that was `sent` arrives unless the connection closes. */
  readonly reliable: boolean
  /** Either side may send at any time. */
  readonly duplex: boolean
  /** Text frames are told apart from binary ones on the wire, as WebSocket does. */
  readonly text: boolean
  /** The peer's `onClose` is given the code and the reason of `close`; elsewhere it gets 1000, as from a bare FIN. */
  readonly closeCodes: boolean
  /** Largest frame, in bytes, that the transport takes and delivers. */
  readonly maxFrameBytes: number
}

/** What is known of a peer before its connection is taken: enough to admit or refuse it. */
export interface PeerInfo {
  /** Name of the listener it came through. */
  readonly transport: string
  /** The peer's address; the socket's path for Unix sockets. */
  readonly address: string
  readonly secure: boolean
  /** Header names in lower case; empty where the transport has none. */
  readonly headers: ReadonlyMap<string, string>
  /** Path and query of an upgrade request; empty elsewhere. */
  readonly path: string
  readonly origin: string | undefined
}

/** `binary` and `text` differ on the wire only where {@link Capabilities.text} says so. */
export type FrameKind = "binary" | "text"

/**
 * `sent`: queued under the high-water mark. `full`: queued, but wait for `onDrain` before sending more.
 * `refused`: nothing was taken, because the connection is closed, the frame is over the limit or the queue is at its bound.
 */
export type SendResult = "sent" | "full" | "refused"

/**
 * Writes one frame's bytes into `target` from `at` on and returns how many it wrote. A negative number takes the frame
 * back: nothing is queued and the answer is `refused`. Must not throw.
 */
export type EncodeInto = (target: Uint8Array, at: number) => number

/**
 * Codes given to `close` and `onClose`: those of RFC 6455 §7.4.1 and its registry, on every transport.
 * 1000 normal, 1001 going away, 1002 protocol error, 1006 lost without a word, 1007 invalid UTF-8, 1008 policy,
 * 1009 frame too large, 1011 internal error, 1013 try again later.
 */
export type CloseCode = number

export interface Connection {
  /** Unique within the process. */
  readonly id: string
  readonly peer: PeerInfo
  /** Takes ownership: the frame must not change afterwards. One array may be sent to many connections. */
  readonly send: (frame: Uint8Array, kind: FrameKind) => SendResult
  /**
   * Encodes straight into this turn's output. `maxBytes` bounds what `encode` may write, `expectedBytes` is the likely
   * size (lets WebSocket pick its header before the length is known, and is what the bounds are checked against). Where
   * the answer would be `refused`, `encode` is not called, but for a frame that turns out over the limit once written.
   */
  readonly write: (maxBytes: number, expectedBytes: number, encode: EncodeInto, kind: FrameKind) => SendResult
  /** Bytes accepted and not yet taken by the kernel. */
  readonly pendingBytes: () => number
  /** After it returns no `onFrame` is called, not even for the rest of the chunk, until `resume`. Idempotent. */
  readonly pause: () => void
  /** Delivers what was held back, starting before it returns unless called from within `onFrame`. Idempotent. */
  readonly resume: () => void
  /**
   * Flushes what is queued, tells the peer, then closes. No `onFrame` is called and no send taken any more; `onClose`
   * follows exactly once, in a later turn, with the code and reason given here. Idempotent: the first call counts.
   */
  readonly close: (code: CloseCode, reason: string) => void
}

/** Called synchronously by the transport, never after `onClose`. A call that throws closes that connection with 1011, no other. */
export interface ConnectionHandler {
  /**
   * One whole frame: `bytes` from `start` up to `end`. The bytes belong to the transport and are valid during the call
   * only; whatever is kept must be copied (they may be a Buffer, whose `slice` is no copy). Offsets instead of a view: a view costs more than checking a small frame.
   */
  readonly onFrame: (bytes: Uint8Array, start: number, end: number, kind: FrameKind) => void
  /** After a `full`: the queue is below the high-water mark again. */
  readonly onDrain: () => void
  /** Exactly once, last. */
  readonly onClose: (code: CloseCode, reason: string) => void
}

export type Admission = Accept | Refuse
export interface Accept {
  readonly _tag: "Accept"
  /** Called once the connection stands, before its first frame. */
  readonly open: (connection: Connection) => ConnectionHandler
}
export interface Refuse {
  readonly _tag: "Refuse"
  /** HTTP status where the transport can say one (before the upgrade); others close the connection. */
  readonly status: number
  readonly reason: string
  readonly retryAfterMillis?: number
}

/** Asked before a connection is taken: limits, address filters, origin and credentials live here. */
export type Admit = (peer: PeerInfo) => Effect.Effect<Admission>

/** The accepting side: what a transport layer contributes. */
export interface Listener {
  readonly name: string
  readonly capabilities: Capabilities
  /** Listens until the scope closes; gives the addresses, for people (`tcp://127.0.0.1:4000`). */
  readonly listen: (admit: Admit) => Effect.Effect<ReadonlyArray<string>, TransportError, Scope.Scope>
}

/** The connecting side: the same connection, seen from the client. */
export interface Connector {
  readonly name: string
  readonly capabilities: Capabilities
  /** Succeeds once the connection stands; it closes with the scope. */
  readonly connect: (
    open: (connection: Connection) => ConnectionHandler
  ) => Effect.Effect<Connection, TransportError, Scope.Scope>
}
