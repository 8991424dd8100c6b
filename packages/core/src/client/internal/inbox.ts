import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** Elements that wait for their reader before the connection is paused. */
const HIGH_WATER_MARK = 1024
/** Elements that wait at most: reading may have to go on, because an answer is behind them. */
const MAX_ELEMENTS = 16 * 1024

/** Pauses the connection while anyone holds and no answer is waited for. */
export interface Valve {
  readonly hold: () => void
  readonly release: () => void
}

/**
 * What a stream has received and its reader has not taken. A reader that falls behind pauses the connection, so that
 * memory stays bounded and the server learns of it; where that cannot be, its stream fails in the end.
 */
export class Inbox<A, E> {
  private items: Array<A> = []
  private end: Effect.Effect<never, E | Cause.Done<void>> | undefined
  private wake: (() => void) | undefined
  private holding = false
  private readonly valve: Valve
  private readonly overflow: () => E

  constructor(valve: Valve, overflow: () => E) {
    this.valve = valve
    this.overflow = overflow
  }

  push(item: A): void {
    if (this.end !== undefined) return
    if (this.items.length >= MAX_ELEMENTS) return this.fail(this.overflow())
    this.items.push(item)
    if (this.items.length >= HIGH_WATER_MARK && !this.holding) {
      this.holding = true
      this.valve.hold()
    }
    this.notify()
  }

  done(): void {
    this.finish(Cause.done())
  }

  fail(error: E): void {
    this.finish(Effect.fail(error))
  }

  /** Gives up what is left; nobody reads any more. */
  dispose(): void {
    this.items = []
    this.finish(Cause.done())
    this.release()
  }

  /** All elements from here on, as they come. For one reader. */
  readonly stream: () => Stream.Stream<A, E> = () =>
    Stream.fromPull<A, E | Cause.Done<void>, never, never, never>(Effect.succeed(this.pull)) as Stream.Stream<A, E>

  private readonly pull: Effect.Effect<readonly [A, ...Array<A>], E | Cause.Done<void>> = Effect.suspend(() => {
    if (this.items.length > 0) {
      const taken = this.items as [A, ...Array<A>]
      this.items = []
      this.release()
      return Effect.succeed(taken)
    }
    if (this.end !== undefined) return this.end
    return Effect.andThen(this.arrival, this.pull)
  })

  private readonly arrival: Effect.Effect<void> = Effect.callback((resume) => {
    this.wake = () => resume(Effect.void)
    if (this.items.length > 0 || this.end !== undefined) this.notify()
  })

  private finish(end: Effect.Effect<never, E | Cause.Done<void>>): void {
    if (this.end !== undefined) return
    this.end = end
    this.notify()
  }

  private notify(): void {
    const wake = this.wake
    this.wake = undefined
    wake?.()
  }

  private release(): void {
    if (!this.holding) return
    this.holding = false
    this.valve.release()
  }
}
