import type { Delivery } from "../Broker.ts"
import { SubscriberTooSlow } from "../EventError.ts"
import type { Counters } from "./Counters.ts"

/** Where deliveries wait, first in, first out. */
export interface Waiting {
  readonly size: number
  readonly push: (delivery: Delivery) => void
  readonly shift: () => Delivery | undefined
  /** No more come: ends with this error when what waits is taken. */
  readonly fail: (error: SubscriberTooSlow) => void
}

export interface InboxOptions {
  readonly pattern: string
  readonly maxPending: number
  readonly whenFull: "drop-oldest" | "drop-newest" | "fail"
  /** Told of each event that is dropped. */
  readonly dropped?: (delivery: Delivery) => void
}

/** What waits for one subscriber: never more than `maxPending` events. */
export class Inbox {
  private readonly waiting: Waiting
  private readonly options: InboxOptions
  private readonly counters: Counters

  constructor(waiting: Waiting, options: InboxOptions, counters: Counters) {
    this.waiting = waiting
    this.options = options
    this.counters = counters
  }

  readonly offer = (delivery: Delivery): void => {
    const { waiting } = this
    const { maxPending, pattern, whenFull } = this.options
    if (waiting.size >= maxPending) {
      if (whenFull === "fail") {
        this.drop(delivery)
        waiting.fail(new SubscriberTooSlow({ pattern, maxPending }))
        return
      }
      if (whenFull === "drop-newest") return this.drop(delivery)
      const oldest = waiting.shift()
      if (oldest !== undefined) this.drop(oldest)
    }
    waiting.push(delivery)
  }

  private drop(delivery: Delivery): void {
    this.counters.dropped++
    this.options.dropped?.(delivery)
  }
}
