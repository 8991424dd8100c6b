import assert from "node:assert/strict"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { Turn } from "../../app/Turn.ts"
import type { Ref } from "../../tasks/Task.ts"
import type { TaskStoreError } from "../../tasks/TaskError.ts"
import { type TaskState, TaskStore, type TaskStoreShape } from "../../tasks/TaskStore.ts"
import * as Tasks from "../../tasks/Tasks.ts"
import { World } from "../gateway-kit/World.ts"
import { defaultPatience, turns } from "../until.ts"
import { type OpenStore, Pace, type TasksHarness } from "./Harness.ts"
import { handlers } from "./KitTasks.ts"

type Shape = Tasks.Tasks["Service"]

/** A process of its own, as far as the store can tell. */
export interface Engine {
  readonly tasks: Shape
  readonly world: World
  /** Lines that it logged at warning and above. */
  readonly logs: ReadonlyArray<string>
  readonly open: OpenStore
  /** Ends it: interrupts what runs, hands it back. */
  readonly close: Effect.Effect<void>
}

export interface EngineOptions extends Tasks.TasksOptions {
  /** Does not work, only enqueues. */
  readonly idle?: boolean
  /** Stands before the store. */
  readonly wrap?: (store: TaskStoreShape) => TaskStoreShape
  /** Stops it, see `stoppable`. */
  readonly stopper?: Stopper
  /** The wall clock that it sees; see `wallClock`. */
  readonly clock?: Clock.Clock
}

export interface Stage extends Engine {
  /** Starts one more process on the same tasks. */
  readonly engine: (options?: EngineOptions) => Effect.Effect<Engine, unknown, Scope.Scope>
}

const start = Effect.fnUntraced(function* (
  open: OpenStore,
  { clock, idle, stopper, wrap = stopper?.wrap, ...options }: EngineOptions
) {
  const scope = yield* Scope.fork(yield* Scope.Scope)
  const logs: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => {
    if (logLevel === "Warn" || logLevel === "Error")
      logs.push(Array.isArray(message) ? message.join(" ") : `${message}`)
  })
  const layer = Tasks.layer(options).pipe(
    Layer.provide(Layer.succeed(TaskStore, wrap === undefined ? open.store : wrap(open.store)))
  )
  const logging = Layer.mergeAll(
    Logger.layer([logger]),
    Layer.succeed(References.MinimumLogLevel, "Warn"),
    Layer.succeed(Clock.Clock, clock ?? (yield* Clock.Clock))
  )
  // before the scope closes, where what is stopped could not say goodbye
  yield* Effect.addFinalizer(() => Effect.sync(() => stopper?.goOn()))
  const world = new World()
  const context = yield* Layer.buildWithScope(Layer.provideMerge(layer, logging), scope)
  const tasks = Context.get(context, Tasks.Tasks)
  if (idle !== true) {
    yield* tasks.work(...handlers(world)).pipe(Scope.provide(scope), Effect.provideContext(context))
  }
  const engine: Engine = { tasks, world, logs, open, close: Scope.close(scope, { _tag: "Success" } as never) }
  return engine
})

/** Tasks of the kit on a store of the harness. */
export const stage = Effect.fnUntraced(function* (harness: TasksHarness, options: EngineOptions = {}) {
  const fixture = yield* harness.make
  const engine = (more: EngineOptions = {}) => Effect.flatMap(fixture.open, (open) => start(open, more))
  const first = yield* engine(options)
  const made: Stage = { ...first, engine }
  return made
})

/** The case's clock with a wall that can be set, as people and time servers do; what has passed since stays what it is. */
export const wallClock = Effect.gen(function* () {
  const clock = yield* Clock.Clock
  let offset = 0
  const millis = (): number => clock.currentTimeMillisUnsafe() + offset
  const nanos = (): bigint => clock.currentTimeNanosUnsafe() + BigInt(offset) * 1_000_000n
  const shifted: Clock.Clock = {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: clock.monotonicTimeNanos,
    sleep: (duration) => clock.sleep(duration)
  }
  return { clock: shifted, set: (by: number): void => void (offset += by) }
})

