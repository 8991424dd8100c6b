import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Client from "../../client/Client.ts"
import * as Contract from "../../transport/Contract.ts"
import * as Gateway from "../../transport/Gateway.ts"
import * as Memory from "../../transport/Memory.ts"
import { Kind } from "../../transport/Wire.ts"
import { until } from "../until.ts"
import type { GatewayCase } from "./Harness.ts"
import { Kit } from "./KitContract.ts"
import { Probe } from "./Probe.ts"
import { stage } from "./Stage.ts"

const Clock = Contract.make("clock", {
  requests: { echo: { payload: { text: Schema.String }, success: Schema.Int } },
  events: { said: { payload: { text: Schema.String } } }
})
const ClockLive = Contract.implement(Clock, { echo: ({ text }) => Effect.succeed(text.length) })

/** What the client believes the kit to be: two messages that do not agree with it, and one that is not there. */
const Newer = Contract.make("kit", {
  requests: {
    echo: { payload: { text: Schema.String }, success: Schema.String },
    nothing: { payload: { why: Schema.String } },
    long: { payload: { size: Schema.Int }, success: Schema.Int },
    values: { payload: { bytes: Schema.Int } },
    // not a stream, a stream, and no error
    count: { payload: { to: Schema.Int }, success: Schema.Int },
    optional: { payload: {}, success: Schema.String, stream: true },
    fail: { payload: { how: Schema.String }, success: Schema.Int },
    later: {}
  },
  events: { said: { payload: { text: Schema.Int } }, news: { payload: { text: Schema.String } }, soon: {} }
})

/** Several contracts, several listeners, several versions. */
export const contracts: ReadonlyArray<GatewayCase> = [
  {
    name: "serves two contracts on one connection, the same tags in both",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { connector, gateway, greeted, rooms } = yield* stage(harness, wire)
      yield* gateway.add(yield* Gateway.bind(ClockLive))
      const clock = yield* Client.make(Clock, connector, { wire })
      const kit = yield* Client.make(Kit, connector, { wire })
      assert.equal(yield* clock.request.echo({ text: "four" }), 4)
      assert.equal(yield* kit.request.echo({ text: "four" }), "four")
      const probe = yield* greeted()
      probe.request("echo", 1, { text: "one" })
      probe.send(Kind.request, "clock.echo", { id: 2, payload: { text: "three" } })
      assert.deepEqual([(yield* probe.answer(1)).payload, (yield* probe.answer(2)).payload], ["one", 5])
      yield* rooms.publishAll(Clock.events.said, { text: "tick" })
      yield* rooms.publishAll(Kit.events.said, { text: "hi" })
      yield* until("both arrive", () => probe.received.filter(({ kind }) => kind === Kind.event).length === 2)
      assert.deepEqual(probe.events("said"), [{ text: "hi" }])
    })
  },
  {
    name: "refuses a second contract of the same name, and serves the first",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client, gateway } = yield* stage(harness, wire)
      const twin = Contract.implement(Contract.make("kit", { requests: { echo: {} } }), { echo: () => Effect.void })
      const error = yield* Effect.flip(gateway.add(yield* Gateway.bind(twin)))
      assert.equal(error._tag, "ServeError")
      assert.ok(error.message.includes(`"kit"`), error.message)
      const { request } = yield* client()
      assert.equal(yield* request.echo({ text: "on" }), "on")
    })
  },
  {
    name: "serves a contract on the listeners it is meant for, and nothing of it elsewhere",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { gateway, greeted, rooms } = yield* stage(harness, wire)
      const aside = Memory.make({ name: "aside" })
      yield* gateway.add(yield* Gateway.bind(ClockLive, { on: ["aside"] }))
      yield* gateway.listen([aside.listener])
      const inside = new Probe(wire)
      yield* aside.connector.connect(inside.open)
      yield* inside.sayHello()
      const outside = yield* greeted()
      assert.deepEqual([inside.numbers.has("clock.echo"), outside.numbers.has("clock.echo")], [true, false])
      const number = wire.numbered ? (inside.numbers.get("clock.echo") ?? 0) : "clock.echo"
      for (const probe of [inside, outside]) probe.send(Kind.request, number, { id: 1, payload: { text: "x" } })
      assert.equal((yield* inside.answer(1)).payload, 1)
      assert.equal((yield* outside.fault(1)).code, "UNKNOWN_MESSAGE")
      for (const { id } of [inside, outside]) yield* rooms.join("r", id)
      assert.equal(yield* rooms.publish("r", Clock.events.said, { text: "x" }), 1)
      assert.equal(yield* rooms.publish("r", Kit.events.said, { text: "y" }), 2)
      yield* until("it arrives", () => outside.events("said").length === 1)
    })
  },
  {
    name: "fails the messages that client and server do not agree on, and only those",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { connector, world } = yield* stage(harness, wire)
      const { connection, request } = yield* Client.make(Newer, connector, { wire })
      const later = yield* Effect.flip(request.later())
      assert.equal(later._tag, "ContractMismatch")
      const long = yield* Effect.flip(request.long({ size: 3 }))
      assert.ok(long._tag === "ContractMismatch" && long.request === "kit.long", "an answer of another type")
      const values = yield* Effect.flip(request.values({ bytes: 1 }))
      assert.ok(values._tag === "RequestFault" && values.fault === "BAD_PAYLOAD")
      for (const effect of [
        request.count({ to: 3 }),
        request.count({ to: 0 }),
        Stream.runDrain(request.optional({})),
        request.fail({ how: "refuse" })
      ]) {
        const error = yield* Effect.flip(effect)
        assert.ok(error._tag === "ContractMismatch", error._tag)
      }
      assert.equal(yield* request.nothing({ why: "a field was added" }), undefined)
      assert.equal(yield* request.echo({ text: "on" }), "on")
      assert.equal(world.log.includes(`closed ${connection.id}`), false)
    })
  }
]
