import { assert, describe, it } from "@effect/vitest"
import * as Drain from "@mortise/core/app/Drain"
import { type Check, HealthProblem } from "@mortise/core/app/Health"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as TestClock from "effect/testing/TestClock"
import * as Readiness from "../src/Readiness.ts"

const options = { intervalMillis: 250, timeLimitMillis: 700 }

/** Watches checks; gives what is reported, and everything that the log was told. */
const watching = Effect.fnUntraced(function* (checks: ReadonlyArray<Check>) {
  const readiness = yield* Readiness.make(options)
  yield* readiness.watch(checks)
  return readiness.report
})

const logged = <A, E, R>(use: (lines: Array<string>) => Effect.Effect<A, E, R>) => {
  const lines: Array<string> = []
  const logger = Logger.make(({ cause, message }) => void lines.push(`${String(message)} ${JSON.stringify(cause)}`))
  return Effect.provide(use(lines), Logger.layer([logger]))
}

const failing = (problem: string) => Effect.fail(new HealthProblem({ problem }))

describe("Readiness", () => {
  it.effect("is ready without checks, and with checks that pass", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* yield* watching([]), { ready: true, draining: false, checks: [] })
      const report = yield* yield* watching([{ name: "db", check: Effect.void }])
      assert.isTrue(report.ready)
      assert.deepStrictEqual(report.checks, [{ name: "db", status: "ok", since: "1970-01-01T00:00:00.000Z" }])
    })
  )

  it.effect("flips with the check, says why and since when, and tells the log once", () =>
    logged((lines) =>
      Effect.gen(function* () {
        let problem: string | undefined
        const check = Effect.suspend(() => (problem === undefined ? Effect.void : failing(problem)))
        const report = yield* watching([
          { name: "db", check },
          { name: "other", check: Effect.void }
        ])
        assert.isTrue((yield* report).ready)
        problem = "no route to host"
        yield* TestClock.adjust("250 millis")
        const down = yield* report
        assert.isFalse(down.ready)
        assert.deepStrictEqual(down.checks[0], {
          name: "db",
          status: "failed",
          since: "1970-01-01T00:00:00.250Z",
          problem: "no route to host"
        })
        assert.strictEqual(down.checks[1]?.status, "ok")
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual((yield* report).checks[0]?.since, "1970-01-01T00:00:00.250Z")
        problem = undefined
        yield* TestClock.adjust("250 millis")
        assert.isTrue((yield* report).ready)
        assert.deepStrictEqual(
          lines.map((line) => line.slice(0, line.indexOf(" {"))),
          ["The check db fails: no route to host", "The check db passes again"]
        )
      })
    )
  )

  it.effect("fails a check that hangs after its time limit, and never runs it twice at a time", () =>
    Effect.gen(function* () {
      let running = 0
      let most = 0
      let runs = 0
      const check = Effect.suspend(() => {
        runs++
        most = Math.max(most, ++running)
        return Effect.ensuring(
          Effect.never,
          Effect.sync(() => void running--)
        )
      })
      const report = yield* watching([{ name: "hangs", check }])
      yield* TestClock.adjust("700 millis")
      const { checks, ready } = yield* report
      assert.isFalse(ready)
      assert.strictEqual(checks[0]?.problem, "It did not answer within 700 ms.")
      yield* TestClock.adjust("10 seconds")
      assert.isAbove(runs, 5)
      assert.strictEqual(most, 1)
    })
  )

  it.effect("waits for a check that cannot be interrupted before it runs again, and is not held up by it", () =>
    Effect.gen(function* () {
      let runs = 0
      let release: (() => void) | undefined
      const check = Effect.uninterruptible(
        Effect.callback<void>((resume) => {
          runs++
          release = () => resume(Effect.void)
        })
      )
      const report = yield* Effect.scoped(
        Effect.gen(function* () {
          const report = yield* watching([{ name: "stubborn", check }])
          yield* TestClock.adjust("20 seconds")
          assert.strictEqual(runs, 1)
          assert.isFalse((yield* report).ready)
          release?.()
          yield* TestClock.adjust("250 millis")
          assert.strictEqual(runs, 2)
          return report
        })
      )
      // the scope has closed, although the check still hangs
      assert.deepStrictEqual((yield* report).checks, [])
    })
  )

  it.effect("does not say what a defect says, but where the log has it, once", () =>
    logged((lines) =>
      Effect.gen(function* () {
        const check = Effect.die(new Error("password=hunter2 in a bug"))
        const report = yield* watching([{ name: "buggy", check }])
        yield* TestClock.adjust("5 seconds")
        const [found] = (yield* report).checks
        assert.strictEqual(found?.status, "failed")
        assert.match(found?.problem ?? "", /^The check itself broke\. The log has it under [0-9a-f-]{36}\.$/)
        const reference = /under (.*)\./.exec(found?.problem ?? "")?.[1] ?? "none"
        assert.strictEqual(lines.filter((line) => line.includes(`broke (reference ${reference})`)).length, 1)
        assert.strictEqual(lines.length, 2)
      })
    )
  )

  it.effect("leaves out what looks like a secret", () =>
    Effect.gen(function* () {
      const secrets: ReadonlyArray<readonly [said: string, shown: string]> = [
        [
          "connect to postgres://admin:hunter2@db.internal:5432/app failed",
          "connect to postgres://admin:<redacted>@db.internal:5432/app failed"
        ],
        ["redis://:p@ss@w0rd@10.0.0.1/0", "redis://:<redacted>@10.0.0.1/0"],
        ["nats://s3cr3ttokens3cr3ttoken@nats:4222 refused", "nats://<redacted>@nats:4222 refused"],
        ["host=db user=app password=hunter2 dbname=x", "host=db user=app password=<redacted> dbname=x"],
        ['{"apiKey": "abc def", "room": "lobby"}', '{"apiKey": <redacted>, "room": "lobby"}'],
        ["DB_PASSWORD: hunter2", "DB_PASSWORD: <redacted>"],
        ["got 401 for Authorization: Bearer abcdef123456", "got 401 for Authorization: <redacted>"],
        ["token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl expired", "token <redacted> expired"],
        ["line one\n\u001b[31mline two", "line one [31mline two"]
      ]
      const report = yield* watching(secrets.map(([said], i) => ({ name: `${i}`, check: failing(said) })))
      assert.deepStrictEqual(
        (yield* report).checks.map(({ problem }) => problem),
        secrets.map(([, shown]) => shown)
      )
    })
  )

  it.effect("cuts a long reason, whatever it is made of, in bounded time", () =>
    Effect.gen(function* () {
      const long = ["a".repeat(1e6), "password=".repeat(1e5), "x://".repeat(1e5), "@".repeat(1e6), "eyJ-".repeat(1e5)]
      const report = yield* watching(long.map((said, i) => ({ name: `${i}`, check: failing(said) })))
      for (const { problem } of (yield* report).checks) assert.isAtMost(problem?.length ?? 0, 300)
    })
  )

  it.effect("refuses two checks of one name", () =>
    Effect.gen(function* () {
      const check = { name: "db", check: Effect.void }
      const exit = yield* Effect.exit(watching([check, check]))
      assert.isTrue(Exit.isFailure(exit))
      assert.include(JSON.stringify(exit), "Two checks are called")
    })
  )

  it.effect("is not ready from the moment on in which the app drains", () => {
    const registry = Drain.makeUnsafe()
    return Effect.gen(function* () {
      const report = yield* watching([{ name: "db", check: Effect.void }])
      assert.isTrue((yield* report).ready)
      yield* registry.run
      const { checks, draining, ready } = yield* report
      assert.deepStrictEqual([draining, ready, checks[0]?.status], [true, false, "ok"])
    }).pipe(Effect.provideService(Drain.Drain, registry))
  })
})
