import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type { TaskStoreError } from "../TaskError.ts"
import type { Settlement, TaskStoreShape } from "../TaskStore.ts"
import type { EngineClock } from "./EngineClock.ts"
import { handedBack } from "./outcome.ts"
import { type Bound, Runs } from "./Runs.ts"

export interface WorkerOptions {
  readonly concurrency: number
  readonly leaseMillis: number
  readonly retentionMillis: number
  readonly maxLength: number
  /** From 0 to 1. */
  readonly random: () => number
  /** A task has another state or progress: for those who wait for it. */
  readonly changed: (id: string) => void
}

/** Rows per claim and per settlement. */
const BATCH = 500
const FIRST_BACKOFF_MILLIS = 50
const MAX_BACKOFF_MILLIS = 5000
/** How long a store may take to hear what is handed back. */
const FAREWELL_MILLIS = 2000

/**
 * Claims tasks, runs them, and says what became of them. One fiber, `pump`, does all claims and settlements, so that
 * whatever has come together meanwhile goes to the store as one batch.
 */
export class Worker {
  private readonly store: TaskStoreShape
  private readonly clock: EngineClock
  private readonly options: WorkerOptions
  private readonly handlers = new Map<string, Bound>()
  private readonly runs: Runs
  private settlements: Array<Settlement> = []
  private accepting = true
  /** There may be something to claim. */
  private more = true
  private reporting = false
  /** Names of which the last claim could have had more but for their own bound. */
  private heldBack: ReadonlySet<string> = new Set()
  private readonly work = Latch.makeUnsafe(false)
  /** Open while nothing runs. */
  private readonly idle = Latch.makeUnsafe(true)
  /** Open while the store knows all that was decided. */
  private readonly told = Latch.makeUnsafe(true)
  private failures = 0

  constructor(store: TaskStoreShape, clock: EngineClock, options: WorkerOptions) {
    this.store = store
    this.clock = clock
    this.options = options
    this.runs = new Runs({
      clock,
      terms: () => ({
        random: options.random(),
        retentionMillis: options.retentionMillis,
        maxLength: options.maxLength
      }),
      decided: (settlement) => this.decided(settlement),
      reporting: () => {
        this.reporting = true
        this.work.openUnsafe()
      },
      freed: (name) => {
        if (this.heldBack.has(name)) this.more = true
        if (this.runs.size === 0) this.idle.openUnsafe()
        this.work.openUnsafe()
      }
    })
    this.guard = this.runs.guard
  }

  /** Ends runs that take longer than their task may, until it is interrupted. */
  readonly guard: Effect.Effect<never>

  handles(name: string): boolean {
    return this.handlers.has(name)
  }

  add(bound: Bound): void {
    this.handlers.set(bound.handler.task.name, bound)
    this.wake()
  }

  /** Takes a handler away; what it runs is handed back. */
  remove(name: string): void {
    this.handlers.delete(name)
    this.runs.handBack(name)
  }

  /** There may be something to claim. */
  wake(): void {
    this.more = true
    this.work.openUnsafe()
  }

  /** The task was cancelled in the store. */
  cancelled(id: string): void {
    this.runs.abandon(id)
  }

  /** Claims no more from now on. */
  stop(): void {
    this.accepting = false
  }

  /** Stops, waits until all has ended but no longer than this, and hands the rest back; the number of those. */
  drain(millis: number): Effect.Effect<number> {
    return Effect.suspend(() => {
      this.stop()
      return Effect.raceFirst(this.idle.await, Effect.sleep(millis))
    }).pipe(
      Effect.map(() => this.runs.handBack()),
      Effect.tap(() => Effect.raceFirst(this.told.await, Effect.sleep(FAREWELL_MILLIS)))
    )
  }

  /** Works until it is interrupted. */
  readonly pump: Effect.Effect<never> = Effect.suspend(() => this.turn()).pipe(Effect.forever)

