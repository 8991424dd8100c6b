import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"

const FIRST_MILLIS = 10

/** Who waits for which task. Changes that this process makes are told at once; others are looked for. */
export class Waiting {
  private readonly latches = new Map<string, Set<Latch.Latch>>()

  changed(id: string): void {
    for (const latch of this.latches.get(id) ?? []) latch.openUnsafe()
  }

  /** Looks again and again, at most `pollMillis` apart, until `look` gives something. */
  until<A, E>(id: string, pollMillis: number, look: Effect.Effect<A | undefined, E>): Effect.Effect<A, E> {
    return Effect.acquireUseRelease(
      Effect.sync(() => this.add(id)),
      (latch) => {
        let wait = FIRST_MILLIS
        const again: Effect.Effect<A, E> = Effect.suspend(() => {
          latch.closeUnsafe()
          return Effect.flatMap(look, (found) => {
            if (found !== undefined) return Effect.succeed(found)
            const pause = Effect.raceFirst(latch.await, Effect.sleep(wait))
            wait = Math.min(pollMillis, wait * 2)
            return Effect.andThen(pause, again)
          })
        })
        return again
      },
      (latch) => Effect.sync(() => this.remove(id, latch))
    )
  }

  private add(id: string): Latch.Latch {
    const latch = Latch.makeUnsafe(false)
    const waiting = this.latches.get(id) ?? new Set()
    this.latches.set(id, waiting.add(latch))
    return latch
  }

  private remove(id: string, latch: Latch.Latch): void {
    const waiting = this.latches.get(id)
    waiting?.delete(latch)
    if (waiting?.size === 0) this.latches.delete(id)
  }
}
