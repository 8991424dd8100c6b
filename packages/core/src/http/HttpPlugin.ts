/** The HTTP host as a plugin: others contribute routes, files and upgrades, and it listens when all are there. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Contribution from "../app/Contribution.ts"
import * as Drain from "../app/Drain.ts"
import * as Listening from "../app/Listening.ts"
import * as Plugin from "../app/Plugin.ts"
import * as HttpHost from "./HttpHost.ts"
import { type Route, RouteConflict, type RouteHandler, type Upgrade } from "./Route.ts"
import type { StaticFilesOptions } from "./StaticFiles.ts"

/** One thing to register at the host; see the methods of `HttpHost`. */
export type Registration =
  | { readonly route: Route }
  | { readonly files: StaticFilesOptions }
  | { readonly upgrade: Upgrade }
  | { readonly fallback: RouteHandler }

/** Where plugins put what the HTTP host is to answer. */
export const Routes = Contribution.point<ReadonlyArray<Registration>>()("http.routes")

/** What the app's own plugin or another answers over HTTP: `contributes: [routes(Effect.succeed([{ files: … }]))]`. */
export const routes = <E, R>(registrations: Effect.Effect<ReadonlyArray<Registration>, E, R>) =>
  Contribution.contribute(Routes, registrations)

const register = (
  host: HttpHost.HttpHostShape,
  registration: Registration
): Effect.Effect<void, RouteConflict, Scope.Scope> => {
  if ("route" in registration) return host.route(registration.route)
  if ("files" in registration) return host.files(registration.files)
  if ("upgrade" in registration) return host.upgrade(registration.upgrade)
  return host.fallback(registration.fallback)
}

const Millis = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const config = Schema.Struct({
  host: Schema.optionalKey(Schema.NonEmptyString),
  port: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65535 }))),
  maxHeaderBytes: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1024))),
  headersTimeoutMillis: Schema.optionalKey(Millis),
  requestTimeoutMillis: Schema.optionalKey(Millis),
  keepAliveTimeoutMillis: Schema.optionalKey(Millis),
  closeTimeoutMillis: Schema.optionalKey(Millis)
}).pipe(Schema.withDecodingDefaultKey(Effect.succeed({})))

/** Provides `HttpHost`, configured under `http`, see `HttpHostOptions`. */
export const http = Plugin.define({
  name: "http",
  config,
  provides: [HttpHost.HttpHost],
  layer: ({ config }) => HttpHost.layer(config),
  hosts: [
    Contribution.host(Routes, (contributed, plugins) =>
      Effect.gen(function* () {
        const host = yield* HttpHost.HttpHost
        for (const [i, registrations] of contributed.entries()) {
          const plugin = plugins[i] ?? ""
          for (const registration of registrations) {
            yield* Effect.mapError(
              register(host, registration),
              ({ kind, method, path }) => new RouteConflict({ kind, method, path, plugin })
            )
          }
        }
        yield* host.listen
        for (const endpoint of host.endpoints()) yield* Listening.add(endpoint)
        yield* Drain.add("http stops accepting", host.stopAccepting, { phase: "refuse" })
        yield* Drain.add("http requests end", host.drain)
      })
    )
  ]
})
