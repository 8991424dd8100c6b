/**
 * Owns the one HTTP server of an app: routes, upgrades, static files and an app of `effect/http` share its port.
 *
 * Everything is registered first and `listen` comes last, so that no request meets a server that is half furnished.
 * A registration lives as long as its scope. A request goes to the first of: an exact route, a prefix route (the longest
 * first), a static file, the fallback; else it is answered with 404, or 405 when only the method is wrong.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { TransportError } from "../transport/Transport.ts"
import { makeHost } from "./internal/host.ts"
import type { Route, RouteConflict, RouteHandler, Upgrade } from "./Route.ts"
import type { StaticFilesOptions } from "./StaticFiles.ts"

export interface HttpHostOptions {
  /** Address to listen at; default `127.0.0.1`, which only this machine reaches. `0.0.0.0` and `::` are all interfaces. */
  readonly host?: string
  /** Port; default 3000, 0 takes any free one. */
  readonly port?: number
  /** Largest request head, in bytes; more is answered with 431. Default 16 KiB. */
  readonly maxHeaderBytes?: number
  /** Time for a request's head to arrive, in milliseconds; default 10 s. Later is answered with 408. */
  readonly headersTimeoutMillis?: number
  /** Time for a whole request to arrive, in milliseconds; default 60 s, 0 is no limit. */
  readonly requestTimeoutMillis?: number
  /** How long an idle connection is kept for its next request, in milliseconds; default 5 s. */
  readonly keepAliveTimeoutMillis?: number
  /** How often late requests are looked for, in milliseconds; default 1 s. */
  readonly timeoutCheckMillis?: number
  /** Time that running requests get when the host closes, in milliseconds; default 2 s. */
  readonly closeTimeoutMillis?: number
}

/** One thing that can be reached, for the banner. */
export interface Endpoint {
  readonly name: string
  readonly address: string
}

export interface HttpHostShape {
  readonly route: (route: Route) => Effect.Effect<void, RouteConflict, Scope.Scope>
  readonly upgrade: (upgrade: Upgrade) => Effect.Effect<void, RouteConflict, Scope.Scope>
  readonly files: (options: StaticFilesOptions) => Effect.Effect<void, RouteConflict, Scope.Scope>
  /** Answers what no route and no file took; there is at most one. */
  readonly fallback: (handler: RouteHandler) => Effect.Effect<void, RouteConflict, Scope.Scope>
  /** Listens until the scope closes; gives the address, for people (`http://127.0.0.1:3000`). */
  readonly listen: Effect.Effect<string, TransportError, Scope.Scope>
  /** The address while it listens. With a scheme and a path, the address of that: `address("ws", "/ws")`. */
  readonly address: (scheme?: string, path?: string) => string | undefined
  /** The host itself and every upgrade, while it listens. */
  readonly endpoints: () => ReadonlyArray<Endpoint>
  /** Frees the port and refuses upgrades with 503; connections go once they have their answer. Returns at once. */
  readonly stopAccepting: Effect.Effect<void>
  /** Stops accepting; done when no request runs. */
  readonly drain: Effect.Effect<void>
}

export class HttpHost extends Context.Service<HttpHost, HttpHostShape>()("@mortise/core/http/HttpHost") {}

/** A host that does not listen yet; what it still holds is cut off when the scope closes. */
export const make = (options: HttpHostOptions = {}): Effect.Effect<HttpHostShape, never, Scope.Scope> =>
  makeHost(options)

/** The service; somebody has to run `listen` when everything is registered. */
export const layer = (options: HttpHostOptions = {}): Layer.Layer<HttpHost> => Layer.effect(HttpHost, make(options))
