import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Event from "../../events/Event.ts"
import { Ask, codeOf, collect, errorOf, Joined, untilLength } from "./fixtures.ts"
import type { EventBusCase } from "./Harness.ts"

const hostile: ReadonlyArray<readonly [what: string, token: string]> = [
  ["the wildcard *", "*"],
  ["the wildcard >", ">"],
  ["a wildcard within", "a*b"],
  ["a dot, which would be another place", "lobby.joined"],
  ["a space", "a b"],
  ["a tab", "a\tb"],
  ["a line of its own", "a\r\nPUB evil 2\r\nhi"],
  ["a line feed", "a\nb"],
  ["a null", "a\u0000b"],
  ["a delete", "a\u007fb"],
  ["a space of no width", "a\u200bb"],
  ["a change of direction", "a\u202eb"],
  ["a separator of lines", "a\u2028b"],
  ["half a surrogate", "a\ud800b"],
  ["nothing", ""],
  ["more than 255 bytes", "x".repeat(250)],
  ["more than 255 bytes in fewer characters", "日".repeat(84)]
]

/** Names from outside do no harm. */
export const subjects: ReadonlyArray<EventBusCase> = [
  ...hostile.map(
    ([what, token]): EventBusCase => ({
      name: `refuses a place that holds ${what}`,
      run: ({ bus }) =>
        Effect.gen(function* () {
          const got = yield* collect(bus, ">")
          const error = yield* errorOf(bus.publish(Joined, { user: "x" }, { at: { room: token } }))
          assert.equal(codeOf(error), "EVENT_SUBJECT_INVALID")
          const asked = yield* errorOf(bus.request(Ask, { n: 1 }, { at: { room: token } }))
          assert.equal(codeOf(asked), "EVENT_SUBJECT_INVALID")
          yield* bus.publish(Joined, { user: "y" }, { at: { room: "good" } })
          yield* untilLength(got, 1)
          assert.deepEqual(
            got.map(({ subject }) => subject),
            ["chat.good.joined"]
          )
        })
    })
  ),
  {
    name: "refuses patterns that are none",
    run: ({ bus }) =>
      Effect.gen(function* () {
        for (const pattern of [
          "",
          ".",
          "a.",
          ".a",
          "a..b",
          "a.>.b",
          ">.a",
          "a.b*",
          "a.**",
          "a b",
          "a\r\nb",
          "x".repeat(256)
        ]) {
          const error = yield* errorOf(bus.on(pattern, () => Effect.void))
          assert.equal(codeOf(error), "EVENT_SUBJECT_INVALID", JSON.stringify(pattern))
          const streamed = yield* errorOf(Stream.runDrain(bus.subscribe(pattern)))
          assert.equal(codeOf(streamed), "EVENT_SUBJECT_INVALID", JSON.stringify(pattern))
        }
        assert.equal((yield* bus.stats).subscriptions, 0)
      })
  },
  {
    name: "an event with a wrong subject cannot be declared",
    run: () =>
      Effect.sync(() => {
        for (const subject of ["", "a.*", "a.>", "a b", "a..b", "a.{x}.{x}", "a.b{x}", "a.{}", "a.{1x}"]) {
          assert.throws(() => Event.make(subject, { payload: { n: Schema.Int } }), RangeError, subject)
        }
        assert.throws(() => Event.make("a", { payload: {}, version: 0 }), RangeError)
      })
  }
]
