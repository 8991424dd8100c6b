/**
 * Mounts an app of `effect/http` at the HTTP host, where it answers what no route took. For a router:
 * `HttpRouter.toHttpEffect(routes)` gives such an app. Loaded only when used: the host does not depend on `effect/http`.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import type { HttpServerResponse } from "effect/http/HttpServerResponse"
import type * as Scope from "effect/Scope"
import { HttpHost } from "./HttpHost.ts"
import type { RouteConflict } from "./Route.ts"
import { fromWeb, type WebHandler } from "./WebHandler.ts"

type ToWebHandler = (app: Effect.Effect<HttpServerResponse, unknown, unknown>) => WebHandler

/** Runs with the services that are there when it is mounted; each request gets a scope of its own. */
export const mount = <E, R>(
  app: Effect.Effect<HttpServerResponse, E, R>
): Effect.Effect<void, RouteConflict, HttpHost | Scope.Scope | Exclude<R, HttpServerRequest | Scope.Scope>> =>
  Effect.gen(function* () {
    const host = yield* HttpHost
    const context = yield* Effect.context<Exclude<R, HttpServerRequest | Scope.Scope>>()
    const { toWebHandlerWith } = yield* Effect.promise(() => import("effect/http/HttpEffect"))
    // Its type asks for a second argument whenever R is generic; the context above holds all that R names.
    const handler = (toWebHandlerWith(context as Context.Context<R>) as ToWebHandler)(app)
    yield* host.fallback(fromWeb(handler))
  })
