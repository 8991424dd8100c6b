import type { TurnShape } from "../../app/Turn.ts"

/** Something that gives up when its time has come. */
export interface Expiring {
  readonly expire: () => void
}

const TICK_MILLIS = 20

/**
 * The deadlines of many requests on one timer, exact to one tick. Adding and removing cost a set operation; the timer
 * runs only while there is something to wait for.
 */
export class Deadlines {
  private readonly turn: TurnShape
  private readonly ticks = new Map<number, Set<Expiring>>()
  private armed = false

  constructor(turn: TurnShape) {
    this.turn = turn
  }

  /** Returns the tick, which `remove` needs. Infinity is never. */
  add(millis: number, entry: Expiring): number {
    if (millis === Number.POSITIVE_INFINITY) return millis
    const tick = Math.ceil((this.turn.now() + millis) / TICK_MILLIS)
    const at = this.ticks.get(tick)
    if (at === undefined) this.ticks.set(tick, new Set([entry]))
    else at.add(entry)
    this.arm()
    return tick
  }

  remove(tick: number, entry: Expiring): void {
    const at = this.ticks.get(tick)
    if (at === undefined) return
    at.delete(entry)
    if (at.size === 0) this.ticks.delete(tick)
  }

  private arm(): void {
    if (this.armed || this.ticks.size === 0) return
    this.armed = true
    this.turn.arm(TICK_MILLIS, () => {
      this.armed = false
      const now = this.turn.now() / TICK_MILLIS
      for (const [tick, entries] of this.ticks) {
        if (tick > now) continue
        this.ticks.delete(tick)
        for (const entry of entries) entry.expire()
      }
      this.arm()
    })
  }
}
