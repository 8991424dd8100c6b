import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import type { StateChange } from "../../transport/ConnectionState.ts"
import { Kind } from "../../transport/Wire.ts"
import { turns, until } from "../until.ts"
import type { GatewayCase } from "./Harness.ts"
import { stage, told } from "./Stage.ts"

const utf8 = (text: string) => new TextEncoder().encode(text)

/** From the first byte to the last: hello, states, heartbeat, drain. */
export const lifecycle: ReadonlyArray<GatewayCase> = [
  {
    name: "answers a hello with the version, the connection's name, the limit and every message",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { gateway, greeted, limits } = yield* stage(harness, wire)
      const probe = yield* greeted()
      const hello = probe.received[0]?.payload as { readonly [key: string]: unknown }
      assert.deepEqual([hello.version, hello.maxFrameBytes], [1, limits.maxFrameBytes])
      assert.deepEqual(
        (yield* gateway.connections).map(({ id, state, wire }) => [id, state, wire]),
        [[hello.connection, "open", wire.name]]
      )
      const messages = hello.messages as ReadonlyArray<readonly [number, string, string]>
      assert.deepEqual(messages[0], [1, "request", "kit.echo"])
      assert.deepEqual(messages.at(-1)?.slice(1), ["relay", "kit.alias"])
      assert.deepEqual(
        messages.map(([number]) => number),
        messages.map((_, i) => i + 1)
      )
    })
  },
  {
    name: "agrees on the highest version that both know, and refuses where there is none",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { probe: connect } = yield* stage(harness, wire)
      const newer = yield* connect()
      newer.send(Kind.hello, 0, { payload: { min: 1, max: 9 } })
      yield* until("the hello", () => newer.received.length === 1)
      assert.equal((newer.received[0] as { readonly payload: { readonly version: unknown } }).payload.version, 1)
      for (const range of [
        { min: 2, max: 9 },
        { min: 0, max: 0 },
        { min: 3, max: 1 }
      ]) {
        const probe = yield* connect()
        probe.send(Kind.hello, 0, { payload: range })
        yield* until("it is closed", () => probe.isClosed)
        assert.equal(probe.faults[0]?.code, "UNSUPPORTED_VERSION")
        assert.equal(probe.code, told(harness, 1002))
      }
    })
  },
  {
    name: "says what is wrong with a hello, and takes a better one",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { probe: connect } = yield* stage(harness, wire)
      const probe = yield* connect()
      const wrong = [undefined, null, 1, [], {}, { min: "1", max: 1 }, { min: 1 }, { min: 1.5, max: 2 }]
      for (const payload of wrong) probe.send(Kind.hello, 0, { payload })
      yield* until("the faults", () => probe.faults.length === wrong.length)
      for (const fault of probe.faults) assert.equal(fault.code, "BAD_PAYLOAD")
      yield* probe.sayHello()
      probe.request("echo", 1, { text: "hi" })
      yield* probe.answer(1)
    })
  },
  {
    name: "closes a connection that does not say hello in time, whatever else it says",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { advance, gateway, greeted, probe: connect } = yield* stage(harness, wire, { manual: true })
      const good = yield* greeted()
      const [silent, busy] = [yield* connect(), yield* connect()]
      if (wire.numbered) busy.send(Kind.hello, 0, { payload: {} })
      else busy.send(Kind.control, 0, { payload: { type: "ping" } })
      yield* until("all are there", () => Effect.runSync(gateway.connections).length === 3)
      advance(9_900)
      yield* turns(10)
      assert.deepEqual([silent.isClosed, busy.isClosed], [false, false])
      advance(200)
      yield* until("both are closed", () => silent.isClosed && busy.isClosed)
      assert.deepEqual([silent.code, busy.code], [told(harness, 1002), told(harness, 1002)])
      assert.equal(good.isClosed, false)
    })
  },
  {
    name: "refuses a second hello and goes on",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.send(Kind.hello, 0, { payload: { min: 1, max: 1 } })
      yield* until("the fault", () => probe.faults.length === 1)
      assert.equal(probe.faults[0]?.code, "UNSUPPORTED_KIND")
      probe.request("echo", 1, { text: "hi" })
      yield* probe.answer(1)
    })
  },
  {
    name: "takes messages before the hello where they have names, and not where they have numbers",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { probe: connect, world } = yield* stage(harness, wire)
      const probe = yield* connect()
      if (!wire.numbered) {
        probe.request("echo", 1, { text: "early" })
        yield* probe.answer(1)
        assert.deepEqual(world.log, ["echo early"])
        yield* probe.sayHello()
      } else {
        // the first byte decides: a request's is of no wire
        probe.send(Kind.request, 1, { id: 1, payload: { text: "early" } })
        yield* until("it is closed", () => probe.isClosed)
        assert.equal(probe.code, told(harness, 1002))
        const second = yield* connect()
        second.send(Kind.hello, 0, { payload: {} })
        second.send(Kind.request, 1, { id: 1, payload: { text: "early" } })
        assert.equal((yield* second.fault(1)).code, "UNKNOWN_MESSAGE")
        assert.deepEqual(world.log, [])
      }
    })
  },
  {
    name: "closes a connection whose first frame is of no wire",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { probe: connect } = yield* stage(harness, wire)
      for (const first of [utf8("GET / HTTP/1.1"), utf8("[1]"), utf8(" {"), Uint8Array.of(2), Uint8Array.of(1, 0, 0)]) {
        const probe = yield* connect()
        if (harness.traits.includes("text") && first[0] !== undefined && first[0] >= 0x20)
          probe.connection.send(first, "text")
        else probe.connection.send(first, "binary")
        yield* until("it is closed", () => probe.isClosed)
        assert.equal(probe.code, told(harness, 1002))
      }
    })
  },
  {
    name: "runs the hooks once, after the hello and after the end",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, probe: connect, world } = yield* stage(harness, wire)
      const never = yield* connect()
      const probe = yield* greeted()
      yield* until("opened", () => world.log.includes(`opened ${probe.id}`))
      probe.connection.close(1000, "bye")
      never.connection.close(1000, "bye")
      yield* until("closed", () => world.log.includes(`closed ${probe.id}`))
      yield* turns(10)
      assert.deepEqual(world.log, [`opened ${probe.id}`, `closed ${probe.id}`])
    })
  },
  {
    name: "tells every step of a connection's life, in order",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { gateway, greeted, probe: connect } = yield* stage(harness, wire)
      const steps: Array<StateChange> = []
      const watching = yield* Effect.forkChild(
        Stream.runForEach(gateway.states, (step) => Effect.sync(() => steps.push(step))),
        { startImmediately: true }
      )
      const probe = yield* greeted()
      probe.connection.close(1000, "bye")
      yield* until("two steps", () => steps.length === 2)
      assert.deepEqual(steps, [
        { connection: probe.id, from: "connecting", to: "open" },
        { connection: probe.id, from: "open", to: "closed" }
      ])
      const mute = yield* connect()
      yield* until("it is there", () => Effect.runSync(gateway.connections).length === 1)
      mute.connection.close(1000, "bye")
      yield* until("three steps", () => steps.length === 3)
      assert.deepEqual([steps[2]?.from, steps[2]?.to], ["connecting", "closed"])
      yield* Fiber.interrupt(watching)
    })
  },
  {
    name: "answers a ping with the same token, and says nothing to other controls",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted } = yield* stage(harness, wire)
      const probe = yield* greeted()
      const tokens = [1, "two", { three: [3] }, null, false]
      for (const token of tokens) probe.send(Kind.control, 0, { payload: { type: "ping", token } })
      probe.send(Kind.control, 0, { payload: { type: "ping" } })
      for (const payload of [{ type: "pong" }, { type: "sing" }, {}, 7, null, undefined])
        probe.send(Kind.control, 0, { payload })
      probe.request("echo", 1, { text: "last" })
      yield* probe.answer(1)
      assert.deepEqual(probe.control("pong"), [...tokens.map((token) => ({ type: "pong", token })), { type: "pong" }])
      assert.equal(probe.received.length, 1 + 6 + 1)
    })
  },
  {
    name: "closes the connection that the gateway is told to close",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { gateway, greeted } = yield* stage(harness, wire)
      const [probe, other] = [yield* greeted(), yield* greeted()]
      yield* gateway.close(probe.id, 4001, "because")
      yield* gateway.close("nobody", 4001, "because")
      yield* until("it is closed", () => probe.isClosed)
      assert.equal(probe.code, told(harness, 4001))
      assert.equal(other.isClosed, false)
    })
  },
  {
    name: "drains: tells clients, takes nothing new, finishes what runs, closes",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { gateway, greeted, probe: connect, world } = yield* stage(harness, wire)
      const [probe, idle] = [yield* greeted(), yield* greeted()]
      const mute = yield* connect()
      yield* until("all are there", () => Effect.runSync(gateway.connections).length === 3)
      probe.request("wait", 1, { key: "a" })
      probe.request("wait", 2, { key: "b" })
      yield* until("the first runs", () => world.log.includes("start a"))
      const draining = yield* Effect.forkChild(gateway.drain, { startImmediately: true })
      yield* until("both are told", () => probe.control("goaway").length === 1 && idle.control("goaway").length === 1)
      assert.equal(typeof probe.control("goaway")[0]?.retryAfterMillis, "number")
      yield* until("who had not said hello is closed", () => mute.isClosed)
      probe.request("echo", 3, { text: "late" })
      assert.equal((yield* probe.fault(3)).code, "UNAVAILABLE")
      // a transport without a word for it closes what it has just accepted
      const late = yield* Effect.result(connect())
      if (late._tag === "Success") {
        late.success.send(Kind.hello, 0, { payload: { min: 1, max: 1 } })
        yield* until("the new connection is refused", () => late.success.isClosed)
        assert.deepEqual(late.success.received, [])
        assert.ok(!harness.traits.includes("closeCodes"), "it could have said so")
      } else assert.ok(["refused", "connect"].includes(late.failure.reason), late.failure.message)
      assert.equal(idle.isClosed, false, "nobody is closed before all is done")
      world.open("a")
      yield* until("the second runs", () => world.log.includes("start b"))
      world.open("b")
      yield* probe.answer(2)
      yield* Fiber.join(draining)
      yield* until("both are closed", () => probe.isClosed && idle.isClosed)
      assert.deepEqual([probe.code, idle.code], [told(harness, 1001), told(harness, 1001)])
      assert.deepEqual(probe.answered, [3, 1, 2])
      assert.equal((yield* gateway.connections).length, 0)
    })
  },
  {
    name: "tells a client when the server goes away, and when the connection is closed",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client, gateway } = yield* stage(harness, wire)
      const { connection } = yield* client()
      yield* gateway.drain
      const { reason, retryAfterMillis } = yield* connection.goAway
      assert.equal(reason, "the server is shutting down")
      assert.ok(retryAfterMillis > 0)
      assert.equal((yield* connection.closed).closeCode, told(harness, 1001))
    })
  },
  {
    name: "takes so many connections and no more, and one for each that leaves",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { gateway, greeted, client } = yield* stage(harness, wire, { options: { maxConnections: 2 } })
      const first = yield* greeted()
      yield* greeted()
      assert.equal((yield* Effect.exit(client()))._tag, "Failure")
      first.connection.close(1000, "bye")
      yield* until("there is room", () => Effect.runSync(gateway.connections).length === 1)
      yield* greeted()
    })
  },
  {
    name: "asks before it takes a connection, and keeps out whom it is told to",
    run: Effect.fnUntraced(function* (harness, wire) {
      const asked: Array<string> = []
      let open = false
      const { client, listener } = yield* stage(harness, wire, {
        options: {
          admit: (peer) =>
            Effect.sync(() => {
              asked.push(peer.transport)
              return open ? undefined : { _tag: "Refuse", status: 403, reason: "not yet" }
            })
        }
      })
      assert.equal((yield* Effect.exit(client()))._tag, "Failure")
      open = true
      yield* client()
      assert.deepEqual(asked, [listener.name, listener.name])
    })
  },
  {
    name: "survives a client that closes while it is answered",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, logs, world } = yield* stage(harness, wire)
      for (let round = 0; round < 20; round++) {
        const probe = yield* greeted()
        for (let id = 1; id <= 20; id++) probe.request(id % 3 === 0 ? "free" : "echo", id, { key: "k", text: "x" })
        probe.request("pour", 99, { key: `p${round}`, size: 100 })
        world.open("k")
        yield* turns(round % 4)
        probe.connection.close(1000, "bye")
        yield* until("it is closed", () => world.count("opened") === world.count("closed"))
      }
      assert.deepEqual(logs, [])
      const last = yield* greeted()
      last.request("echo", 1, { text: "on" })
      yield* last.answer(1)
    })
  }
]
