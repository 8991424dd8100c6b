import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { BinaryWire } from "../../transport/BinaryWire.ts"
import { JsonWire } from "../../transport/JsonWire.ts"
import { turns, until } from "../until.ts"
import type { GatewayCase, GatewayHarness } from "./Harness.ts"
import { encodings, Kit } from "./KitContract.ts"
import { stage, told } from "./Stage.ts"

const { events: message } = Kit
const ENOUGH = 64 * 1024 * 1024
const SIZE = 32 * 1024

/** 1013 where it is still read; who reads nothing until the transport loses patience is reset. */
const gaveUp = (harness: GatewayHarness, code: number | undefined): boolean =>
  code === told(harness, 1013) || code === 1006

/** What the server tells without being asked: to one, to a room, to all; and to those who do not listen. */
export const events: ReadonlyArray<GatewayCase> = [
  {
    name: "emits events to the caller, before the answer that follows them",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted } = yield* stage(harness, wire)
      const [probe, other] = [yield* greeted(), yield* greeted()]
      probe.request("emit", 1, { text: "héllo ☃", times: 3 })
      yield* probe.answer(1)
      assert.deepEqual(probe.events("said"), Array(3).fill({ text: "héllo ☃" }))
      assert.equal(probe.received.at(-1)?.id, 1)
      assert.deepEqual(other.events("said"), [])
    })
  },
  {
    name: "publishes to the members of a room, in the order of publishing",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, rooms } = yield* stage(harness, wire)
      const [a, b, c] = [yield* greeted(), yield* greeted(), yield* greeted()]
      for (const probe of [a, b]) assert.equal(yield* rooms.join("r", probe.id), true)
      yield* rooms.join("other", c.id)
      for (let i = 0; i < 100; i++) assert.equal(yield* rooms.publish("r", message.said, { text: `${i}` }), 2)
      const expected = Array.from({ length: 100 }, (_, i) => ({ text: `${i}` }))
      for (const probe of [a, b]) {
        yield* until("all arrive", () => probe.events("said").length === 100)
        assert.deepEqual(probe.events("said"), expected)
      }
      assert.deepEqual(c.events("said"), [])
      assert.equal(yield* rooms.publish("nobody is here", message.said, { text: "x" }), 0)
    })
  },
  {
    name: "publishes to all but one, to all, and to one",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, halfway, rooms } = yield* stage(harness, wire)
      const probes = [yield* greeted(), yield* greeted(), yield* greeted()]
      // without a hello it does not know the event's number
      const mute = yield* halfway
      const [a, b, c] = probes.map(({ id }) => id) as [string, string, string]
      for (const { id } of probes) yield* rooms.join("r", id)
      assert.equal(yield* rooms.publish("r", message.said, { text: "but a" }, { except: a }), 2)
      assert.equal(yield* rooms.publishAll(message.said, { text: "all" }), 3)
      assert.equal(yield* rooms.publishAll(message.said, { text: "but b" }, { except: b }), 2)
      assert.equal(yield* rooms.send(c, message.said, { text: "c" }), 1)
      assert.equal(yield* rooms.send("nobody", message.said, { text: "x" }), 0)
      assert.equal(yield* rooms.publishAll(message.tick), 3)
      for (const probe of probes) yield* until("the last arrives", () => probe.events("tick").length === 1)
      const heard = probes.map((probe) => probe.events("said").map((event) => (event as { text: string }).text))
      assert.deepEqual(heard, [
        ["all", "but b"],
        ["but a", "all"],
        ["but a", "all", "but b", "c"]
      ])
      assert.equal(mute.probe.received.length, 1)
    })
  },
  {
    name: "knows who is in a room, and forgets who left or closed",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, rooms, world } = yield* stage(harness, wire)
      const probes = yield* Effect.forEach(Array.from({ length: 5 }), () => greeted())
      const ids = probes.map(({ id }) => id)
      for (const id of ids) yield* rooms.join("r", id)
      yield* rooms.join("r", ids[0] as string)
      yield* rooms.join("s", ids[0] as string)
      assert.deepEqual([...(yield* rooms.members("r"))].sort(), [...ids].sort())
      assert.deepEqual(yield* rooms.of(ids[0] as string), ["r", "s"])
      yield* rooms.leave("r", ids[1] as string)
      yield* rooms.leave("r", ids[1] as string)
      yield* rooms.leave("nowhere", ids[1] as string)
      assert.equal((yield* rooms.members("r")).length, 4)
      probes[0]?.connection.close(1000, "bye")
      yield* until("it is closed", () => world.log.includes(`closed ${ids[0]}`))
      assert.deepEqual([...(yield* rooms.members("r"))].sort(), ids.slice(2).sort())
      assert.deepEqual(yield* rooms.members("s"), [])
      assert.deepEqual(yield* rooms.of(ids[0] as string), [])
      assert.equal(yield* rooms.join("r", ids[0] as string), false, "who is gone cannot join")
      assert.equal(yield* rooms.publish("r", message.said, { text: "x" }), 3)
    })
  },
  {
    name: "lets a connection into so many rooms and no more",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, rooms } = yield* stage(harness, wire, { options: { maxRoomsPerConnection: 3 } })
      const { id } = yield* greeted()
      for (const room of ["a", "b", "c"]) assert.equal(yield* rooms.join(room, id), true)
      assert.equal(yield* rooms.join("d", id), false)
      assert.equal(yield* rooms.join("a", id), true, "it is in already")
      yield* rooms.leave("a", id)
      assert.equal(yield* rooms.join("d", id), true)
    })
  },
  {
    name: "encodes an event once for each wire in use, however many get it",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, rooms } = yield* stage(harness, wire)
      const same = yield* Effect.forEach(Array.from({ length: 10 }), () => greeted())
      encodings.count = 0
      assert.equal(yield* rooms.publishAll(message.counted, { text: "x" }), 10)
      assert.equal(encodings.count, 1)
      const other = yield* greeted(wire.numbered ? JsonWire : BinaryWire)
      encodings.count = 0
      assert.equal(yield* rooms.publishAll(message.counted, { text: "y" }), 11)
      assert.equal(encodings.count, 2)
      for (const probe of [...same, other]) {
        yield* until("the last arrives", () =>
          probe.events("counted").some((event) => (event as { text: string }).text === "y")
        )
      }
    })
  },
  {
    name: "refuses to publish what does not match the event, as a defect, and sends nothing",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, rooms } = yield* stage(harness, wire)
      const probe = yield* greeted()
      // what types forbid and plain JavaScript does
      const wrong = rooms.publishAll(message.said, { text: 1 as unknown as string })
      const exit = yield* Effect.exit(wrong)
      assert.equal(exit._tag, "Failure")
      yield* rooms.publishAll(message.tick)
      yield* until("the next arrives", () => probe.events("tick").length === 1)
      assert.deepEqual(probe.events("said"), [])
    })
  },
  {
    name: "refuses to emit what does not match the event, logs it, and goes on",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, logs } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("emit", 1, { text: "wrong", times: 1 })
      assert.equal((yield* probe.answer(1)).payload, "refused")
      assert.equal(logs.length, 1)
      assert.ok(logs[0]?.message.includes("kit.said"))
      assert.deepEqual(probe.events("said"), [])
      assert.equal(probe.isClosed, false)
    })
  },
  {
    name: "closes a client that is too slow for events which must not be lost",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness, wire) {
      const { gateway, greeted, limits, rooms } = yield* stage(harness, wire)
      const [slow, quick] = [yield* greeted(), yield* greeted()]
      slow.connection.pause()
      const text = "x".repeat(SIZE)
      let taken = 2
      let published = 0
      while (taken === 2 && published * SIZE < ENOUGH) {
        taken = yield* rooms.publishAll(message.said, { text })
        published++
        yield* turns(2)
      }
      assert.equal(taken, 1, "it was refused at last")
      yield* until("it is gone", () => slow.isClosed || gateway.connections.pipe(Effect.runSync).length === 1)
      assert.ok(published * SIZE >= limits.maxPendingBytes, "not before its queue was full")
      slow.connection.resume()
      yield* until("it is told", () => slow.isClosed)
      assert.ok(gaveUp(harness, slow.code), `closed with ${slow.code}`)
      yield* until("the other has all", () => quick.events("said").length === published)
    })
  },
  {
    name: "leaves out events that may be dropped for a client that is too slow, and keeps it",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, rooms } = yield* stage(harness, wire)
      const slow = yield* greeted()
      slow.connection.pause()
      const text = "x".repeat(SIZE)
      let published = 0
      let dropped = 0
      while (dropped < 3 && published * SIZE < ENOUGH) {
        published++
        if ((yield* rooms.publishAll(message.news, { text: `${published} ${text}` })) === 0) dropped++
        yield* turns(2)
      }
      assert.equal(dropped, 3)
      slow.connection.resume()
      const last = () => rooms.publishAll(message.tick)
      yield* until("the queue has room", () => Effect.runSync(last()) === 1)
      yield* until("the last arrives", () => slow.events("tick").length > 0)
      const numbers = slow.events("news").map((event) => Number.parseInt((event as { text: string }).text, 10))
      assert.deepEqual(
        numbers,
        Array.from({ length: numbers.length }, (_, i) => i + 1),
        "what was taken comes in order"
      )
      assert.ok(numbers.length <= published - 3)
      assert.equal(slow.isClosed, false)
    })
  },
  {
    name: "closes a caller that is too slow for what its handler emits",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, limits, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.connection.pause()
      const times = Math.ceil(ENOUGH / SIZE)
      assert.ok(times * SIZE > limits.maxPendingBytes)
      probe.request("emit", 1, { text: "x".repeat(SIZE), times })
      yield* until("the server gave up", () => world.log.includes(`closed ${probe.id}`))
      probe.connection.resume()
      yield* until("it is told", () => probe.isClosed)
      assert.ok(gaveUp(harness, probe.code), `closed with ${probe.code}`)
    })
  },
  {
    name: "gives a client's event streams what comes from then on, each of them all of it",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client, rooms } = yield* stage(harness, wire)
      const listener = yield* client()
      yield* rooms.publishAll(message.said, { text: "nobody listens" })
      yield* listener.request.nothing()
      const take = (n: number) =>
        Effect.forkChild(Stream.runCollect(Stream.take(listener.events.said, n)), { startImmediately: true })
      const [first, second] = [yield* take(2), yield* take(3)]
      for (const text of ["a", "b", "c"]) yield* rooms.publishAll(message.said, { text })
      assert.deepEqual(yield* Fiber.join(first), [{ text: "a" }, { text: "b" }])
      assert.deepEqual(yield* Fiber.join(second), [{ text: "a" }, { text: "b" }, { text: "c" }])
      const tick = yield* Effect.forkChild(Stream.runCollect(Stream.take(listener.events.tick, 1)), {
        startImmediately: true
      })
      yield* rooms.publishAll(message.tick)
      assert.deepEqual(yield* Fiber.join(tick), [undefined])
    })
  }
]
