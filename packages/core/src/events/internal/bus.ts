/** Everything of a bus that is the same on every broker. */
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Turn } from "../../app/Turn.ts"
import type { Broker, Delivery, Outgoing } from "../Broker.ts"
import * as Correlation from "../Correlation.ts"
import type { Received } from "../Envelope.ts"
import * as Event from "../Event.ts"
import type { OnOptions, Shape, SubscribeOptions } from "../EventBus.ts"
import { EventPayloadInvalid, type SubscriberTooSlow } from "../EventError.ts"
import * as Subject from "../Subject.ts"
import { Counters } from "./Counters.ts"
import { Desk } from "./Desk.ts"
import { Dispatcher } from "./Dispatcher.ts"
import { beginner, type Handling } from "./handling.ts"
import { make as makeIds } from "./Ids.ts"
import { Inbox, type InboxOptions, type Waiting } from "./Inbox.ts"
import { queued } from "./queued.ts"
import { reader } from "./reading.ts"
import { replies } from "./replies.ts"

const MAX_PENDING = 1024
const HANDLER_TIMEOUT = Duration.seconds(30)
const REQUEST_TIMEOUT = Duration.seconds(5)
const RESPONDERS = 16

type AnyEvent = Event.Event<string, unknown>
type AnyRequest = Event.Request<string, unknown, unknown, unknown>
type Described = Pick<AnyEvent, "subject" | "pattern" | "places" | "version" | "payload">

interface Subscribing {
  readonly event: Described | undefined
  readonly pattern: string
  readonly options: SubscribeOptions & { readonly durable?: string }
  readonly dropped?: NonNullable<InboxOptions["dropped"]>
}

