/**
 * Keeps named, long-running fibers alive: a poller, a link to another service, a bot. One that dies is told in the log and
 * started again as its policy says; all of them end with the supervisor's scope.
 *
 * @example
 * const supervisor = yield* Supervisor
 * const feed = yield* supervisor.start("price-feed", readPrices, { resetAfter: "1 minute" })
 * const all = yield* supervisor.list                      // name, state, restarts, since, last error of each
 * yield* feed.stop
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { makeSupervisor } from "./internal/supervision.ts"
import type { NotSupervised, SupervisedNameTaken, SupervisorFull } from "./SupervisorError.ts"

/**
 * `running`; `waiting` until it is started again; `stopping`, asked to stop and not yet ended. Ended: `succeeded`,
 * `failed` and not started again, `stopped`.
 */
export type State = "running" | "waiting" | "stopping" | "succeeded" | "failed" | "stopped"

export interface Status {
  readonly name: string
  readonly state: State
  /** How often it was started again. */
  readonly restarts: number
  /** When the state became what it is, in milliseconds since 1970. */
  readonly since: number
  /** What it died of last, in one line. */
  readonly lastError: string | undefined
}

export interface Policy {
  /** When it is started again: after a `failure` unless told otherwise, `always`, `never`. */
  readonly restart?: "failure" | "always" | "never"
  /** How long to wait before each start, and when to give up: `standard` unless told. Its input is the `Exit`. */
  readonly schedule?: Schedule.Schedule<unknown, Exit.Exit<unknown, unknown>>
  /** After running this long, the schedule begins anew: 1 minute. */
  readonly resetAfter?: Duration.Input
}

/** From 100 milliseconds to 30 seconds, doubling, spread by a fifth, without end. */
export const standard: Schedule.Schedule<unknown> = Schedule.jittered(
  Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("30 seconds")])
)

/** One fiber, for whoever has started it. */
export interface Supervised<A, E> {
  readonly name: string
  readonly status: Effect.Effect<Status>
  /** Interrupts it and waits until it has ended; it is not started again. */
  readonly stop: Effect.Effect<void>
  /** Waits for its end, however often it is started again until then: an interruption where it was stopped. */
  readonly await: Effect.Effect<Exit.Exit<A, E>>
  /** Waits for its end and gives what it came to; interrupts where it was stopped. */
  readonly result: Effect.Effect<A, E>
}

export interface Options {
  /** Fibers at a time, and ends of fibers that are remembered together with them: 1 000. */
  readonly maxFibers?: number
}

export class Supervisor extends Context.Service<
  Supervisor,
  {
    /** Starts a fiber, with the services of whoever asks. The name of one that has ended may be used again. */
    readonly start: <A, E, R>(
      name: string,
      effect: Effect.Effect<A, E, R>,
      policy?: Policy
    ) => Effect.Effect<Supervised<A, E>, SupervisedNameTaken | SupervisorFull, R>
    /** Those under way and those whose end is remembered, in the order in which they were started. */
    readonly list: Effect.Effect<ReadonlyArray<Status>>
    /** As `stop` of the fiber; nothing happens where it has ended. */
    readonly stop: (name: string) => Effect.Effect<void, NotSupervised>
    /** As `await` of the fiber. */
    readonly await: (name: string) => Effect.Effect<Exit.Exit<unknown, unknown>, NotSupervised>
  }
>()("@mortise/core/app/Supervisor") {}

/** A supervisor whose fibers end with the scope. */
export const make = (options: Options = {}): Effect.Effect<Supervisor["Service"], never, Scope.Scope> =>
  makeSupervisor(options.maxFibers ?? 1000, standard)

/** The service. */
export const layer = (options: Options = {}): Layer.Layer<Supervisor> => Layer.effect(Supervisor, make(options))