  /** Renews the leases of what runs, and ends what is not this worker's any more; until it is interrupted. */
  readonly heartbeat: Effect.Effect<never> = Effect.suspend(() =>
    Effect.andThen(
      Effect.sleep(this.options.leaseMillis / 3),
      Effect.suspend(() => this.renew(false))
    )
  ).pipe(
    Effect.catch((error) => Effect.logWarning("the leases of running tasks could not be renewed", error)),
    Effect.forever
  )

  private turn(): Effect.Effect<void> {
    this.work.closeUnsafe()
    const report = this.reporting ? this.renew(true) : Effect.void
    const claim = Effect.suspend(() => (this.canClaim() ? this.claim() : Effect.void))
    return Effect.matchEffect(Effect.andThen(Effect.andThen(report, this.flush()), claim), {
      onSuccess: () => {
        this.failures = 0
        return this.settlements.length > 0 || this.canClaim() ? Effect.yieldNow : this.work.await
      },
      onFailure: (error) => {
        const wait = Math.min(MAX_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS * 2 ** this.failures++)
        const note = this.failures === 1 ? Effect.logWarning("the store of tasks does not answer", error) : Effect.void
        return Effect.andThen(note, Effect.sleep(wait))
      }
    })
  }

  private decided(settlement: Settlement): void {
    this.settlements.push(settlement)
    this.told.closeUnsafe()
    this.work.openUnsafe()
  }

  private flush(): Effect.Effect<void, TaskStoreError> {
    return Effect.suspend(() => {
      if (this.settlements.length === 0) return Effect.void
      const batch = this.settlements.slice(0, BATCH)
      return Effect.map(this.store.settle(batch), (accepted) => {
        this.settlements = this.settlements.slice(batch.length)
        for (const [i, settlement] of batch.entries()) {
          this.runs.settled(settlement, accepted[i] === true)
          this.options.changed(settlement.id)
        }
        if (this.settlements.length === 0) this.told.openUnsafe()
      })
    })
  }

  private renew(reporting: boolean): Effect.Effect<void, TaskStoreError> {
    if (reporting) this.reporting = false
    const claims = this.runs.claims(reporting)
    if (claims.length === 0) return Effect.void
    const until = this.clock.now() + this.options.leaseMillis
    return this.store.extend(claims, until).pipe(
      Effect.map((held) => {
        for (const [i, { id, progress }] of claims.entries()) {
          this.runs.reported(id, progress)
          if (held[i] !== true) this.runs.abandon(id)
          else if (progress !== null) this.options.changed(id)
        }
      }),
      Effect.tapError(() => Effect.sync(() => void (this.reporting ||= reporting)))
    )
  }

  private canClaim(): boolean {
    return this.accepting && this.more && this.runs.size < this.options.concurrency && this.handlers.size > 0
  }

  private claim(): Effect.Effect<void, TaskStoreError> {
    const limit = Math.min(this.options.concurrency - this.runs.size, BATCH)
    const rooms = Array.from(this.handlers.values(), ({ handler: { task } }) => ({
      name: task.name,
      limit: task.concurrency === undefined ? limit : Math.min(limit, task.concurrency - this.runs.count(task.name))
    }))
    const names = rooms.filter((room) => room.limit > 0)
    this.more = false
    this.heldBack = new Set(rooms.filter((room) => room.limit < limit).map(({ name }) => name))
    if (names.length === 0) return Effect.void
    const until = this.clock.now() + this.options.leaseMillis
    return this.store.claim({ names, limit, until }).pipe(
      Effect.map((rows) => {
        if (rows.length >= limit) this.more = true
        for (const row of rows) {
          const bound = this.handlers.get(row.name)
          // its handler went, or the worker was told to stop, while the claim was under way
          if (bound === undefined || !this.accepting) this.decided(handedBack(row))
          else {
            this.idle.closeUnsafe()
            this.runs.start(row, bound)
          }
        }
      }),
      Effect.tapError(() => Effect.sync(() => void (this.more = true)))
    )
  }
}
