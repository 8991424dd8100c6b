import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Schema from "effect/Schema"
import type * as Tracer from "effect/Tracer"
import * as TestClock from "effect/testing/TestClock"
import * as Log from "../../../src/app/Log.ts"
import type { Entry } from "../../../src/app/LogSink.ts"
import * as Reply from "../../../src/app/Reply.ts"
import * as Correlation from "../../../src/events/Correlation.ts"
import { inLog } from "./lines.ts"

class NameTaken extends Schema.TaggedError<NameTaken>()("NameTaken", { name: Schema.String }) {
  get code(): string {
    return "NAME_TAKEN"
  }
  override get message(): string {
    return `The name ${this.name} is taken`
  }
}

const kind = ({ category, level, message }: Entry) => [level, category, message]

describe("lines", () => {
  it.effect("of Effect.log and its kin have a category by their level, of an annotation by what it says", () =>
    inLog((lines) =>
      Effect.gen(function* () {
        yield* Effect.log("one", 2, { three: 3 })
        yield* Effect.logError("four")
        yield* Effect.logWarning("five").pipe(Effect.annotateLogs({ category: "integration", peer: "nats" }))
        yield* Effect.logInfo("six").pipe(Log.within("request"))
        yield* Effect.logInfo("seven").pipe(Effect.annotateLogs("category", "books"))
        assert.deepStrictEqual(lines.map(kind), [
          ["Info", "operation", "one 2"],
          ["Error", "error", "four"],
          ["Warn", "integration", "five"],
          ["Info", "request", "six"],
          ["Info", "operation", "seven"]
        ])
        const plain = lines.map(({ fields }) => (fields === undefined ? undefined : { ...fields }))
        assert.deepStrictEqual(plain, [{ three: 3 }, undefined, { peer: "nats" }, undefined, { category: "books" }])
      })
    )
  )

  it.effect("have the time of the clock, the chain of events, the id of the request, spans and the trace", () =>
    inLog((lines) =>
      Effect.gen(function* () {
        yield* TestClock.setTime(Date.UTC(2026, 0, 15, 10, 30, 45, 123))
        const later = Effect.andThen(TestClock.adjust(5), Effect.logInfo("later"))
        yield* later.pipe(
          Effect.withLogSpan("outer"),
          Effect.withSpan("work"),
          Correlation.within("corr-1"),
          Reply.withRequestId("req-1")
        )
        const line = lines[0]!
        assert.strictEqual(line.time, "2026-01-15T10:30:45.128Z")
        assert.strictEqual(line.correlationId, "corr-1")
        assert.strictEqual(line.requestId, "req-1")
        assert.deepStrictEqual(line.spans, { outer: 5 })
        assert.match(line.traceId ?? "", /^[0-9a-f]{32}$/)
        assert.match(line.spanId ?? "", /^[0-9a-f]{16}$/)
      })
    )
  )

  it.effect("have code and details of expected errors, and a stack of bugs only", () =>
    inLog((lines) =>
      Effect.gen(function* () {
        const cause = Cause.fail(new NameTaken({ name: "ada" }))
        yield* Log.error("rename failed", cause, { by: "eve" })
        yield* Log.error("broke", Cause.die(new TypeError("a bug", { cause: new Error("below") })))
        yield* Effect.logWarning("not stored", new NameTaken({ name: "bob" }))
        const [expected, bug, argument] = lines.map(({ error }) => error)
        assert.strictEqual(
          JSON.stringify(expected),
          `{"name":"NameTaken","code":"NAME_TAKEN","message":"The name ada is taken","details":{"name":"ada"}}`
        )
        assert.match(bug?.stack ?? "", /log\.test\.ts:\d+/)
        assert.strictEqual(bug?.cause?.message, "below")
        assert.strictEqual(argument?.code, "NAME_TAKEN")
      })
    )
  )

  it.effect("are told to the running span without their secrets", () =>
    inLog(() =>
      Effect.gen(function* () {
        const span = yield* Effect.currentSpan
        yield* Effect.logInfo("password=hunter2", { token: "abc", room: "lobby" })
        yield* Effect.logDebug("not at this level")
        const events = (span as Tracer.Span & { readonly events: ReadonlyArray<unknown> }).events
        assert.strictEqual(events.length, 1)
        assert.include(
          JSON.stringify(events, (_, value) => (typeof value === "bigint" ? String(value) : value)),
          "lobby"
        )
        assert.notMatch(
          JSON.stringify(events, (_, value) => (typeof value === "bigint" ? String(value) : value)),
          /hunter2|abc/
        )
      }).pipe(Effect.withSpan("work"))
    )
  )
})

