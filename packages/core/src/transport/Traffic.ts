/**
 * Counts what moves through the gateway: connections, messages and bytes of each transport, and how long handlers take.
 * For whoever shows numbers, such as the health plugin.
 *
 * Nothing is counted until somebody asks: connections that were opened before `record` are not in the numbers. Counters
 * are plain fields, read whenever they are wanted; nothing is ever taken back. What is keyed is bounded: by the names of
 * listeners and of messages that contracts have, never by what a client sends.
 *
 * @example
 * const traffic = yield* Traffic.record
 * const seen = traffic.transports.get("websocket")?.messagesReceived ?? 0
 */
import * as Effect from "effect/Effect"
import { Observers } from "./Observers.ts"
import type { Connection } from "./Transport.ts"

/** What moved over one transport, since recording began. A message is one envelope: hello and control count too. */
export class TransportTraffic {
  /** Connections that were taken. */
  opened = 0
  messagesReceived = 0
  messagesSent = 0
  /** Bytes of frames, without what a transport puts around them. */
  bytesReceived = 0
  bytesSent = 0
  /** The connections that stand. */
  readonly connections = new Set<Connection>()

  /** Bytes that wait to be taken by the kernel, of all connections that stand. */
  get pendingBytes(): number {
    let bytes = 0
    for (const connection of this.connections) bytes += connection.pendingBytes()
    return bytes
  }
}

/** Upper bounds of the buckets of handler times, in seconds; one more bucket holds what took longer. */
export const bucketBounds: ReadonlyArray<number> = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
]

/**
 * How a message ended: `success`; `error`, one that its contract declares; `refused`, before its handler ran (a payload
 * that does not fit, or no right to say it); `interrupted` by a deadline, the client or the end of its connection; `defect`.
 */
export type Outcome = "success" | "error" | "refused" | "interrupted" | "defect"

/** How the messages of one name were handled, since recording began. */
export class HandlerTraffic {
  /** The whole name, `chat.say`. */
  readonly message: string
  readonly outcomes: Record<Outcome, number> = { success: 0, error: 0, refused: 0, interrupted: 0, defect: 0 }
  /** Handlers that have ended, by `bucketBounds`; each is in one bucket. Streamed answers and what was refused are not. */
  readonly buckets = new Float64Array(bucketBounds.length + 1)
  /** Time of all of those together, in seconds. */
  seconds = 0

  constructor(message: string) {
    this.message = message
  }

  took(seconds: number): void {
    let i = 0
    while (i < bucketBounds.length && seconds > (bucketBounds[i] as number)) i++
    this.buckets[i] = (this.buckets[i] as number) + 1
    this.seconds += seconds
  }
}

/** What one gateway has counted; several of one app share one. */
export class Traffic {
  /** By the name of the listener. */
  readonly transports = new Map<string, TransportTraffic>()
  /** By the whole name of the message. */
  readonly handlers = new Map<string, HandlerTraffic>()

  transport(name: string): TransportTraffic {
    let found = this.transports.get(name)
    if (found === undefined) this.transports.set(name, (found = new TransportTraffic()))
    return found
  }
  handler(message: string): HandlerTraffic {
    let found = this.handlers.get(message)
    if (found === undefined) this.handlers.set(message, (found = new HandlerTraffic(message)))
    return found
  }
}

/** Begins to count from the next connection on, and gives the counters; those that stand already, where counting has begun. */
export const record: Effect.Effect<Traffic> = Effect.map(
  Observers,
  (observers) => (observers.traffic ??= new Traffic())
)
