/** Handles one event: its timeout, its retries, and what it leaves. */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Schedule from "effect/Schedule"
import type { Delivery } from "../Broker.ts"
import * as Correlation from "../Correlation.ts"
import type { Received } from "../Envelope.ts"
import type { DeadLetter } from "../EventBus.ts"
import { EventPayloadInvalid, HandlerTimeout } from "../EventError.ts"
import type { Counters } from "./Counters.ts"
import { raw } from "./reading.ts"

export interface Handling {
  readonly counters: Counters
  readonly read: (delivery: Delivery) => Received<unknown> | EventPayloadInvalid
  readonly handle: (event: Received<never, never>) => Effect.Effect<unknown, unknown, never>
  readonly filter: ((event: Received<never, never>) => boolean) | undefined
  readonly timeout: Duration.Duration
  readonly retry: Schedule.Schedule<unknown> | undefined
  readonly deadLetter: ((letter: DeadLetter) => Effect.Effect<void>) | undefined
  /** Told how each event ended, instead of everything below: responders answer here. */
  readonly ended: ((delivery: Delivery, exit: Exit.Exit<unknown, unknown>) => Effect.Effect<void>) | undefined
  /** What the handlers run in. */
  readonly context: Context.Context<never>
}

/** How long a handler that was interrupted may take to clean up before its place is given away. */
const CLEAN_UP = Duration.seconds(1)

/** Begins to handle an event; gives what is left to wait for, undefined where it has ended well already. */
export const beginner = (given: Handling) => {
  const { counters, filter, handle, read, timeout } = given
  // flat, so that adding to it for each event copies nothing
  const context = Context.makeUnsafe<never>(given.context.mapUnsafe)

  const effectOf = (event: Received<unknown>): Effect.Effect<unknown, unknown> => {
    try {
      return handle(event as Received<never, never>)
    } catch (thrown) {
      return Effect.die(thrown)
    }
  }
  /** One try, within the chain of its event: runs at once as far as it gets. */
  const runWithin = (event: Received<unknown>, effect: Effect.Effect<unknown, unknown>) =>
    Effect.runForkWith(Context.add(context, Correlation.Current, Correlation.after(event)))(effect)
  const ending = (fiber: Fiber.Fiber<unknown, unknown>, event: Received<unknown>) =>
    Fiber.await(fiber).pipe(
      Effect.timeoutOption(timeout),
      Effect.flatMap((exit) => {
        if (Option.isSome(exit)) return Effect.succeed(exit.value)
        counters.timedOut++
        const late = new HandlerTimeout({ subject: event.subject, millis: Duration.toMillis(timeout) })
        return Effect.as(Effect.timeoutOption(Fiber.interrupt(fiber), CLEAN_UP), Exit.fail(late))
      }),
      Effect.onInterrupt(() => Fiber.interrupt(fiber))
    )
  /** Tries again as long as `retry` has it. */
  const again = (first: Exit.Exit<unknown, unknown>, event: Received<unknown>) => {
    if (given.retry === undefined || Exit.isSuccess(first)) return Effect.succeed(first)
    let exit: Exit.Exit<unknown, unknown> | undefined = first
    const attempt = Effect.suspend(() => {
      const known = exit
      exit = undefined
      return known ?? Effect.flatten(Effect.suspend(() => ending(runWithin(event, effectOf(event)), event)))
    })
    // a defect of a handler is worth a try as any failure is
    return Effect.exit(Effect.retry(Effect.sandbox(attempt), given.retry)).pipe(
      Effect.map((last) => Exit.mapError(last, (cause) => Cause.squash(cause)))
    )
  }
  const settled = (delivery: Delivery, exit: Exit.Exit<unknown, unknown>): Effect.Effect<void> | undefined => {
    const { settle } = delivery
    // a responder has told the one who asked
    if (given.ended !== undefined) return given.ended(delivery, exit)
    if (Exit.isSuccess(exit)) return settle?.ack
    if (settle !== undefined && !settle.isLast) return settle.retry
    counters.failed++
    return giveUp(delivery, Cause.squash(exit.cause), exit.cause)
  }
  const giveUp = (delivery: Delivery, error: unknown, cause: Cause.Cause<unknown>): Effect.Effect<void> => {
    const told =
      given.deadLetter === undefined
        ? Effect.annotateLogs(Effect.logError(`An event at "${delivery.subject}" was given up`, cause), {
            event: delivery.id,
            correlation: delivery.correlationId
          })
        : Effect.catchCause(
            Effect.suspend(() => given.deadLetter?.({ event: raw(delivery), error }) ?? Effect.void),
            (broken) => Effect.logError(`The dead letter handler of "${delivery.subject}" failed`, broken)
          )
    const dead = delivery.settle?.dead(error instanceof Error ? error.message : String(error))
    const all = dead === undefined ? told : Effect.andThen(told, dead)
    return Effect.provideContext(all, context)
  }

  const begin = (delivery: Delivery): Effect.Effect<void> | undefined => {
    const event = read(delivery)
    if (event instanceof EventPayloadInvalid) {
      counters.poisoned++
      return given.ended?.(delivery, Exit.fail(event)) ?? giveUp(delivery, event, Cause.fail(event))
    }
    if (filter !== undefined) {
      try {
        if (!filter(event as Received<never, never>)) return delivery.settle?.ack
      } catch (thrown) {
        return settled(delivery, Exit.die(thrown))
      }
    }
    counters.delivered++
    const effect = effectOf(event)
    // an answer that is there needs no fiber
    const fiber = Exit.isExit(effect) ? undefined : runWithin(event, effect)
    const now = fiber === undefined ? (effect as Exit.Exit<unknown, unknown>) : fiber.pollUnsafe()
    if (now?._tag === "Success") return settled(delivery, now)
    const first = now === undefined ? ending(fiber as Fiber.Fiber<unknown, unknown>, event) : Effect.succeed(now)
    return first.pipe(
      Effect.flatMap((first) => again(first, event)),
      Effect.flatMap((last) => settled(delivery, last) ?? Effect.void)
    )
  }
  /** What breaks besides handlers (a Schema of the program that throws, for one) ends no subscription either. */
  return (delivery: Delivery): Effect.Effect<void> | undefined => {
    try {
      return begin(delivery)
    } catch (thrown) {
      counters.failed++
      return giveUp(delivery, thrown, Cause.die(thrown))
    }
  }
}