describe("operations", () => {
  it.effect("tell of start, completion, failure and interruption, with their duration", () =>
    inLog(
      (lines) =>
        Effect.gen(function* () {
          const fields = { rows: 3 }
          assert.strictEqual(yield* Log.operation("import", Effect.as(TestClock.adjust(12), "done"), fields), "done")
          const failing = Effect.andThen(TestClock.adjust(1), new NameTaken({ name: "ada" }))
          assert.strictEqual((yield* Effect.flip(Log.operation("rename", failing))).name, "ada")
          const waiting = yield* Effect.forkChild(Log.operation("wait", Effect.never), { startImmediately: true })
          yield* Fiber.interrupt(waiting)
          assert.deepStrictEqual(lines.map(kind), [
            ["Debug", "operation", "import started"],
            ["Info", "operation", "import completed"],
            ["Debug", "operation", "rename started"],
            ["Error", "operation", "rename failed"],
            ["Debug", "operation", "wait started"],
            ["Debug", "operation", "wait was interrupted"]
          ])
          assert.deepStrictEqual({ ...lines[1]?.fields }, { rows: 3, durationMillis: 12 })
          assert.strictEqual(lines[3]?.error?.code, "NAME_TAKEN")
        }),
      { level: "Debug" }
    )
  )

  it.effect("that are measured are told of where they are slow", () =>
    inLog((lines) =>
      Effect.gen(function* () {
        yield* Log.measured("quick", TestClock.adjust(9), { slowerThanMillis: 10 })
        yield* Log.measured("slow", TestClock.adjust(10), { slowerThanMillis: 10, fields: { table: "users" } })
        yield* Log.measured("always", TestClock.adjust(1))
        assert.deepStrictEqual(lines.map(kind), [
          ["Warn", "performance", "slow"],
          ["Info", "performance", "always"]
        ])
        assert.deepStrictEqual({ ...lines[0]?.fields }, { table: "users", durationMillis: 10 })
      })
    )
  )
})

describe("levels", () => {
  it.effect("change for a category at run time, in fibers that run already", () =>
    inLog((lines) =>
      Effect.gen(function* () {
        const changed = yield* Deferred.make<void>()
        const other = Effect.andThen(Deferred.await(changed), Effect.logDebug("dial"))
        const fiber = yield* Effect.forkChild(Log.within("integration")(other), { startImmediately: true })
        yield* Log.integration("before", {}, "Debug")
        yield* Log.setLevel("integration", "Debug")
        yield* Deferred.succeed(changed, undefined)
        yield* Fiber.join(fiber)
        yield* Log.request("still quiet", {}, "Debug")
        assert.deepStrictEqual(lines.map(kind), [["Debug", "integration", "dial"]])
        assert.strictEqual((yield* Log.levels).integration, "Debug")
        yield* Log.setLevel("all", "None")
        yield* Log.security("unheard", {}, "Fatal")
        assert.strictEqual(lines.length, 1)
      })
    )
  )

  it.effect("that refuse a line do not ask for its fields", () =>
    inLog((lines) =>
      Effect.gen(function* () {
        let asked = 0
        const fields = () => ({ asked: ++asked })
        yield* Log.request("quiet", fields, "Debug")
        yield* Log.request("quiet too", fields).pipe(Effect.provideService(References.MinimumLogLevel, "Error"))
        assert.strictEqual(asked, 0)
        yield* Log.request("said", fields)
        assert.deepStrictEqual(
          lines.map(({ fields }) => fields?.asked),
          [1]
        )
      })
    )
  )

  it.effect("are Effect's own where there is no log, and its loggers get category and fields", () => {
    const heard: Array<unknown> = []
    const logger = Logger.make(({ fiber, message }) => {
      heard.push([message, fiber.getRef(References.CurrentLogAnnotations)])
    })
    return Effect.gen(function* () {
      yield* Log.setLevel("all", "Debug")
      yield* Log.security("refused", () => ({ account: "ada" }))
      yield* Log.security("quiet", () => assert.fail("asked"), "Debug")
      assert.deepStrictEqual(heard, [[["refused"], { account: "ada", category: "security" }]])
      assert.strictEqual((yield* Log.levels).security, "Info")
    }).pipe(Effect.provide(Logger.layer([logger])))
  })
})

