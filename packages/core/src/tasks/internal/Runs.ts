import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Result from "effect/Result"
import type { Handler, Run } from "../Task.ts"
import type { Claim, Settlement, TaskRow } from "../TaskStore.ts"
import type { EngineClock } from "./EngineClock.ts"
import { type Ended, handedBack, outcomeOf, type Terms } from "./outcome.ts"
import { coderOf } from "./taskCoder.ts"

/** A handler with what it needs. */
export interface Bound {
  readonly handler: Handler<unknown>
  readonly context: Context.Context<never>
}

/**
 * A claimed task and its fiber. Its place is free when the fiber has `ended` and the store was told: it is `settled`, or not
 * this worker's any more (`abandoned`).
 */
interface Active {
  readonly row: TaskRow
  readonly bound: Bound
  fiber: Fiber.Fiber<unknown, unknown> | undefined
  /** When the run is interrupted; once it was, when it is given up. */
  deadline: number
  overdue: boolean
  ended: boolean
  decided: boolean
  settled: boolean
  abandoned: boolean
  progress: string | null
}

/** How long a handler may clean up after it was interrupted for taking too long. */
const GRACE_MILLIS = 5000

export interface RunsOptions {
  readonly clock: EngineClock
  readonly terms: () => Omit<Terms, "now">
  /** It is decided what becomes of a task. */
  readonly decided: (settlement: Settlement) => void
  /** A run wants progress stored. */
  readonly reporting: () => void
  /** A place is free. */
  readonly freed: (name: string) => void
}

/** What a worker runs at the moment. Knows no store: what it decides is said by the worker. */
export class Runs {
  private readonly options: RunsOptions
  private readonly active = new Map<string, Active>()
  private readonly counts = new Map<string, number>()
  private readonly sooner = Latch.makeUnsafe(false)
  /** When the deadlines are looked at next. */
  private guardAt = Number.POSITIVE_INFINITY

  constructor(options: RunsOptions) {
    this.options = options
  }

  get size(): number {
    return this.active.size
  }

  count(name: string): number {
    return this.counts.get(name) ?? 0
  }

  start(row: TaskRow, bound: Bound): void {
    const { context, handler } = bound
    const { task } = handler
    const run: Active = {
      row,
      bound,
      fiber: undefined,
      deadline: Number.POSITIVE_INFINITY,
      overdue: false,
      ended: false,
      decided: false,
      settled: false,
      abandoned: false,
      progress: null
    }
    this.active.set(row.id, run)
    this.counts.set(row.name, this.count(row.name) + 1)
    if (row.attempts > task.retry.tries) return this.end(run, { _tag: "lost" })
    const payload = coderOf(task).payload.read(row.payload)
    if (Result.isFailure(payload)) return this.end(run, { _tag: "undecodable", message: payload.failure })
    run.deadline = this.options.clock.now() + task.timeoutMillis
    if (run.deadline < this.guardAt) {
      this.guardAt = run.deadline
      this.sooner.openUnsafe()
    }
    const about = this.about(run, task.retry.tries)
    const effect = Effect.scoped(Effect.suspend(() => handler.handle(payload.success as never, about)))
    run.fiber = Effect.runForkWith(context)(effect as Effect.Effect<unknown, unknown>)
    run.fiber.addObserver((exit) => this.end(run, run.overdue ? { _tag: "timeout" } : { _tag: "exit", exit }))
  }

  /** Claims that are to be renewed; `reporting`: only those that have progress to store. */
  claims(reporting: boolean): ReadonlyArray<Claim & { readonly progress: string | null }> {
    const claims = []
    for (const { abandoned, decided, progress, row } of this.active.values()) {
      if (abandoned || (reporting ? progress === null : decided)) continue
      claims.push({ id: row.id, fence: row.fence, progress })
    }
    return claims
  }

  /** The store has taken this progress. */
  reported(id: string, progress: string | null): void {
    const run = this.active.get(id)
    if (run?.progress === progress) run.progress = null
  }

  /** Ends a run that is not this worker's any more. */
  abandon(id: string): void {
    const run = this.active.get(id)
    if (run === undefined || run.decided || run.abandoned) return
    run.abandoned = true
    run.fiber?.interruptUnsafe()
  }

  /** Hands back what is undecided, of one name or all; the number of those. */
  handBack(name?: string): number {
    let count = 0
    for (const run of this.active.values()) {
      if (run.decided || run.abandoned || (name !== undefined && run.row.name !== name)) continue
      count++
      run.decided = true
      this.options.decided(handedBack(run.row))
      run.fiber?.interruptUnsafe()
    }
    return count
  }

  /** The store has answered; false: it refused. */
  settled({ id, state }: Settlement, accepted: boolean): void {
    const run = this.active.get(id)
    if (run === undefined) return
    run.settled = true
    if (!accepted) {
      const text = `what task ${run.row.name} came to was refused: it is not this worker's any more`
      this.log(run, Effect.annotateLogs(Effect.logWarning(text), { task: id, state }))
    }
    this.free(run)
  }

  /** Ends runs that take longer than their task may. */
  readonly guard: Effect.Effect<never> = Effect.suspend(() => {
    this.sooner.closeUnsafe()
    const now = this.options.clock.now()
    this.guardAt = Number.POSITIVE_INFINITY
    for (const run of this.active.values()) {
      if (run.ended || run.decided || run.abandoned) continue
      if (run.deadline <= now) this.tooLong(run, now)
      if (!run.decided) this.guardAt = Math.min(this.guardAt, run.deadline)
    }
    const millis = Math.max(1, this.guardAt - now)
    return Effect.raceFirst(this.sooner.await, Number.isFinite(millis) ? Effect.sleep(millis) : Effect.never)
  }).pipe(Effect.forever)

  private tooLong(run: Active, now: number): void {
    if (!run.overdue) {
      run.overdue = true
      run.deadline = now + GRACE_MILLIS
      run.fiber?.interruptUnsafe()
      return
    }
    const text = `a run of task ${run.row.name} goes on ${GRACE_MILLIS} ms after it was interrupted; it keeps its place`
    this.log(run, Effect.logError(text))
    this.decide(run, { _tag: "timeout" })
  }

  private about(run: Active, tries: number): Run {
    const { attempts, enqueuedAt, fence, id } = run.row
    return {
      id,
      attempt: attempts,
      last: attempts >= tries,
      fence,
      enqueuedAt,
      progress: (value) =>
        Effect.sync(() => {
          if (run.ended || run.decided || run.abandoned) return
          run.progress = JSON.stringify(value)
          this.options.reporting()
        })
    }
  }

  private end(run: Active, how: Ended): void {
    run.ended = true
    if (!run.decided && !run.abandoned) this.decide(run, how)
    this.free(run)
  }

  private decide(run: Active, how: Ended): void {
    const { clock, decided, terms } = this.options
    run.decided = true
    const { note, settlement } = outcomeOf(run.bound.handler.task, run.row, how, { ...terms(), now: clock.now() })
    if (note !== undefined) this.log(run, note)
    decided(settlement)
  }

  private free(run: Active): void {
    const { id, name } = run.row
    if (!run.ended || !(run.settled || run.abandoned) || !this.active.delete(id)) return
    this.counts.set(name, this.count(name) - 1)
    this.options.freed(name)
  }

  private log(run: Active, note: Effect.Effect<void>): void {
    Effect.runForkWith(run.bound.context)(note)
  }
}
