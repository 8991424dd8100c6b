import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/testing/TestClock"
import * as Supervisor from "../../src/app/Supervisor.ts"

const every = (delay: "1 second", times?: number) => {
  const spaced = Schedule.spaced(delay)
  return times === undefined ? spaced : Schedule.upTo(spaced, { times })
}

const logged = <A, E, R>(use: (lines: Array<string>) => Effect.Effect<A, E, R>) => {
  const lines: Array<string> = []
  const logger = Logger.make(({ message }) => void lines.push(String(Array.isArray(message) ? message[0] : message)))
  return Effect.provide(use(lines), Logger.layer([logger]))
}

describe("Supervisor", () => {
  it.effect("starts what fails again, after the schedule's delay, and says so", () =>
    logged((lines) =>
      Effect.gen(function* () {
        const supervisor = yield* Supervisor.make()
        let runs = 0
        const link = yield* supervisor.start(
          "link",
          Effect.suspend(() => (++runs < 3 ? Effect.fail(new Error(`broken ${runs}`)) : Effect.never)),
          { schedule: every("1 second") }
        )
        yield* TestClock.adjust("500 millis")
        assert.deepStrictEqual(yield* link.status, {
          name: "link",
          state: "waiting",
          restarts: 0,
          since: 0,
          lastError: "broken 1"
        })
        yield* TestClock.adjust("500 millis")
        assert.strictEqual(runs, 2)
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(yield* supervisor.list, [
          { name: "link", state: "running", restarts: 2, since: 2000, lastError: "broken 2" }
        ])
        assert.deepStrictEqual(lines, [
          "link died and is started again in 1000 ms",
          "link died and is started again in 1000 ms"
        ])
      })
    )
  )

  it.effect("gives up when the schedule does: the error is the result, and the log has it", () =>
    logged((lines) =>
      Effect.gen(function* () {
        const supervisor = yield* Supervisor.make()
        let runs = 0
        const doomed = yield* supervisor.start(
          "doomed",
          Effect.suspend(() => Effect.fail(`no ${++runs}`)),
          { schedule: every("1 second", 2) }
        )
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* Effect.flip(doomed.result), "no 3")
        assert.deepStrictEqual(yield* doomed.await, Exit.fail("no 3"))
        assert.deepStrictEqual(yield* supervisor.await("doomed"), Exit.fail("no 3"))
        const status = yield* doomed.status
        assert.deepStrictEqual(
          [status.state, status.restarts, status.since, status.lastError],
          ["failed", 2, 2000, "no 3"]
        )
        assert.strictEqual(lines.at(-1), "doomed died and is not started again")
      })
    )
  )

  it.effect("begins the schedule anew after a healthy time", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.make()
      let runs = 0
      const flaky = yield* supervisor.start(
        "flaky",
        Effect.suspend(() => {
          runs++
          return Effect.andThen(Effect.sleep("10 seconds"), Effect.fail("tired"))
        }),
        { schedule: every("1 second", 1), resetAfter: "10 seconds" }
      )
      yield* TestClock.adjust("110 seconds")
      assert.strictEqual(runs, 11)
      assert.strictEqual((yield* flaky.status).state, "running")
      const short = yield* supervisor.start("short", Effect.andThen(Effect.sleep("9 seconds"), Effect.fail("tired")), {
        schedule: every("1 second", 1),
        resetAfter: "10 seconds"
      })
      yield* TestClock.adjust("60 seconds")
      assert.deepStrictEqual([(yield* short.status).state, (yield* short.status).restarts], ["failed", 1])
    })
  )

  it.effect("restarts defects and self-made interruptions like failures, and ends only when told: never", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.make()
      const bug = yield* supervisor.start("bug", Effect.die(new TypeError("not a function")), {
        schedule: every("1 second")
      })
      const gone = yield* supervisor.start("gone", Effect.interrupt, { schedule: every("1 second") })
      const once = yield* supervisor.start("once", Effect.fail("once"), { restart: "never" })
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual([(yield* bug.status).restarts, (yield* bug.status).lastError], [3, "not a function"])
      assert.strictEqual((yield* gone.status).restarts, 3)
      assert.deepStrictEqual([(yield* once.status).state, (yield* once.status).restarts], ["failed", 0])
    })
  )

  it.effect("ends with what succeeds, or starts that again too", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.make()
      const job = yield* supervisor.start("job", Effect.succeed(42))
      assert.strictEqual(yield* job.result, 42)
      assert.strictEqual((yield* job.status).state, "succeeded")
      let polls = 0
      const poll = Effect.sync(() => void polls++)
      yield* supervisor.start("poll", poll, { restart: "always", schedule: every("1 second") })
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(polls, 6)
    })
  )

  it.effect("stops one: interrupts it, waits for its end, and does not start it again", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.make()
      const closing = yield* Deferred.make<void>()
      const link = yield* supervisor.start(
        "link",
        Effect.onInterrupt(Effect.never, () => Deferred.await(closing))
      )
      yield* TestClock.adjust("1 second")
      const stopping = yield* Effect.forkChild(supervisor.stop("link"), { startImmediately: true })
      assert.strictEqual((yield* link.status).state, "stopping")
      assert.isUndefined(stopping.pollUnsafe())
      yield* Deferred.succeed(closing, undefined)
      assert.isTrue(Exit.hasInterrupts(yield* link.await))
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual([(yield* link.status).state, (yield* link.status).restarts], ["stopped", 0])
      yield* supervisor.stop("link")
      const waiting = yield* supervisor.start("waiting", Effect.fail("x"), { schedule: every("1 second") })
      yield* TestClock.adjust("500 millis")
      yield* waiting.stop
      assert.strictEqual((yield* waiting.status).state, "stopped")
    })
  )

  it.effect("refuses a name that is in use, and gives back one whose fiber has ended", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.make()
      yield* supervisor.start("link", Effect.never)
      const error = yield* Effect.flip(supervisor.start("link", Effect.never))
      assert.deepStrictEqual([error._tag, error.code], ["SupervisedNameTaken", "SUPERVISOR_NAME_TAKEN"])
      yield* supervisor.stop("link")
      assert.strictEqual(yield* (yield* supervisor.start("link", Effect.succeed(1))).result, 1)
      for (const ask of [supervisor.stop("unknown"), supervisor.await("unknown")]) {
        assert.strictEqual((yield* Effect.flip(ask)).code, "SUPERVISOR_UNKNOWN_NAME")
      }
    })
  )

  it.effect("holds a bounded number, and forgets the oldest ends first", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.make({ maxFibers: 3 })
      yield* supervisor.start("a", Effect.never)
      for (let i = 0; i < 100; i++) yield* (yield* supervisor.start(`job ${i}`, Effect.succeed(i))).result
      const names = () => Effect.map(supervisor.list, (list) => list.map(({ name }) => name))
      assert.deepStrictEqual(yield* names(), ["a", "job 98", "job 99"])
      yield* supervisor.start("b", Effect.never)
      yield* supervisor.start("c", Effect.never)
      assert.deepStrictEqual(yield* names(), ["a", "b", "c"])
      const error = yield* Effect.flip(supervisor.start("d", Effect.never))
      assert.strictEqual(error.message, `"d" was not started: 3 fibers are supervised already, which is maxFibers.`)
    })
  )

  it.effect("waits, unless told otherwise, from a tenth of a second to half a minute, without end", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.make()
      const down = yield* supervisor.start("down", Effect.fail("down"))
      yield* TestClock.adjust("120 millis")
      assert.strictEqual((yield* down.status).restarts, 1)
      // 51 seconds until the delay has grown, then one every 24 to 36
      yield* TestClock.adjust("10 minutes")
      const early = (yield* down.status).restarts
      assert.isAtLeast(early, 22)
      assert.isAtMost(early, 36)
      yield* TestClock.adjust("1 hour")
      assert.isAtLeast((yield* down.status).restarts - early, 98)
    })
  )

  it.effect("ends everything with its scope, and waits for that", () =>
    Effect.gen(function* () {
      const ended: Array<string> = []
      const [live, waiting] = yield* Effect.scoped(
        Effect.gen(function* () {
          const supervisor = yield* Supervisor.make()
          const live = yield* supervisor.start(
            "live",
            Effect.onInterrupt(Effect.never, () =>
              Effect.andThen(
                Effect.yieldNow,
                Effect.sync(() => ended.push("live"))
              )
            )
          )
          const waiting = yield* supervisor.start("waiting", Effect.fail("x"))
          yield* TestClock.adjust("10 millis")
          return [live, waiting] as const
        })
      )
      assert.deepStrictEqual(ended, ["live"])
      assert.deepStrictEqual([(yield* live.status).state, (yield* waiting.status).state], ["stopped", "stopped"])
      assert.isTrue(Exit.hasInterrupts(yield* waiting.await))
    })
  )

  it.effect("gives a fiber the services of whoever starts it, and a layer gives the service", () =>
    Effect.gen(function* () {
      class Greeting extends Context.Service<Greeting, string>()("test/Greeting") {}
      const supervisor = yield* Supervisor.Supervisor
      const greeter = yield* Effect.provideService(supervisor.start("greeter", Greeting), Greeting, "hello")
      assert.strictEqual(yield* greeter.result, "hello")
    }).pipe(Effect.provide(Supervisor.layer()))
  )
})
