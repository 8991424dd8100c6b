/** Buses within one process, beside a plain PubSub of Effect. */
import * as Event from "@mortise/core/events/Event"
import type { Shape } from "@mortise/core/events/EventBus"
import { make } from "@mortise/core/events/EventBus"
import { broker } from "@mortise/core/events/InProcess"
import * as Subject from "@mortise/core/events/Subject"
import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Subject as Measured, Subjects } from "./Measure.ts"

const Said = Event.make("chat.{room}.said", { payload: { user: Schema.String, text: Schema.String, n: Schema.Int } })
const room = "lobby"
const payload = { user: "ada", text: "a line of text as people write it", n: 1 }
/** The four patterns that all stand for what is published. */
const patterns = ["chat.*.said", "chat.>", "chat.lobby.*", "*.lobby.said"]
/** Events between two waits: what every inbox takes without dropping. */
const BURST = 512

/** Counts deliveries; `reached` is done when so many have come since the last time. */
class Count {
  private count = 0
  private wanted = Number.POSITIVE_INFINITY
  private done: () => void = () => {}
  readonly one = (): void => this.add(1)
  add(more: number): void {
    this.count += more
    if (this.count < this.wanted) return
    this.count -= this.wanted
    this.wanted = Number.POSITIVE_INFINITY
    this.done()
  }
  reached(wanted: number): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      this.done = () => resume(Effect.void)
      this.wanted = wanted
      this.add(0)
    })
  }
}

const subject =
  (
    fanOut: number,
    build: (count: Count) => Effect.Effect<(n: number) => Effect.Effect<unknown, unknown>, unknown, Scope.Scope>
  ) =>
  (): Promise<Measured> =>
    Effect.runPromise(
      Effect.gen(function* () {
        // as long as the process
        const scope = yield* Scope.make()
        const count = new Count()
        const publish = yield* Scope.provide(build(count), scope)
        const burst = Effect.gen(function* () {
          for (let i = 0; i < BURST; i++) yield* publish(i)
          yield* count.reached(BURST * fanOut)
        })
        return {
          fanOut,
          round: (events: number) =>
            Effect.runPromise(
              Effect.gen(function* () {
                for (let sent = 0; sent < events; sent += BURST) yield* burst
              })
            )
        }
      })
    )

interface Line {
  readonly subject: string
  readonly payload: typeof payload
}

/** What one would write without a bus: every subscriber looks at each event, and handles those of its pattern. */
const pubSub = (count: Count) =>
  Effect.gen(function* () {
    const hub = yield* PubSub.bounded<Line>(1024)
    for (const pattern of patterns) {
      const lines = Stream.fromSubscription(yield* PubSub.subscribe(hub))
      const mine = Stream.filter(lines, ({ subject }) => Subject.matches(pattern, subject))
      yield* Effect.forkScoped(Stream.runForEach(mine, () => Effect.sync(count.one)))
    }
    yield* Effect.yieldNow
    return () => PubSub.publish(hub, { subject: `chat.${room}.said`, payload })
  })

/** The least there is: no patterns, no handler, whole chunks counted. */
const pubSubChunks = (count: Count) =>
  Effect.gen(function* () {
    const hub = yield* PubSub.bounded<typeof payload>(1024)
    for (const _ of patterns) {
      const subscription = yield* PubSub.subscribe(hub)
      yield* Effect.forkScoped(Effect.forever(Effect.map(PubSub.takeAll(subscription), (all) => count.add(all.length))))
    }
    yield* Effect.yieldNow
    return () => PubSub.publish(hub, payload)
  })

const bus = (subscribe: (bus: Shape, count: Count) => Effect.Effect<void, unknown, Scope.Scope>) => (count: Count) =>
  Effect.gen(function* () {
    const made = yield* make(broker())
    yield* subscribe(made, count)
    yield* Effect.yieldNow
    return () => made.publish(Said, payload, { at: { room } })
  })

/** The event as a subscriber of the pattern sees it: typed, not encoded. */
const at = (pattern: string) => ({ ...Said, pattern })

const streams = bus((made, count) =>
  Effect.forEach(
    patterns,
    (pattern) => Effect.forkScoped(Stream.runForEach(made.subscribe(at(pattern)), () => Effect.sync(count.one))),
    { discard: true }
  )
)
const handlers = bus((made, count) =>
  Effect.forEach(patterns, (pattern) => made.on(at(pattern), () => Effect.sync(count.one)), { discard: true })
)

export const oneToFour: Subjects = {
  pubsub: subject(4, pubSub),
  "pubsub-chunks": subject(4, pubSubChunks),
  "mortise-streams": subject(4, streams),
  "mortise-handlers": subject(4, handlers)
}

/** Ten thousand patterns; each event is for one of them. */
const SUBSCRIPTIONS = 10_000
export const manyPatterns: Subjects = {
  "mortise-handlers": subject(1, (count) =>
    Effect.gen(function* () {
      const made = yield* make(broker())
      for (let i = 0; i < SUBSCRIPTIONS; i++) {
        const pattern = `chat.${i}.*`
        yield* made.on(at(pattern), () => Effect.sync(count.one))
      }
      return (n: number) => made.publish(Said, payload, { at: { room: String((n * 7919) % SUBSCRIPTIONS) } })
    })
  ),
  "mortise-handlers-one": subject(1, (count) =>
    Effect.gen(function* () {
      const made = yield* make(broker())
      yield* made.on(at("chat.*.*"), () => Effect.sync(count.one))
      return (n: number) => made.publish(Said, payload, { at: { room: String((n * 7919) % SUBSCRIPTIONS) } })
    })
  )
}
