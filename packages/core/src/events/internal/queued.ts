import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import type { Delivery } from "../Broker.ts"
import type { SubscriberTooSlow } from "../EventError.ts"
import type { Waiting } from "./Inbox.ts"

/** Deliveries that wait for a stream. */
export const queued = Effect.map(Queue.unbounded<Delivery, SubscriberTooSlow | Cause.Done>(), (queue) => {
  const waiting: Waiting = {
    get size() {
      return Queue.sizeUnsafe(queue)
    },
    push: (delivery) => void Queue.offerUnsafe(queue, delivery),
    shift: () => {
      const taken = Queue.takeUnsafe(queue)
      return taken !== undefined && Exit.isSuccess(taken) ? taken.value : undefined
    },
    fail: (error) => void Queue.failCauseUnsafe(queue, Cause.fail(error))
  }
  return { queue, waiting }
})
