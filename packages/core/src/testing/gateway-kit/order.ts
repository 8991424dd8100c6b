import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import { Kind } from "../../transport/Wire.ts"
import { turns, until } from "../until.ts"
import type { GatewayCase } from "./Harness.ts"
import type { Probe } from "./Probe.ts"
import { stage } from "./Stage.ts"

const text = (value: string) => ({ text: value })
const key = (value: string) => ({ key: value })

/** Sends notes of 16 KiB until the transport takes no more; gives how many it took. */
const flood = (probe: Probe): Effect.Effect<number> =>
  Effect.gen(function* () {
    const padding = "x".repeat(16 * 1024)
    for (let sent = 0; sent < 4096; sent++) {
      if (probe.signal("note", text(`${sent} ${padding}`)) === "refused") return sent
      if (sent % 8 === 7) yield* turns(1)
    }
    return assert.fail("the gateway took 64 MiB that wait for one handler")
  })

/** Numbers of the notes, as the handlers saw them. */
const noted = (log: ReadonlyArray<string>): ReadonlyArray<number> =>
  log.filter((line) => line.startsWith("note ")).map((line) => Number(line.split(" ")[1]))

/** In which order messages are handled, and how many at a time. */
export const order: ReadonlyArray<GatewayCase> = [
  {
    name: "runs an inline handler after the suspended one that came before it",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("wait", 1, key("a"))
      probe.request("echo", 2, text("b"))
      yield* until("the first has started", () => world.log.includes("start a"))
      yield* turns(10)
      assert.deepEqual(probe.answered, [], "nothing overtakes a message that is not concurrent")
      assert.equal(world.count("echo"), 0)
      world.open("a")
      yield* probe.answer(2)
      assert.deepEqual(probe.answered, [1, 2])
      assert.deepEqual(world.log.slice(1), ["start a", "end a", "echo b"])
    })
  },
  {
    name: "runs suspended handlers one after another, in the order of arrival",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      const keys = Array.from({ length: 20 }, (_, i) => `k${i}`)
      for (const [i, name] of keys.entries()) probe.request("wait", i + 1, key(name))
      // gates that open in the wrong order change nothing
      for (const name of keys.toReversed()) {
        yield* turns(1)
        world.open(name)
      }
      yield* probe.answer(20)
      assert.deepEqual(
        probe.answered,
        keys.map((_, i) => i + 1)
      )
      assert.deepEqual(
        world.log.slice(1),
        keys.flatMap((name) => [`start ${name}`, `end ${name}`])
      )
      assert.equal(world.mostRunning, 1)
    })
  },
  {
    name: "keeps the order among requests, signals and relays",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("wait", 1, key("a"))
      probe.signal("note", text("one"))
      probe.send(Kind.relay, "kit.pass", { id: 2, to: probe.id, payload: Uint8Array.of(1, 2, 3) })
      probe.signal("linger", key("b"))
      probe.request("echo", 3, text("two"))
      yield* until("the first has started", () => world.log.includes("start a"))
      yield* turns(5)
      assert.equal(world.log.length, 2)
      world.open("a")
      yield* until("the signal has started", () => world.log.includes("start b"))
      yield* turns(5)
      assert.equal(world.count("echo"), 0, "a suspended signal holds up what follows")
      world.open("b")
      yield* probe.answer(3)
      const expected = ["start a", "end a", "note one", `pass 3 bytes from ${probe.id}`, "start b", "end b", "echo two"]
      assert.deepEqual(world.log.slice(1), expected)
    })
  },
  {
    name: "lets a concurrent message overtake what waits for its turn",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("wait", 1, key("a"))
      probe.request("wait", 2, key("b"))
      probe.request("free", 3, key("c"))
      world.open("c")
      yield* probe.answer(3)
      assert.deepEqual(probe.answered, [3])
      world.open("a")
      world.open("b")
      yield* probe.answer(2)
      assert.deepEqual(probe.answered, [3, 1, 2])
    })
  },
  {
    name: "answers concurrent messages in the order in which they end",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      for (const [i, name] of ["a", "b", "c"].entries()) probe.request("free", i + 1, key(name))
      yield* until("all have started", () => world.count("start") === 3)
      for (const [i, name] of [
        [2, "b"],
        [3, "c"],
        [1, "a"]
      ] as const) {
        world.open(name)
        yield* probe.answer(i)
      }
      assert.deepEqual(probe.answered, [2, 3, 1])
    })
  },
  {
    name: "never runs more of a concurrent message than it declares",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      const keys = Array.from({ length: 12 }, (_, i) => `k${i}`)
      for (const [i, name] of keys.entries()) probe.request("pair", i + 1, key(name))
      yield* until("two have started", () => world.count("start") === 2)
      yield* turns(10)
      assert.equal(world.count("start"), 2)
      for (const name of keys) {
        world.open(name)
        yield* turns(2)
      }
      yield* Effect.forEach(keys, (_, i) => probe.answer(i + 1))
      assert.equal(world.mostRunning, 2)
      assert.deepEqual(
        world.log.filter((line) => line.startsWith("start")),
        keys.map((name) => `start ${name}`),
        "they start in the order of arrival"
      )
    })
  },
  {
    name: "does not hold up other messages at the bound of a concurrent one",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      for (const [i, name] of ["a", "b", "c"].entries()) probe.request("pair", i + 1, key(name))
      probe.request("echo", 4, text("hi"))
      yield* probe.answer(4)
      assert.deepEqual(probe.answered, [4])
      assert.equal(world.count("start"), 2)
      for (const name of ["a", "b", "c"]) world.open(name)
      yield* probe.answer(3)
    })
  },
  {
    name: "runs no more messages of a connection at a time than the gateway allows",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire, { options: { maxInFlight: 3 } })
      const probe = yield* greeted()
      const other = yield* greeted()
      for (let i = 1; i <= 10; i++) probe.request("free", i, key(`k${i}`))
      yield* until("three have started", () => world.count("start") === 3)
      yield* turns(10)
      assert.equal(world.count("start"), 3)
      other.request("free", 1, key("other"))
      yield* until("the other connection's has started", () => world.log.includes("start other"))
      world.open("k1")
      yield* until("a fourth has started", () => world.log.includes("start k4"))
      for (let i = 1; i <= 10; i++) world.open(`k${i}`)
      yield* Effect.forEach([1, 10], (id) => probe.answer(id))
      assert.equal(world.mostRunning, 4)
    })
  },
  {
    name: "counts only what runs against that bound, not what was cancelled while it waited",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire, { options: { maxInFlight: 2 } })
      const probe = yield* greeted()
      for (let i = 1; i <= 8; i++) probe.request("free", i, key(`k${i}`))
      for (let i = 5; i <= 7; i++) probe.send(Kind.cancel, 0, { id: i })
      yield* probe.fault(7)
      world.open("k1")
      yield* until("the third has started", () => world.log.includes("start k3"))
      yield* turns(10)
      assert.equal(world.count("start"), 3, "one more for the one that ended")
      for (let i = 2; i <= 8; i++) world.open(`k${i}`)
      yield* Effect.forEach([3, 4, 8], (id) => probe.answer(id))
      assert.equal(world.mostRunning, 2)
      assert.deepEqual(
        world.log.filter((line) => line.startsWith("start")),
        ["k1", "k2", "k3", "k4", "k8"].map((name) => `start ${name}`)
      )
    })
  },
  {
    name: "stops reading when the backlog is full, and handles all of it in order once there is room",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, limits, world } = yield* stage(harness, wire, { options: { maxBacklog: 16 } })
      const probe = yield* greeted()
      probe.request("wait", 1, key("a"))
      yield* until("the first has started", () => world.log.includes("start a"))
      const sent = yield* flood(probe)
      assert.ok(sent > 16, `${sent} frames were taken: the backlog and the queue take more`)
      const pending = probe.connection.pendingBytes()
      assert.ok(pending > limits.highWaterMark, `${pending} bytes pending: the sender learns that nobody reads`)
      yield* turns(20)
      assert.equal(probe.connection.pendingBytes(), pending, "reading has stopped")
      assert.equal(world.count("note"), 0)
      world.open("a")
      yield* until("everything is handled", () => world.count("note") === sent)
      assert.deepEqual(
        noted(world.log),
        Array.from({ length: sent }, (_, i) => i)
      )
      assert.equal(probe.connection.pendingBytes(), 0)
      probe.request("echo", 2, text("on"))
      yield* probe.answer(2)
    })
  },
  {
    name: "stops reading at the bound of running messages, and goes on after",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire, { options: { maxBacklog: 4, maxInFlight: 4 } })
      const probe = yield* greeted()
      for (let i = 1; i <= 4; i++) probe.request("free", i, key("a"))
      yield* until("four have started", () => world.count("start") === 4)
      const sent = yield* flood(probe)
      yield* turns(20)
      assert.equal(world.count("note"), 0)
      assert.ok(probe.connection.pendingBytes() > 0)
      world.open("a")
      yield* until("everything is handled", () => world.count("note") === sent)
      assert.deepEqual(
        noted(world.log),
        Array.from({ length: sent }, (_, i) => i)
      )
    })
  },
  {
    name: "keeps the order with a backlog of one",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire, { options: { maxBacklog: 1 } })
      const probe = yield* greeted()
      const keys = Array.from({ length: 30 }, (_, i) => `k${i}`)
      for (const [i, name] of keys.entries()) {
        probe.request("wait", 2 * i + 1, key(name))
        probe.request("echo", 2 * i + 2, text(name))
      }
      for (const name of keys) {
        yield* until(`${name} has started`, () => world.log.includes(`start ${name}`))
        world.open(name)
      }
      yield* probe.answer(60)
      assert.deepEqual(
        world.log.slice(1),
        keys.flatMap((name) => [`start ${name}`, `end ${name}`, `echo ${name}`])
      )
      assert.deepEqual(
        probe.answered,
        Array.from({ length: 60 }, (_, i) => i + 1)
      )
    })
  },
  {
    name: "answers 10 000 small requests sent at once, in order",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted } = yield* stage(harness, wire)
      const probe = yield* greeted()
      const total = 10_000
      for (let id = 1; id <= total; id++) {
        while (probe.request("echo", id, text("x")) === "refused") yield* turns(1)
      }
      yield* probe.answer(total)
      assert.deepEqual(
        probe.answered,
        Array.from({ length: total }, (_, i) => i + 1)
      )
    })
  },
  {
    name: "serves another connection while one floods",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire, { options: { framesPerTurn: 8 } })
      const flooder = yield* greeted()
      const other = yield* greeted()
      for (let i = 0; i < 4000; i++) {
        if (i === 2000) other.request("echo", 1, text("other"))
        assert.notEqual(flooder.signal("note", text("x")), "refused")
      }
      yield* other.answer(1)
      const before = world.log.slice(0, world.log.indexOf("echo other")).filter((line) => line === "note x").length
      assert.ok(before < 200, `${before} frames of the flood were handled first`)
      yield* until("the flood is handled as well", () => world.count("note") === 4000)
    })
  }
]
