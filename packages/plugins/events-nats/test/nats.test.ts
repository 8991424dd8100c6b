// @module-tag service
import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as App from "@mortise/core/app/App"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Event from "@mortise/core/events/Event"
import { EventBus, make } from "@mortise/core/events/EventBus"
import { handler } from "@mortise/core/events/EventsPlugin"
import { until } from "@mortise/core/testing/until"
import { headers } from "@nats-io/nats-core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { eventsNats, Nats, NatsBroker, NatsConfig } from "../src/index.ts"
import { insidesOf, Link } from "../src/internal/Link.ts"
import { configOf, freshPrefix, plainClient, proxied } from "./buses.ts"
import { server, withServer } from "./server.ts"

const Said = Event.make("said", { version: 2, payload: { text: Schema.String } })
const Double = Event.request("double", {
  payload: { n: Schema.Int },
  success: { n: Schema.Int },
  error: Schema.Struct({ why: Schema.String })
})

withServer("events-nats", () => {
  describe("a plain NATS client", () => {
    it.live("reads the documented bytes", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const prefix = freshPrefix()
          const plain = yield* plainClient
          const bus = yield* make(yield* NatsBroker.open(configOf({ prefix })))
          const got: Array<readonly [string, string, Record<string, string | undefined>]> = []
          plain.subscribe(`${prefix}.said`, {
            callback: (_, message) => {
              const given = Object.fromEntries(
                (message.headers?.keys() ?? []).map((key) => [key, message.headers?.get(key)])
              )
              got.push([message.subject, message.string(), given])
            }
          })
          yield* Effect.promise(() => plain.flush())
          yield* bus.publish(Said, { text: "hé" })
          yield* until("it has come", () => got.length === 1)
          const [subject, body, found] = got[0] ?? assert.fail()
          assert.equal(subject, `${prefix}.said`)
          assert.equal(body, `{"text":"hé"}`)
          assert.deepEqual(Object.keys(found).sort(), ["Mortise-Time", "Mortise-Version", "Nats-Msg-Id"])
          assert.match(found["Mortise-Time"] ?? "", /^\d+$/)
          assert.equal(found["Mortise-Version"], "2")
        })
      )
    )

    it.live("reads the same whether the insides of the client or its published functions write", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const plain = yield* plainClient
          const subject = freshPrefix()
          const got: Array<{ readonly text: string; readonly headers: string }> = []
          plain.subscribe(subject, {
            callback: (_, message) => void got.push({ text: message.string(), headers: String(message.headers) })
          })
          yield* Effect.promise(() => plain.flush())
          const { connection } = yield* NatsBroker.open(configOf({}))
          const insides = insidesOf(connection)
          assert.ok(insides !== undefined, "the client is not as it was: publishing works, and costs more")
          const event = {
            id: "a-1",
            subject,
            time: 5,
            correlationId: "ç 1",
            causationId: "a-0",
            version: 2,
            payload: { text: "hé ☃" },
            value: undefined,
            codec: undefined
          }
          const written: Array<number> = []
          for (const used of [insides, undefined]) {
            const before = connection.stats()
            assert.equal(new Link(connection, 0, used).publish(subject, event), undefined)
            const after = connection.stats()
            assert.equal(after.outMsgs - before.outMsgs, 1)
            written.push(after.outBytes - before.outBytes)
          }
          assert.equal(written[0], written[1])
          yield* until("both have come", () => got.length === 2)
          assert.deepEqual(got[0], got[1])
          assert.match(got[0]?.headers ?? "", /Mortise-Causation-Id/)
        })
      )
    )

    it.live("gets no command that stood in a subject", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const plain = yield* plainClient
          const subject = freshPrefix()
          let got = 0
          plain.subscribe(subject, { callback: () => void got++ })
          yield* Effect.promise(() => plain.flush())
          const { connection, publish } = yield* NatsBroker.open(configOf({}))
          const event = { id: "a-1", time: 5, correlationId: "a-1", causationId: undefined, version: 1 }
          const rest = { payload: {}, value: undefined, codec: undefined }
          for (const evil of [`x 0 0\r\nPUB ${subject} 2`, `x\nPUB ${subject}`, `x y`, "x\t", ""]) {
            const error = yield* Effect.flip(publish({ ...event, ...rest, subject: evil }))
            assert.equal(error.code, "EVENT_BUS_UNAVAILABLE")
          }
          yield* Effect.promise(() => connection.flush())
          yield* Effect.promise(() => plain.flush())
          assert.equal(got, 0)
        })
      )
    )

    it.live("publishes the documented bytes, with headers or without", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const prefix = freshPrefix()
          const plain = yield* plainClient
          const bus = yield* make(yield* NatsBroker.open(configOf({ prefix })))
          const got: Array<{
            readonly id: string
            readonly correlationId: string
            readonly text: string
            readonly time: number
          }> = []
          yield* bus.on(Said, ({ correlationId, id, payload, time }) =>
            Effect.sync(() => void got.push({ correlationId, id, text: payload.text, time }))
          )
          const named = headers()
          named.set("Nats-Msg-Id", "theirs-1")
          named.set("Mortise-Time", "123")
          named.set("Mortise-Correlation-Id", "chain")
          plain.publish(`${prefix}.said`, `{"text":"a"}`, { headers: named })
          plain.publish(`${prefix}.said`, `{"text":"b"}`)
          yield* until("both have come", () => got.length === 2)
          assert.deepEqual(got[0], { id: "theirs-1", time: 123, correlationId: "chain", text: "a" })
          assert.equal(got[1]?.text, "b")
          assert.ok((got[1]?.id.length ?? 0) > 3)
        })
      )
    )

    it.live("asks and answers", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const prefix = freshPrefix()
          const plain = yield* plainClient
          const bus = yield* make(yield* NatsBroker.open(configOf({ prefix })))
          yield* bus.respond(Double, ({ payload }) =>
            payload.n < 0 ? Effect.fail({ why: "negative" }) : Effect.succeed({ n: payload.n * 2 })
          )
          const ask = (body: string) => Effect.promise(() => plain.request(`${prefix}.double`, body, { timeout: 5000 }))
          assert.equal((yield* ask(`{"n":21}`)).string(), `{"n":42}`)
          const declared = yield* ask(`{"n":-1}`)
          assert.equal(declared.headers?.get("Mortise-Outcome"), "error")
          assert.equal(declared.string(), `{"why":"negative"}`)
          const wrong = yield* ask("nonsense")
          assert.equal(wrong.headers?.get("Nats-Service-Error-Code"), "500")
          assert.equal(wrong.headers?.get("Nats-Service-Error"), "the request cannot be read")

          plain.subscribe(`${prefix}.theirs`, { callback: (_, message) => void message.respond(`{"n":5}`) })
          yield* Effect.promise(() => plain.flush())
          const Theirs = Event.request("theirs", { payload: {}, success: { n: Schema.Int } })
          assert.deepEqual(yield* bus.request(Theirs, {}), { n: 5 })
        })
      )
    )
  })

  it.live("keeps what is published while the connection is down, within its bound, and sends it", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const prefix = freshPrefix()
        const proxy = yield* proxied
        const away = yield* NatsBroker.open(
          configOf({ prefix, servers: [`nats://127.0.0.1:${proxy.port}`], bufferBytes: 300 })
        )
        const bus = yield* make(away)
        const other = yield* make(yield* NatsBroker.open(configOf({ prefix })))
        const got: Array<string> = []
        yield* other.on(Said, ({ payload }) => Effect.sync(() => void got.push(payload.text)))
        proxy.cut()
        yield* until("it has noticed", () => !away.isConnected())
        yield* bus.publish(Said, { text: "kept 1" })
        yield* bus.publish(Said, { text: "kept 2" })
        const full = yield* Effect.flip(bus.publish(Said, { text: "x".repeat(200) }))
        assert.equal(full.code, "EVENT_BUS_UNAVAILABLE")
        proxy.restore()
        yield* until("both have come", () => got.length === 2)
        assert.deepEqual(got, ["kept 1", "kept 2"])
      })
    )
  )

  it.live("refuses an event larger than the server takes, and goes on", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const bus = yield* make(yield* NatsBroker.open(configOf({ prefix: freshPrefix() })))
        const error = yield* Effect.flip(bus.publish(Said, { text: "x".repeat(9 * 1024 * 1024) }))
        assert.equal(error.code, "EVENT_TOO_LARGE")
        yield* bus.publish(Said, { text: "small" })
      })
    )
  )

  it.live("is a plugin: handlers contributed to it run, its check says how it is", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const got: Array<string> = []
        const reader = Plugin.define({
          name: "reader",
          requires: [EventBus],
          contributes: [handler(Said, ({ payload }) => Effect.sync(() => void got.push(payload.text)))]
        })
        const context = yield* App.build(Plugin.compose(reader(), eventsNats()), {
          "events-nats": { servers: [server], prefix: freshPrefix() }
        })
        yield* Effect.provideContext(
          Effect.flatMap(EventBus, (bus) => bus.publish(Said, { text: "hello" })),
          context
        )
        yield* until("the handler has it", () => got.length === 1)
        assert.deepEqual(got, ["hello"])
        assert.equal(
          yield* Effect.provideContext(
            Effect.map(Nats, (nats) => nats.isConnected()),
            context
          ),
          true
        )
      })
    )
  )
})

describe("without a server", () => {
  it.live("fails with a typed error that does not show the password", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const config = configOf({
          servers: ["nats://127.0.0.1:1"],
          user: "u",
          password: "hunter2",
          connectTimeoutMillis: 500
        })
        const error = yield* Effect.flip(NatsBroker.open(config))
        assert.equal(error.code, "EVENT_BUS_UNAVAILABLE")
        assert.doesNotMatch(error.message, /hunter2/)
        assert.doesNotMatch(JSON.stringify(config), /hunter2/)
      })
    )
  )

  it("refuses a prefix or a subject of the stream that is none", () => {
    const decode = Schema.decodeUnknownSync(NatsConfig)
    for (const prefix of ["a b", "a.*", "a\r\nb", "a..b"])
      assert.throws(() => decode({ prefix }), JSON.stringify(prefix))
    assert.throws(() => decode({ jetstream: { stream: "S", subjects: ["a b"] } }))
    assert.throws(() => decode({ jetstream: { stream: "a.b", subjects: ["a"] } }))
  })
})
