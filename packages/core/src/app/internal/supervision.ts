import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberMap from "effect/FiberMap"
import * as Pull from "effect/Pull"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { Policy, State, Status, Supervised, Supervisor } from "../Supervisor.ts"
import { NotSupervised, SupervisedNameTaken, SupervisorFull } from "../SupervisorError.ts"

type Restarts = Schedule.Schedule<unknown, Exit.Exit<unknown, unknown>>

/** A line for a list: what an error says of itself, and no stack. */
const lineOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  const text = error instanceof Error ? error.message || error.name : typeof error === "string" ? error : undefined
  return (text ?? Cause.pretty(cause)).split("\n", 1)[0]?.slice(0, 300) ?? ""
}

class Supervision {
  readonly name: string
  readonly ended = Deferred.makeUnsafe<unknown, unknown>()
  state: State = "running"
  restarts = 0
  since = 0
  lastError: string | undefined
  private readonly restart: "failure" | "always" | "never"
  private readonly schedule: Restarts
  private readonly resetMillis: number

  constructor(name: string, { resetAfter = "1 minute", restart = "failure", schedule }: Policy, standard: Restarts) {
    this.name = name
    this.restart = restart
    this.schedule = schedule ?? standard
    this.resetMillis = Duration.toMillis(Duration.fromInputUnsafe(resetAfter))
  }

  get hasEnded(): boolean {
    return this.state === "succeeded" || this.state === "failed" || this.state === "stopped"
  }
  get status(): Status {
    const { lastError, name, restarts, since, state } = this
    return { name, state, restarts, since, lastError }
  }

  become(state: State): Effect.Effect<void> {
    return Effect.map(Clock.currentTimeMillis, (now) => {
      this.state = state
      this.since = now
    })
  }

  /** Runs it until it is not to be started again; ends as its last run has. */
  run<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    const again = Effect.gen({ self: this }, function* () {
      let delayOf = yield* Schedule.toStep(this.schedule)
      for (;;) {
        yield* this.become("running")
        const began = this.since
        const exit = yield* Effect.exit(effect)
        if (Exit.isFailure(exit)) this.lastError = lineOf(exit.cause)
        if (!this.isRestartedAfter(exit)) return yield* exit
        const now = yield* Clock.currentTimeMillis
        if (now - began >= this.resetMillis) delayOf = yield* Schedule.toStep(this.schedule)
        const delay = yield* Pull.matchEffect(delayOf(now, exit), {
          onSuccess: ([, delay]) => Effect.succeed(delay),
          onFailure: (cause) => Effect.failCause(cause),
          onDone: () => Effect.succeed(undefined)
        })
        if (delay === undefined) return yield* exit
        yield* this.tell(exit, `is started again in ${Math.round(Duration.toMillis(delay))} ms`)
        yield* this.become("waiting")
        yield* Effect.sleep(delay)
        this.restarts++
      }
    })
    return Effect.onExit(again, (exit) => this.end(exit))
  }

  private isRestartedAfter(exit: Exit.Exit<unknown, unknown>): boolean {
    return this.restart === "always" || (this.restart === "failure" && Exit.isFailure(exit))
  }

  private tell(exit: Exit.Exit<unknown, unknown>, next: string): Effect.Effect<void> {
    if (Exit.isSuccess(exit)) return Effect.logInfo(`${this.name} has ended and ${next}`)
    return Effect.logWarning(`${this.name} died and ${next}`, exit.cause)
  }

  private end(exit: Exit.Exit<unknown, unknown>): Effect.Effect<void> {
    const wasStopped = Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
    const state = Exit.isSuccess(exit) ? "succeeded" : wasStopped ? "stopped" : "failed"
    const news =
      state === "failed" && Exit.isFailure(exit)
        ? Effect.logError(`${this.name} died and is not started again`, exit.cause)
        : Effect.void
    return this.become(state).pipe(Effect.andThen(news), Effect.andThen(Deferred.done(this.ended, exit)))
  }
}

export const makeSupervisor = (
  maxFibers: number,
  standard: Restarts
): Effect.Effect<Supervisor["Service"], never, Scope.Scope> =>
  Effect.map(FiberMap.make<string>(), (fibers) => {
    const supervised = new Map<string, Supervision>()

    const makeRoom = (): boolean => {
      if (supervised.size < maxFibers) return true
      for (const [name, { hasEnded }] of supervised) if (hasEnded) return supervised.delete(name)
      return false
    }
    const find = (name: string): Effect.Effect<Supervision, NotSupervised> =>
      Effect.suspend(() => {
        const found = supervised.get(name)
        return found === undefined ? Effect.fail(new NotSupervised({ name })) : Effect.succeed(found)
      })
    const stop = (one: Supervision): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (one.hasEnded) return Effect.void
        return one
          .become("stopping")
          .pipe(
            Effect.andThen(FiberMap.remove(fibers, one.name)),
            Effect.andThen(Effect.exit(Deferred.await(one.ended))),
            Effect.asVoid
          )
      })

    const start: Supervisor["Service"]["start"] = <A, E, R>(
      name: string,
      effect: Effect.Effect<A, E, R>,
      policy: Policy = {}
    ) =>
      Effect.suspend((): Effect.Effect<Supervised<A, E>, SupervisedNameTaken | SupervisorFull, R> => {
        if (supervised.get(name)?.hasEnded === false) return Effect.fail(new SupervisedNameTaken({ name }))
        supervised.delete(name)
        if (!makeRoom()) return Effect.fail(new SupervisorFull({ name, maxFibers }))
        const one = new Supervision(name, policy, standard)
        supervised.set(name, one)
        // `run` has typed what the fiber ends with
        const result = Deferred.await(one.ended) as Effect.Effect<A, E>
        return Effect.as(FiberMap.run(fibers, name, one.run(effect)), {
          name,
          status: Effect.sync(() => one.status),
          stop: stop(one),
          await: Effect.exit(result),
          result
        })
      })

    return {
      start,
      list: Effect.sync(() => Array.from(supervised.values(), ({ status }) => status)),
      stop: (name) => Effect.flatMap(find(name), stop),
      await: (name) => Effect.flatMap(find(name), ({ ended }) => Effect.exit(Deferred.await(ended)))
    }
  })