export interface Stopper {
  readonly stop: () => void
  readonly goOn: () => void
  readonly wrap: (store: TaskStoreShape) => TaskStoreShape
}

/** Stops a worker as SIGSTOP stops a process: no call to its store gets through until it goes on. */
export const stoppable = (): Stopper => {
  const gate = Latch.makeUnsafe(true)
  const held =
    <A extends ReadonlyArray<unknown>, B>(call: (...args: A) => Effect.Effect<B, TaskStoreError>) =>
    (...args: A) =>
      Effect.andThen(gate.await, call(...args))
  return {
    stop: (): void => void gate.closeUnsafe(),
    goOn: (): void => void gate.openUnsafe(),
    wrap: (store: TaskStoreShape): TaskStoreShape => ({
      ...store,
      claim: held(store.claim),
      settle: held(store.settle),
      extend: held(store.extend),
      sweep: held(store.sweep)
    })
  }
}

const holds = <E>(check: () => boolean | Effect.Effect<boolean, E>): Effect.Effect<boolean, E> =>
  Effect.suspend(() => {
    const answer = check()
    return typeof answer === "boolean" ? Effect.succeed(answer) : answer
  })

const until = <E>(
  what: string,
  check: () => boolean | Effect.Effect<boolean, E>,
  between: Effect.Effect<void>
): Effect.Effect<void, E> =>
  Effect.gen(function* () {
    const turn = yield* Turn
    const from = turn.now()
    while (!(yield* holds(check))) {
      if (turn.now() - from > defaultPatience) return yield* Effect.die(new Error(`waited in vain: ${what}`))
      yield* between
      yield* turns(1)
    }
  })

/** Waits without letting time pass. */
export const soon = <E>(what: string, check: () => boolean | Effect.Effect<boolean, E>): Effect.Effect<void, E> =>
  until(what, check, Effect.void)

/** Real time for a store to answer. */
const pause = Effect.gen(function* () {
  const millis = yield* Pace
  const turn = yield* Turn
  if (millis > 0) {
    yield* Effect.callback<void>((resume) => {
      const cancel = turn.arm(millis, () => resume(Effect.void))
      return Effect.sync(cancel)
    })
  }
})

/** Lets time pass, a tenth of a second at a time, until something holds. */
export const inTime = <E>(what: string, check: () => boolean | Effect.Effect<boolean, E>): Effect.Effect<void, E> =>
  until(what, check, Effect.andThen(TestClock.adjust(100), pause))

/** Lets this time pass in steps that leave a worker the time to renew its leases, on stores that answer later too. */
export const pass = Effect.fnUntraced(function* (duration: Duration.Input) {
  const stepMillis = 2000
  for (let left = Duration.toMillis(Duration.fromInputUnsafe(duration)); left > 0; left -= stepMillis) {
    yield* TestClock.adjust(Math.min(left, stepMillis))
    yield* pause
  }
})

/** Lets time pass until the task is in this state; gives its status. */
export const reaches = Effect.fnUntraced(function* <A, E>(tasks: Shape, ref: Ref<A, E>, state: TaskState) {
  const status = Effect.suspend(() => tasks.status(ref))
  yield* inTime(`${ref.task.name} is ${state}`, () => Effect.map(status, (now) => now.state === state))
  return yield* status
})

/** Waits until the worker has begun the run of this key. */
export const begun = ({ world }: Engine, key: string, times = 1): Effect.Effect<void> =>
  soon(`${key} runs`, () => world.count(`start ${key}`) >= times)

/** Shows that something does not happen: lets the event loop and the store have their turns. */
export const quiet = ({ tasks }: Engine): Effect.Effect<void, unknown> =>
  Effect.forEach(
    Array.from({ length: 5 }),
    () => Effect.andThen(Effect.andThen(tasks.list({ state: "ready", limit: 1 }), turns(5)), pause),
    {
      discard: true
    }
  )

export const same = (actual: unknown, expected: unknown, message?: string): void =>
  assert.deepEqual(actual, expected, message)
