/** Health as a plugin: routes for load balancers, for Prometheus and for people. */
import * as Contribution from "@mortise/core/app/Contribution"
import * as Drain from "@mortise/core/app/Drain"
import { Checks } from "@mortise/core/app/Health"
import * as Plugin from "@mortise/core/app/Plugin"
import { HttpHost } from "@mortise/core/http/HttpHost"
import { routes } from "@mortise/core/http/HttpPlugin"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as BuildInfo from "./BuildInfo.ts"
import { HealthConfig } from "./HealthConfig.ts"
import * as HealthPages from "./HealthPages.ts"
import * as Metrics from "./Metrics.ts"
import * as Readiness from "./Readiness.ts"

/** What the app says of itself at `/info` and in `mortise_build_info`. */
export interface HealthOptions {
  readonly build?: Partial<Omit<BuildInfo.BuildInfo, "node">>
}

/**
 * Answers `/live`, `/ready`, `/info` and `/metrics` at the HTTP host, configured under `health`. `/ready` is 503 while a
 * check that a plugin has contributed fails, and from the moment on in which the app begins to stop.
 */
export const health = Plugin.define({
  name: "health",
  options: Plugin.options<HealthOptions>(),
  config: HealthConfig,
  provides: [Readiness.Readiness, HealthPages.HealthPages],
  requires: [HttpHost],
  layer: ({ config, options }) => {
    const pages = Effect.gen(function* () {
      const readiness = yield* Readiness.Readiness
      const build = BuildInfo.make(options.build)
      const metrics = yield* Metrics.make(readiness, build)
      if (config.drainDelayMillis > 0) {
        yield* Drain.add("health says so", Effect.sleep(config.drainDelayMillis), { phase: "announce" })
      }
      return HealthPages.make(config, { build, metrics, report: readiness.report })
    })
    return Layer.provideMerge(
      Layer.effect(HealthPages.HealthPages, pages),
      Layer.effect(Readiness.Readiness, Readiness.make(config))
    )
  },
  contributes: [routes(Effect.map(HealthPages.HealthPages, (pages) => pages.routes))],
  hosts: [Contribution.host(Checks, (checks) => Effect.flatMap(Readiness.Readiness, ({ watch }) => watch(checks)))]
})
