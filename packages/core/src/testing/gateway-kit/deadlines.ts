import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { Kind } from "../../transport/Wire.ts"
import { turns, until } from "../until.ts"
import type { GatewayCase } from "./Harness.ts"
import { stage } from "./Stage.ts"

const key = (value: string) => ({ key: value })
/** Deadlines are exact to one tick of the gateway's. */
const TICK = 20

/** When handlers are given up: deadlines, cancelling, and the end of the connection. */
export const deadlines: ReadonlyArray<GatewayCase> = [
  {
    name: "interrupts a handler at the gateway's deadline, not before",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { advance, greeted, world } = yield* stage(harness, wire, {
        manual: true,
        options: { deadlineMillis: 1000 }
      })
      const probe = yield* greeted()
      probe.request("wait", 1, key("a"))
      yield* until("it runs", () => world.log.includes("start a"))
      advance(1000 - TICK)
      yield* turns(10)
      assert.deepEqual(probe.answered, [])
      advance(2 * TICK)
      assert.equal((yield* probe.fault(1)).code, "DEADLINE_EXCEEDED")
      assert.ok(world.log.includes("interrupted a"))
      probe.request("echo", 2, { text: "on" })
      yield* probe.answer(2)
    })
  },
  {
    name: "gives every request the default deadline of 30 seconds",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { advance, greeted, world } = yield* stage(harness, wire, { manual: true })
      const probe = yield* greeted()
      probe.request("wait", 1, key("a"))
      yield* until("it runs", () => world.log.includes("start a"))
      advance(30_000 - TICK)
      yield* turns(10)
      assert.deepEqual(probe.answered, [])
      advance(2 * TICK)
      assert.equal((yield* probe.fault(1)).code, "DEADLINE_EXCEEDED")
    })
  },
  {
    name: "interrupts at the deadline that the message declares",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { advance, greeted, world } = yield* stage(harness, wire, { manual: true })
      const probe = yield* greeted()
      probe.request("brief", 1, key("a"))
      yield* until("it runs", () => world.log.includes("start a"))
      advance(100 - TICK)
      yield* turns(10)
      assert.deepEqual(probe.answered, [])
      advance(2 * TICK)
      assert.equal((yield* probe.fault(1)).code, "DEADLINE_EXCEEDED")
    })
  },
  {
    name: "interrupts at the deadline that the client asks for",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { advance, greeted, world } = yield* stage(harness, wire, { manual: true })
      const probe = yield* greeted()
      probe.request("free", 1, key("short"), [["deadline", "200"]])
      probe.request("brief", 2, key("long"), [["deadline", "500"]])
      yield* until("both run", () => world.count("start") === 2)
      advance(200 + TICK)
      assert.equal((yield* probe.fault(1)).code, "DEADLINE_EXCEEDED")
      assert.deepEqual(probe.answered, [1])
      advance(300 + TICK)
      assert.equal((yield* probe.fault(2)).code, "DEADLINE_EXCEEDED")
    })
  },
  {
    name: "caps the deadline that a client asks for",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { advance, greeted, world } = yield* stage(harness, wire, {
        manual: true,
        options: { maxDeadlineMillis: 400 }
      })
      const probe = yield* greeted()
      probe.request("wait", 1, key("a"), [["deadline", "999999999999"]])
      yield* until("it runs", () => world.log.includes("start a"))
      advance(400 + TICK)
      assert.equal((yield* probe.fault(1)).code, "DEADLINE_EXCEEDED")
    })
  },
  {
    name: "lets a streamed answer last, unless the client asks for a deadline",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { advance, greeted } = yield* stage(harness, wire, { manual: true })
      const probe = yield* greeted()
      probe.request("stay", 1)
      probe.request("stay", 2, undefined, [["deadline", "40000"]])
      yield* until("both have begun", () => probe.of(1).length === 1 && probe.of(2).length === 1)
      advance(40_000 + TICK)
      assert.equal((yield* probe.fault(2)).code, "DEADLINE_EXCEEDED")
      yield* turns(10)
      assert.equal(probe.of(1).length, 1)
    })
  },
  {
    name: "refuses a deadline that is not a number of milliseconds",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      for (const [i, value] of ["", "-1", "1.5", "1e9", "soon", "9".repeat(40)].entries()) {
        probe.request("echo", i + 1, { text: "x" }, [["deadline", value]])
        assert.equal((yield* probe.fault(i + 1)).code, "UNSUPPORTED_META", `deadline ${JSON.stringify(value)}`)
      }
      assert.equal(world.count("echo"), 0)
    })
  },
  {
    name: "counts the deadline from arrival, also while the message waits for its turn",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { advance, greeted, world } = yield* stage(harness, wire, { manual: true })
      const probe = yield* greeted()
      probe.request("wait", 1, key("a"))
      probe.request("brief", 2, key("b"))
      probe.request("wait", 3, key("c"))
      yield* until("the first runs", () => world.log.includes("start a"))
      yield* turns(5)
      advance(100 + TICK)
      assert.equal((yield* probe.fault(2)).code, "DEADLINE_EXCEEDED")
      assert.deepEqual(probe.answered, [2])
      world.open("a")
      world.open("c")
      yield* probe.answer(3)
      assert.deepEqual(probe.answered, [2, 1, 3])
      assert.equal(world.log.includes("start b"), false, "what timed out while it waited never starts")
    })
  },
  {
    name: "gives up a signal at its deadline, and tells so without an id",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { advance, greeted, world } = yield* stage(harness, wire, {
        manual: true,
        options: { deadlineMillis: 100 }
      })
      const probe = yield* greeted()
      probe.signal("linger", key("a"))
      yield* until("it runs", () => world.log.includes("start a"))
      advance(100 + TICK)
      yield* until("the fault", () => probe.faults.length === 1)
      assert.equal(probe.faults[0]?.code, "DEADLINE_EXCEEDED")
      assert.ok(world.log.includes("interrupted a"))
    })
  },
  {
    name: "forgets the deadline of what was answered in time",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { advance, greeted, timers, world } = yield* stage(harness, wire, { manual: true })
      const probe = yield* greeted()
      for (let id = 1; id <= 50; id++) probe.request("free", id, key("a"))
      yield* until("all run", () => world.count("start") === 50)
      world.open("a")
      yield* Effect.forEach(Array.from({ length: 50 }), (_, i) => probe.answer(i + 1))
      advance(2 * TICK)
      assert.equal(timers(), 0, "no timer runs where nothing waits")
      advance(400_000)
      yield* turns(10)
      assert.equal(probe.received.length, 1 + 50)
      assert.equal(probe.isClosed, false)
    })
  },
  {
    name: "cancels what runs and what waits, and answers both",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("wait", 1, key("a"))
      probe.request("wait", 2, key("b"))
      probe.request("wait", 3, key("c"))
      yield* until("the first runs", () => world.log.includes("start a"))
      probe.send(Kind.cancel, 0, { id: 2 })
      assert.equal((yield* probe.fault(2)).code, "CANCELLED")
      probe.send(Kind.cancel, 0, { id: 1 })
      assert.equal((yield* probe.fault(1)).code, "CANCELLED")
      world.open("c")
      yield* probe.answer(3)
      assert.deepEqual(world.log.slice(1), ["start a", "interrupted a", "start c", "end c"])
    })
  },
  {
    name: "ignores a cancel for what is answered or never was",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("echo", 1, { text: "x" })
      probe.send(Kind.cancel, 0, { id: 1 })
      probe.send(Kind.cancel, 0, { id: 77 })
      probe.send(Kind.cancel, 0)
      probe.request("echo", 1, { text: "again" })
      probe.request("echo", 2, { text: "y" })
      yield* probe.answer(2)
      assert.deepEqual(probe.answered, [1, 1, 2])
      assert.deepEqual(probe.faults, [])
    })
  },
  {
    name: "cancels on the server when a client's request is interrupted",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client, world } = yield* stage(harness, wire)
      const { request } = yield* client()
      const fiber = yield* Effect.forkChild(request.wait(key("a")))
      yield* until("it runs", () => world.log.includes("start a"))
      yield* Fiber.interrupt(fiber)
      yield* until("it is interrupted", () => world.log.includes("interrupted a"))
      assert.equal(yield* request.echo({ text: "on" }), "on")
    })
  },
  {
    name: "interrupts what runs when the connection closes, and runs its finalizers",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, logs, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      const other = yield* greeted()
      probe.request("wait", 1, key("a"))
      probe.request("free", 2, key("b"))
      probe.signal("linger", key("never"))
      other.request("wait", 1, key("other"))
      yield* until("three run", () => world.count("start") === 3)
      probe.connection.close(1000, "bye")
      yield* until("both are interrupted", () => world.count("interrupted") === 2)
      yield* until("the hook ran", () => world.log.includes(`closed ${probe.id}`))
      assert.equal(world.log.includes("start never"), false, "what waited does not start")
      world.open("other")
      yield* other.answer(1)
      assert.deepEqual(logs, [])
    })
  },
  {
    name: "lets a detached handler go on when the connection closes",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, logs, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("detached", 1, key("a"))
      yield* until("it runs", () => world.log.includes("start a"))
      probe.connection.close(1000, "bye")
      yield* until("the hook ran", () => world.log.includes(`closed ${probe.id}`))
      yield* turns(10)
      assert.equal(world.log.includes("interrupted a"), false)
      world.open("a")
      yield* until("it ends", () => world.log.includes("end a"))
      yield* turns(5)
      assert.deepEqual(logs, [])
    })
  },
  {
    name: "interrupts handlers when the gateway's listener closes with its scope",
    run: Effect.fnUntraced(function* (harness, wire) {
      const scope = yield* Scope.make()
      const { greeted, world } = yield* Scope.provide(stage(harness, wire), scope)
      const probe = yield* greeted()
      probe.request("wait", 1, key("a"))
      yield* until("it runs", () => world.log.includes("start a"))
      yield* Scope.close(scope, Exit.void)
      yield* until("it is interrupted", () => world.log.includes("interrupted a"))
      yield* until("the client is told", () => probe.isClosed)
    })
  },
  {
    name: "closes within a handler, and answers nothing afterwards",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, logs, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("leave", 1, { code: 4000 })
      probe.request("echo", 2, { text: "late" })
      yield* until("the client is told", () => probe.isClosed)
      yield* until("the hook ran", () => world.log.includes(`closed ${probe.id}`))
      assert.equal(world.count("echo"), 0)
      assert.deepEqual(logs, [])
    })
  }
]
