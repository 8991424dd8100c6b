import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import type { Delivery } from "../Broker.ts"
import { SubscriberTooSlow } from "../EventError.ts"
import type { Counters } from "./Counters.ts"

export interface InboxOptions {
  readonly pattern: string
  readonly maxPending: number
  readonly whenFull: "drop-oldest" | "drop-newest" | "fail"
  /** Told of each event that is dropped. */
  readonly dropped?: (delivery: Delivery) => void
}

/** What waits for one subscriber: never more than `maxPending` events. */
export class Inbox {
  readonly queue: Queue.Queue<Delivery, SubscriberTooSlow | Cause.Done>
  private readonly options: InboxOptions
  private readonly counters: Counters

  constructor(queue: Inbox["queue"], options: InboxOptions, counters: Counters) {
    this.queue = queue
    this.options = options
    this.counters = counters
  }

  static make(options: InboxOptions, counters: Counters): Effect.Effect<Inbox> {
    return Effect.map(
      Queue.unbounded<Delivery, SubscriberTooSlow | Cause.Done>(),
      (queue) => new Inbox(queue, options, counters)
    )
  }

  readonly offer = (delivery: Delivery): void => {
    const { maxPending, pattern, whenFull } = this.options
    if (Queue.sizeUnsafe(this.queue) >= maxPending) {
      if (whenFull === "fail") {
        this.drop(delivery)
        Queue.failCauseUnsafe(this.queue, failure(new SubscriberTooSlow({ pattern, maxPending })))
        return
      }
      if (whenFull === "drop-newest") return this.drop(delivery)
      const oldest = Queue.takeUnsafe(this.queue)
      if (oldest !== undefined && Exit.isSuccess(oldest)) this.drop(oldest.value)
    }
    Queue.offerUnsafe(this.queue, delivery)
  }

  private drop(delivery: Delivery): void {
    this.counters.dropped++
    this.options.dropped?.(delivery)
  }

  get isEmpty(): boolean {
    return Queue.sizeUnsafe(this.queue) === 0
  }
}

const failure = (error: SubscriberTooSlow): Cause.Cause<SubscriberTooSlow> => {
  const exit = Exit.fail(error)
  return (exit as Exit.Failure<never, SubscriberTooSlow>).cause
}
