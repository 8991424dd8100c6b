/**
 * Whether the app can do its work just now: what its checks have come to, and whether it is about to stop.
 *
 * Checks run in the background, each by itself: with a time limit, one run at a time, again a short while after it ended.
 * Whoever asks gets what was found last, so that a flood of questions costs no dependency anything.
 */
import * as Drain from "@mortise/core/app/Drain"
import { type Check, HealthProblem } from "@mortise/core/app/Health"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { CheckWatch, type WatchOptions } from "./internal/CheckWatch.ts"

/** What one check has come to. */
export interface CheckReport {
  readonly name: string
  readonly status: "ok" | "failed"
  /** Since when, as ISO 8601 in UTC. */
  readonly since: string
  /** Why it failed, in words and without secrets. */
  readonly problem?: string
}

export interface Report {
  /** Not draining, and no check has failed. */
  readonly ready: boolean
  readonly draining: boolean
  readonly checks: ReadonlyArray<CheckReport>
}

export class Readiness extends Context.Service<
  Readiness,
  {
    /** What was found last. Waits for checks that have not ended once, no longer than their time limit. */
    readonly report: Effect.Effect<Report>
    /** Runs these checks until the scope closes. Fails where two have one name. */
    readonly watch: (checks: ReadonlyArray<Check>) => Effect.Effect<void, HealthProblem, Scope.Scope>
  }
>()("@mortise/plugin-health/Readiness") {}

const reportOf = ({ name, problem, since, status }: CheckWatch): CheckReport => ({
  name,
  status: status === "ok" ? "ok" : "failed",
  since: DateTime.formatIso(DateTime.makeUnsafe(since)),
  ...(problem === undefined ? {} : { problem })
})

/** No checks yet; `watch` adds them. */
export const make = (options: WatchOptions): Effect.Effect<Readiness["Service"]> =>
  Effect.map(Drain.Drain, (drain) => {
    const watches = new Map<string, CheckWatch>()

    const start = (check: Check): Effect.Effect<void, HealthProblem, Scope.Scope> =>
      Effect.gen(function* () {
        if (watches.has(check.name)) {
          const problem = `Two checks are called "${check.name}". Give one of them another name.`
          return yield* new HealthProblem({ problem })
        }
        const watch = new CheckWatch(check, options)
        watches.set(check.name, watch)
        yield* Effect.addFinalizer(() => Effect.sync(() => watches.delete(check.name)))
        yield* Effect.forkScoped(watch.forever)
      })

    return {
      watch: (checks) => Effect.forEach(checks, start, { discard: true }),
      report: Effect.suspend(() => {
        const all = [...watches.values()]
        const waiting = all.filter(({ status }) => status === "pending").map(({ first }) => Deferred.await(first))
        return Effect.map(Effect.all(waiting, { concurrency: "unbounded", discard: true }), (): Report => {
          const draining = drain.draining()
          const checks = all.map(reportOf)
          return { ready: !draining && checks.every(({ status }) => status === "ok"), draining, checks }
        })
      })
    }
  })
