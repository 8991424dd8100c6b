import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Delivery } from "../Broker.ts"
import type { SubscriberTooSlow } from "../EventError.ts"
import type { Counters } from "./Counters.ts"
import type { Dispatcher, Worker } from "./Dispatcher.ts"
import type { Waiting } from "./Inbox.ts"

interface Entry {
  readonly delivery: Delivery
  next: Entry | undefined
}

export interface DeskOptions {
  readonly concurrency: number
  /** Begins to handle an event; gives what is left to wait for, undefined where it has ended. Must not throw. */
  readonly begin: (delivery: Delivery) => Effect.Effect<void> | undefined
  readonly fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
  /** Told once, when no more comes because the subscriber was too slow, and all that waited is handled. */
  readonly failed: (error: SubscriberTooSlow) => void
}

/**
 * The events of one subscription with handlers: those that wait, and those that are being handled, `concurrency` at a time.
 * A handler that ends at once is all there is to it; a fiber follows only those that wait for something.
 */
export class Desk implements Waiting, Worker {
  size = 0
  private first: Entry | undefined
  private last: Entry | undefined
  private running = 0
  private readonly fibers = new Set<Fiber.Fiber<void>>()
  /** has asked the dispatcher, or is at work */
  private isBusy = true
  private isClosed = false
  private failure: SubscriberTooSlow | undefined
  private readonly options: DeskOptions
  private readonly dispatcher: Dispatcher
  private readonly counters: Counters

  constructor(options: DeskOptions, dispatcher: Dispatcher, counters: Counters) {
    this.options = options
    this.dispatcher = dispatcher
    this.counters = counters
  }

  /** From now on what waits is handled. */
  open(): void {
    this.isBusy = false
    this.ask()
  }

  push(delivery: Delivery): void {
    if (this.failure !== undefined || this.isClosed) return
    const entry: Entry = { delivery, next: undefined }
    if (this.last === undefined) this.first = entry
    else this.last.next = entry
    this.last = entry
    this.size++
    this.ask()
  }

  shift(): Delivery | undefined {
    const { first } = this
    if (first === undefined) return undefined
    this.first = first.next
    if (first.next === undefined) this.last = undefined
    this.size--
    return first.delivery
  }

  fail(error: SubscriberTooSlow): void {
    this.failure ??= error
  }

  work(most: number): number {
    let done = 0
    while (done < most && this.running < this.options.concurrency) {
      const delivery = this.shift()
      if (delivery === undefined) break
      done++
      this.handle(delivery)
    }
    this.isBusy = false
    this.ask()
    if (this.failure !== undefined && this.size === 0 && !this.isClosed) {
      this.isClosed = true
      this.options.failed(this.failure)
    }
    return done
  }

  private ask(): void {
    if (this.isBusy || this.size === 0 || this.running >= this.options.concurrency) return
    this.isBusy = true
    this.dispatcher.add(this)
  }

  private handle(delivery: Delivery): void {
    this.counters.running++
    const rest = this.options.begin(delivery)
    if (rest === undefined) return void this.counters.running--
    this.running++
    const fiber = this.options.fork(rest)
    this.fibers.add(fiber)
    // by the handler itself, a moment ago
    if (this.isClosed) fiber.interruptUnsafe()
    fiber.addObserver(() => {
      this.counters.running--
      this.running--
      this.fibers.delete(fiber)
      this.ask()
    })
  }

  /** What waits is forgotten, what runs is interrupted; done when that has ended. */
  readonly close: Effect.Effect<void> = Effect.suspend(() => {
    this.isClosed = true
    this.first = this.last = undefined
    this.size = 0
    return Fiber.interruptAll([...this.fibers])
  })
}