describe("sampling", () => {
  it.effect("keeps so many lines of a message in a window, and says how many it left out", () =>
    inLog((lines) =>
      Effect.gen(function* () {
        yield* Log.setSampling("request", { limit: 2, everyMillis: 100 })
        for (let i = 0; i < 5; i++) yield* Log.request("flood", { i })
        yield* Log.request("rare")
        yield* Log.security("flood")
        yield* TestClock.adjust(100)
        yield* Log.request("flood", { i: 5 })
        yield* Log.request("flood", { i: 6 })
        const seen = lines.map(({ category, fields, message, suppressed }) => [
          category,
          message,
          fields?.i,
          suppressed
        ])
        assert.deepStrictEqual(seen, [
          ["request", "flood", 0, undefined],
          ["request", "flood", 1, undefined],
          ["request", "rare", undefined, undefined],
          ["security", "flood", undefined, undefined],
          ["request", "flood", 5, 3],
          ["request", "flood", 6, undefined]
        ])
      })
    )
  )

  it.effect("of a whole category counts messages together, and what is left is told when the log closes", () =>
    Effect.gen(function* () {
      const lines: Array<Entry> = []
      yield* inLog((inside) =>
        Effect.gen(function* () {
          yield* Log.addSink({ name: "outside", write: (entry) => void lines.push(entry) }).pipe(Effect.scoped)
          yield* Log.setSampling("request", { limit: 1, by: "category" })
          yield* Log.request("a")
          yield* Log.request("b")
          yield* Log.request("c")
          yield* Log.tellSuppressed
          assert.deepStrictEqual(
            inside.map(({ message, suppressed }) => [message, suppressed]),
            [
              ["a", undefined],
              ["lines were left out", 2]
            ]
          )
        })
      )
      assert.deepStrictEqual(lines, [])
    })
  )

  it.effect("has a bounded memory however many messages there are, and forgets no count", () =>
    inLog((lines) =>
      Effect.gen(function* () {
        yield* Log.setSampling("request", { limit: 1, everyMillis: 60_000 })
        for (let i = 0; i < 3000; i++) {
          yield* Log.request(`message ${i}`)
          yield* Log.request(`message ${i}`)
        }
        yield* Log.tellSuppressed
        assert.strictEqual(
          lines.reduce((sum, { suppressed = 0 }) => sum + suppressed, 0),
          3000
        )
        const registry = yield* Log.Current
        assert.strictEqual(registry?.sampler.size, 0)
      })
    )
  )
})

describe("sinks", () => {
  it.effect("may be added for a while, and one that throws stops neither the app nor the others", () =>
    inLog((lines) =>
      Effect.gen(function* () {
        let calls = 0
        const broken = { name: "broken", write: () => assert.fail(`call ${++calls}`) }
        yield* Effect.scoped(
          Effect.andThen(Log.addSink(broken), Effect.andThen(Effect.logInfo("a"), Effect.logInfo("b")))
        )
        yield* Effect.logInfo("c")
        assert.strictEqual(calls, 2)
        assert.deepStrictEqual(
          lines.map(({ message }) => message),
          ["a", "b", "c"]
        )
      })
    )
  )
})
