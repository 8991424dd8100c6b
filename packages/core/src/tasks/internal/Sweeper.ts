import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type { TaskStoreShape } from "../TaskStore.ts"
import type { EngineClock } from "./EngineClock.ts"

export interface SweeperOptions {
  readonly pollMillis: number
  readonly leaseMillis: number
  /** Something may have become ready. */
  readonly wake: () => void
}

/** Rows per kind and call: an avalanche of due tasks is taken in pieces, between which others have their turn. */
const LIMIT = 1000

/** Makes what is due ready, takes tasks of dead workers back, and removes what finished long ago. */
export class Sweeper {
  private readonly store: TaskStoreShape
  private readonly clock: EngineClock
  private readonly options: SweeperOptions
  private readonly sooner = Latch.makeUnsafe(false)
  private nextAt = 0

  constructor(store: TaskStoreShape, clock: EngineClock, options: SweeperOptions) {
    this.store = store
    this.clock = clock
    this.options = options
  }

  /** A task is due then. */
  expect(dueAt: number): void {
    if (dueAt < this.nextAt) this.sooner.openUnsafe()
  }

  /** Sweeps until it is interrupted. */
  readonly run: Effect.Effect<never> = Effect.suspend(() => {
    this.sooner.closeUnsafe()
    const now = this.clock.now()
    const { leaseMillis, pollMillis, wake } = this.options
    return Effect.matchEffect(this.store.sweep({ now, horizon: now + 2 * leaseMillis, limit: LIMIT }), {
      onFailure: (error) =>
        Effect.andThen(Effect.logDebug("the store of tasks could not be swept", error), Effect.sleep(pollMillis)),
      onSuccess: ({ due, next, recovered, removed }) => {
        if (recovered > 0 || due > 0 || this.store.shared) wake()
        if (due + recovered >= LIMIT || removed >= LIMIT) return Effect.yieldNow
        const millis = next === null ? pollMillis : Math.min(pollMillis, Math.max(1, next - this.clock.now()))
        this.nextAt = this.clock.now() + millis
        return Effect.raceFirst(this.sooner.await, Effect.sleep(millis))
      }
    })
  }).pipe(Effect.forever)
}
