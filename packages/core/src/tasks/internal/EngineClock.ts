import type * as Clock from "effect/Clock"

/**
 * The time that tasks go by: that of the wall, but never back. When the wall clock is set back, it goes on from where it was
 * by the monotonic clock, so that leases end and delays pass as if nothing had happened; a wall that is ahead is believed.
 */
export class EngineClock {
  private readonly clock: Clock.Clock
  private wall: number
  private monotonic: bigint

  constructor(clock: Clock.Clock) {
    this.clock = clock
    this.wall = clock.currentTimeMillisUnsafe()
    this.monotonic = clock.monotonicTimeNanosUnsafe()
  }

  now(): number {
    const wall = this.clock.currentTimeMillisUnsafe()
    const monotonic = this.clock.monotonicTimeNanosUnsafe()
    const elapsed = this.wall + Number(monotonic - this.monotonic) / 1e6
    if (wall < elapsed) return Math.floor(elapsed)
    this.wall = wall
    this.monotonic = monotonic
    return wall
  }

  /** A moment of the wall clock in this time: as far from now as it is from the wall's now. */
  fromWall(at: number): number {
    return this.now() + at - this.clock.currentTimeMillisUnsafe()
  }

  /** A moment of this time on the wall clock. */
  toWall(at: number): number {
    return this.clock.currentTimeMillisUnsafe() + at - this.now()
  }
}
