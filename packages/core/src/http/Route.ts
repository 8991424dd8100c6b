/**
 * What may be registered at the HTTP host: routes, upgrades, and the error of registering the same place twice.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS"

/**
 * Answers one request. An Effect runs as one fiber, is interrupted when the client goes away, and its failure or defect
 * is answered with a 500 that carries a correlation id; the detail goes to the log only.
 */
export type RouteHandler = (request: IncomingMessage, response: ServerResponse) => void | Effect.Effect<void, unknown>

/** One method at one place. `GET` answers `HEAD` too unless `HEAD` has a route of its own. */
export interface Route {
  readonly method: Method | "*"
  /** An exact path (`/health`), or everything below one (`/files/*`). Compared with the request's path as it was sent. */
  readonly path: `/${string}`
  readonly handler: RouteHandler
}

/** An upgrade request that reached its path with the right protocol; answered by exactly one of `accept` and `refuse`. */
export interface UpgradeRequest {
  readonly request: IncomingMessage
  readonly socket: Socket
  readonly secure: boolean
  /**
   * Answers 101 with these headers (`Connection` and `Upgrade` are added) and gives the socket away, free of the HTTP
   * server's timeouts. Bytes that came with the request are the first that the socket gives.
   */
  readonly accept: (headers: Readonly<Record<string, string>>) => Socket
  /** Answers with an HTTP status and a plain text body, then closes. */
  readonly refuse: (status: number, message: string, headers?: Readonly<Record<string, string>>) => void
}

/** Takes connections away from HTTP at one exact path. */
export interface Upgrade {
  /** For people: what listens there, for example `websocket`. */
  readonly name: string
  readonly path: `/${string}`
  /** Token of the `Upgrade` header, lower case: `websocket`. */
  readonly protocol: string
  /** Scheme of its address: `ws` gives `ws://…` and, over TLS, `wss://…`. */
  readonly scheme: string
  readonly handler: (upgrade: UpgradeRequest) => void
}

/** Two registrations want the same method and path of one HTTP host. */
export class RouteConflict extends Errors.make<RouteConflict>()(
  "RouteConflict",
  { component: "http", code: "HTTP_ROUTE_CONFLICT", status: 500 },
  {
    kind: Schema.Literals(["route", "upgrade", "files", "fallback"]),
    method: Schema.String,
    path: Schema.String,
    /** Plugin that came second, where plugins registered. */
    plugin: Schema.optionalKey(Schema.String)
  }
) {
  override get message(): string {
    const what = `${this.kind} ${this.method} ${this.path}${this.plugin === undefined ? "" : ` of the plugin ${this.plugin}`}`
    return `${what} is registered already at this HTTP host. Give one of the two another path.`
  }
}
