/**
 * Checks of health: what plugins say about whether they can do their work. They are collected, not run, here; whoever
 * answers "are you well" (a route, a command) runs them.
 *
 * @example
 * contributes: [Health.contribute("sqlite", Effect.gen(function* () {
 *   const orm = yield* Orm
 *   return orm.ping
 * }))]
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Contribution from "./Contribution.ts"
import * as Errors from "./Errors.ts"

/** Something cannot do its work just now. */
export class HealthProblem extends Errors.make<HealthProblem>()(
  "HealthProblem",
  { component: "app", code: "APP_HEALTH_PROBLEM", status: 503, retryable: true },
  {
    /** What is wrong, in words for whoever runs the app; without secrets. */
    problem: Schema.String
  }
) {
  override get message(): string {
    return this.problem
  }
}

export interface Check {
  /** Unique in the app: the name of the plugin, and what of it where it has several. */
  readonly name: string
  readonly check: Effect.Effect<void, HealthProblem>
}

/** Where plugins put their checks. It needs no host: an app in which nobody asks is an app all the same. */
export const Checks = Contribution.dataPoint<Check>()("app.health.checks")

/** Adds a check. `effect` runs once, when the app has started, and gives the check with its services bound. */
export const contribute = <E, R>(name: string, effect: Effect.Effect<Effect.Effect<void, HealthProblem>, E, R>) =>
  Contribution.contribute(
    Checks,
    Effect.map(effect, (check): Check => ({ name, check }))
  )