const count = (what: string, value: number): number => {
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${what} must be a whole number of at least 1`)
  return value
}

export const make = Effect.fnUntraced(function* (broker: Broker): Effect.fn.Return<Shape, never, Scope.Scope> {
  const turn = yield* Turn
  const counters = new Counters()
  const dispatcher = new Dispatcher(turn)
  const desks = new Set<Desk>()
  const ids = yield* makeIds

  const outgoing = (
    { payload: codec, version }: Described,
    subject: string,
    payload: unknown,
    encoded: unknown,
    time: number,
    chain: Correlation.Correlation | undefined
  ): Outgoing => {
    const id = ids.next()
    return {
      id,
      subject,
      time,
      correlationId: chain?.correlationId ?? id,
      causationId: chain?.causationId,
      version,
      payload: encoded,
      value: payload,
      codec: codec as unknown as Outgoing["codec"]
    }
  }

  /** Makes the envelope of a payload within the chain of the running fiber, and hands it on. */
  const send = <A, E>(
    event: Described,
    payload: unknown,
    at: Readonly<Record<string, string>> | undefined,
    to: (event: Outgoing) => Effect.Effect<A, E>
  ): Effect.Effect<A, E | Subject.SubjectInvalid | EventPayloadInvalid> =>
    Effect.withFiber((fiber): Effect.Effect<A, E | Subject.SubjectInvalid | EventPayloadInvalid> => {
      const subject = Event.subjectAt(event, at)
      if (Result.isFailure(subject)) return Effect.fail(subject.failure)
      const encoded = Event.encode(event.payload, subject.success, "publish", payload)
      if (Result.isFailure(encoded)) return Effect.fail(encoded.failure)
      const time = fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
      const chain = fiber.getRef(Correlation.Current)
      counters.published++
      return to(outgoing(event, subject.success, payload, encoded.success, time, chain))
    })

  /** Subscribes until the scope closes; what comes waits there. */
  const open = Effect.fnUntraced(function* ({ dropped, options, pattern }: Subscribing, waiting: Waiting) {
    const checked = Subject.parsePattern(pattern)
    if (Result.isFailure(checked)) return yield* checked.failure
    const maxPending = count("maxPending", options.maxPending ?? MAX_PENDING)
    const whenFull = options.whenFull ?? "drop-oldest"
    const inbox = new Inbox(
      waiting,
      { pattern, maxPending, whenFull, ...(dropped === undefined ? {} : { dropped }) },
      counters
    )
    yield* Effect.acquireRelease(
      Effect.sync(() => void counters.subscriptions++),
      () => Effect.sync(() => void counters.subscriptions--)
    )
    yield* broker.subscribe(pattern, { group: options.group, durable: options.durable, maxPending }, inbox.offer)
  })

  const handleAll = Effect.fnUntraced(function* (
    subscribing: Subscribing,
    concurrency: number,
    handling: (context: Context.Context<never>) => Omit<Handling, "read" | "counters" | "context">
  ) {
    const context = yield* Effect.context<never>()
    const fork = Effect.runForkWith(context)
    const tooSlow = (error: SubscriberTooSlow): void =>
      void fork(Effect.logError(`The handler of "${subscribing.pattern}" was ended`, error))
    const begin = beginner({ ...handling(context), read: reader(subscribing.event), counters, context })
    const desk = new Desk({ concurrency, begin, fork, failed: tooSlow }, dispatcher, counters)
    yield* open(subscribing, desk)
    // closing goes backwards: handlers end before the broker hears that nobody is subscribed
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        desks.add(desk)
        desk.open()
      }),
      () =>
        Effect.andThen(
          desk.close,
          Effect.sync(() => void desks.delete(desk))
        )
    )
  })

  const on = (
    target: AnyEvent | string,
    handler: (event: Received<never, never>) => Effect.Effect<unknown, unknown>,
    options: OnOptions<never, never, never> = {}
  ) => {
    const event = typeof target === "string" ? undefined : target
    const pattern = typeof target === "string" ? target : target.pattern
    return Effect.suspend(() => {
      const concurrency = count("concurrency", options.concurrency ?? 1)
      return handleAll({ event, pattern, options }, concurrency, (context) => ({
        handle: handler,
        filter: options.filter,
        timeout: Duration.fromInputUnsafe(options.timeout ?? HANDLER_TIMEOUT),
        retry: options.retry,
        deadLetter:
          options.deadLetter === undefined
            ? undefined
            : (letter) => Effect.provideContext(options.deadLetter?.(letter) ?? Effect.void, context),
        ended: undefined
      }))
    })
  }

  const subscribe = (target: AnyEvent | string, options: SubscribeOptions = {}) => {
    const event = typeof target === "string" ? undefined : target
    const pattern = typeof target === "string" ? target : target.pattern
    return Stream.unwrap(
      Effect.gen(function* () {
        const { queue, waiting } = yield* queued
        yield* open({ event, pattern, options }, waiting)
        const read = reader(event)
        const readable = (delivery: Delivery): Result.Result<Received<unknown>, EventPayloadInvalid> => {
          const found = read(delivery)
          if (!(found instanceof EventPayloadInvalid)) {
            counters.delivered++
            return Result.succeed(found)
          }
          counters.poisoned++
          return Result.fail(found)
        }
        return Stream.fromQueue(queue).pipe(
          Stream.map(readable),
          Stream.tap((found) => (Result.isSuccess(found) ? Effect.void : Effect.logWarning(found.failure.message))),
          Stream.filterMap((found) => found)
        )
      })
    )
  }

  const request = (
    asked: AnyRequest,
    payload: unknown,
    options: { readonly at?: Readonly<Record<string, string>>; readonly timeout?: Duration.Input } = {}
  ) =>
    Effect.suspend(() => {
      const millis = Duration.toMillis(Duration.fromInputUnsafe(options.timeout ?? REQUEST_TIMEOUT))
      let subject = asked.pattern
      return Effect.flatMap(
        send(asked, payload, options.at, (event) => {
          subject = event.subject
          return broker.request(event, millis)
        }),
        (answer) => replies.read(asked, subject, answer)
      )
    })

  const respond = (
    asked: AnyRequest,
    handler: (event: Received<never, never>) => Effect.Effect<unknown, unknown>,
    options: {
      readonly concurrency?: number
      readonly timeout?: Duration.Input
      readonly group?: string
      readonly maxPending?: number
    } = {}
  ) =>
    Effect.suspend(() => {
      const concurrency = count("concurrency", options.concurrency ?? RESPONDERS)
      return Effect.flatMap(Effect.context<never>(), (context) => {
        const answers = replies.writer(asked, () => ids.next(), context)
        const busy = Effect.runForkWith(context)
        return handleAll(
          {
            event: asked,
            pattern: asked.pattern,
            options: {
              maxPending: options.maxPending ?? MAX_PENDING,
              whenFull: "drop-newest",
              group: options.group ?? "responders"
            },
            dropped: (delivery) => void busy(answers.busy(delivery))
          },
          concurrency,
          () => ({
            handle: handler,
            filter: undefined,
            timeout: Duration.fromInputUnsafe(options.timeout ?? HANDLER_TIMEOUT),
            retry: undefined,
            deadLetter: undefined,
            ended: answers.ended
          })
        )
      })
    })

  // Handlers end in any order; a look once in a while costs less than telling of each.
  const idle: Effect.Effect<void> = Effect.suspend(() => {
    if (counters.running === 0 && [...desks].every(({ size }) => size === 0)) return Effect.void
    const moment = Effect.callback<void>((resume) => Effect.sync(turn.arm(5, () => resume(Exit.void))))
    return Effect.andThen(moment, idle)
  })

  return {
    name: broker.name,
    publish: (event: AnyEvent, payload: unknown, options?: { readonly at?: Readonly<Record<string, string>> }) =>
      send(event, payload, options?.at, broker.publish),
    subscribe,
    on,
    request,
    respond,
    stats: Effect.sync(() => {
      const { running: _, ...sums } = counters
      return sums
    }),
    idle,
    interest: broker.interest
    // the overloads of the contract say how payloads, places and errors hang together; here they are unknown
  } as unknown as Shape
})
