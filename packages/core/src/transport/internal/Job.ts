import type * as Fiber from "effect/Fiber"
import type { Envelope, FaultCode } from "../Wire.ts"
import type { Expiring } from "./deadlines.ts"
import type { Route } from "./table.ts"

/** A message that waits for its turn or runs: what must be found again to cancel it, to time it out, to answer it. */
export class Job implements Expiring {
  readonly id: number
  readonly route: Route
  readonly envelope: Envelope
  private readonly owner: JobOwner
  fiber: Fiber.Fiber<unknown, unknown> | undefined
  /** why it was interrupted, where it was */
  reason: FaultCode | undefined
  tick = 0
  done = false

  constructor(owner: JobOwner, route: Route, envelope: Envelope) {
    this.owner = owner
    this.route = route
    this.envelope = envelope
    this.id = envelope.id
  }

  /** Its handler has begun, and is no stream. */
  get isRunning(): boolean {
    return this.fiber !== undefined && !this.route.streams
  }

  expire(): void {
    this.owner.giveUp(this, "DEADLINE_EXCEEDED")
  }
}

export interface JobOwner {
  readonly giveUp: (job: Job, reason: FaultCode) => void
}

/** First in, first out, without moving what is left at each step. */
export class Backlog {
  private items: Array<Job> = []
  private head = 0

  get size(): number {
    return this.items.length - this.head
  }
  get first(): Job | undefined {
    return this.items[this.head]
  }
  push(job: Job): void {
    this.items.push(job)
  }
  shift(): void {
    this.head++
    if (this.head === this.items.length) {
      this.items = []
      this.head = 0
    } else if (this.head >= 1024) {
      this.items = this.items.slice(this.head)
      this.head = 0
    }
  }
  clear(): ReadonlyArray<Job> {
    const left = this.items.slice(this.head)
    this.items = []
    this.head = 0
    return left
  }
}
