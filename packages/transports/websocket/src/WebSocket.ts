/**
 * The WebSocket transport (RFC 6455): a `Listener` on an upgrade of the HTTP host, with framing of its own that reads all
 * frames of a chunk at once and writes once per turn. Text and binary messages are frames of that kind.
 *
 * The subprotocol that was chosen stands in `PeerInfo.headers` under `sec-websocket-protocol`, in place of the client's list.
 */
import { HttpHost, type HttpHostShape } from "@mortise/core/http/HttpHost"
import { defaultMaxFrameBytes } from "@mortise/core/transport/Framing"
import { limitsOf, type OutboxLimits } from "@mortise/core/transport/Outbox"
import type { Listener } from "@mortise/core/transport/Transport"
import * as Effect from "effect/Effect"
import type { OriginRule } from "./internal/handshake.ts"
import { listen } from "./internal/listen.ts"

export type { OriginRule }

export interface WebSocketOptions {
  /** Name of the listener; default `websocket`. */
  readonly name?: string
  /** Default `/ws`. */
  readonly path?: `/${string}`
  /** What the server speaks; of a client's list the first that is known is chosen. Default: Mortise's two wires. */
  readonly subprotocols?: ReadonlyArray<string>
  /** Which pages of browsers may connect; default `same`. */
  readonly origin?: OriginRule
  /** Largest message in either direction, in bytes; more is answered with 1009. Default 1 MiB. */
  readonly maxFrameBytes?: number
  /** Bounds of each connection's output queue; what is missing comes from `Outbox.limitsOf`. */
  readonly limits?: Partial<OutboxLimits>
  /** Time for `admit` to decide, in milliseconds; later is answered with 503. Default 10 s. */
  readonly handshakeTimeoutMillis?: number
  /** Time for the peer to answer a close frame, in milliseconds; default 3 s. */
  readonly closeTimeoutMillis?: number
}

/** The options, complete. */
export interface Settings extends Required<WebSocketOptions> {
  readonly limits: OutboxLimits
}

/** Subprotocols of Mortise's wires: JSON for browsers and curl, binary for the rest. */
export const subprotocols: ReadonlyArray<string> = ["mortise.v1.json", "mortise.v1.binary"]

/** The listener on this host. Its address is known, and given by `listen`, only when the host listens already. */
export const listenerOn = (host: HttpHostShape, options: WebSocketOptions = {}): Listener => {
  const settings: Settings = {
    name: "websocket",
    path: "/ws",
    subprotocols,
    origin: "same",
    maxFrameBytes: defaultMaxFrameBytes,
    handshakeTimeoutMillis: 10_000,
    closeTimeoutMillis: 3_000,
    ...options,
    limits: limitsOf(options.limits, options.maxFrameBytes ?? defaultMaxFrameBytes)
  }
  return {
    name: settings.name,
    capabilities: {
      ordered: true,
      reliable: true,
      duplex: true,
      text: true,
      closeCodes: true,
      maxFrameBytes: settings.maxFrameBytes
    },
    listen: (admit) => listen(host, settings, admit)
  }
}

/** The listener on the app's host. */
export const listener = (options: WebSocketOptions = {}): Effect.Effect<Listener, never, HttpHost> =>
  Effect.map(HttpHost, (host) => listenerOn(host, options))
