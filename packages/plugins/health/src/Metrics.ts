/**
 * The numbers of the app as a page for Prometheus: what the gateway counts, the process, the checks, and every `Metric`
 * of Effect that the app has.
 */
import * as Traffic from "@mortise/core/transport/Traffic"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { BuildInfo } from "./BuildInfo.ts"
import { effectNumbers } from "./internal/effectNumbers.ts"
import { type Family, format } from "./internal/exposition.ts"
import * as ProcessNumbers from "./internal/ProcessNumbers.ts"
import { trafficNumbers } from "./internal/trafficNumbers.ts"
import type { Readiness, Report } from "./Readiness.ts"

export { contentType } from "./internal/exposition.ts"

const checkNumbers = ({ checks, ready }: Report): ReadonlyArray<Family> => [
  { name: "mortise_ready", help: "1 when the app is ready.", type: "gauge", samples: [{ value: Number(ready) }] },
  {
    name: "mortise_check_ok",
    help: "1 for a check that passes.",
    type: "gauge",
    samples: checks.map(({ name, status }) => ({ labels: { check: name }, value: Number(status === "ok") }))
  }
]

const buildNumbers = (build: BuildInfo): Family => ({
  name: "mortise_build_info",
  help: "What runs here, as labels.",
  type: "gauge",
  samples: [{ labels: { ...build }, value: 1 }]
})

/** Begins to observe and count; gives what makes the page of now, in the text format 0.0.4. */
export const make = (
  readiness: Readiness["Service"],
  build: BuildInfo
): Effect.Effect<Effect.Effect<string>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const traffic = yield* Traffic.record
    const ofProcess = yield* ProcessNumbers.observe
    const context = yield* Effect.context<never>()
    return Effect.map(readiness.report, (report) => {
      const own = [...trafficNumbers(traffic), ...checkNumbers(report), buildNumbers(build), ...ofProcess()]
      return format([...own, ...effectNumbers(context, new Set(own.map(({ name }) => name)))])
    })
  })
