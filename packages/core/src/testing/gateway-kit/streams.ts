import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { Kind, Outcome } from "../../transport/Wire.ts"
import { turns, until } from "../until.ts"
import type { GatewayCase } from "./Harness.ts"
import { Refused } from "./KitContract.ts"
import type { Probe } from "./Probe.ts"
import { type Stage, stage } from "./Stage.ts"

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1)
const items = (probe: Probe, id: number) => probe.of(id).filter(({ kind }) => kind === Kind.item)
const ENOUGH = 64 * 1024 * 1024

/** Waits until the stream `key` is no longer pulled; gives how often it was. */
const stalled = ({ world }: Stage, key: string): Effect.Effect<number> =>
  Effect.gen(function* () {
    yield* until(`${key} is pulled`, () => world.pulled(key) > 0)
    for (let seen = 0; ; ) {
      seen = world.pulled(key)
      yield* turns(100)
      if (world.pulled(key) === seen) return seen
    }
  })

/** Answers that are streams. */
export const streams: ReadonlyArray<GatewayCase> = [
  {
    name: "answers with items in order, then the end",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("count", 7, { to: 5 })
      yield* probe.answer(7)
      assert.deepEqual(
        probe.of(7).map(({ kind }) => kind),
        [...numbers(5).map(() => Kind.item), Kind.end]
      )
    })
  },
  {
    name: "gives a client every element of a long stream, and of an empty one none",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client } = yield* stage(harness, wire)
      const { request } = yield* client()
      assert.deepEqual(yield* Stream.runCollect(request.count({ to: 50_000 })), numbers(50_000))
      assert.deepEqual(yield* Stream.runCollect(request.count({ to: 0 })), [])
    })
  },
  {
    name: "does not hold up what follows a stream",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("pour", 1, { key: "p", size: 10 })
      probe.request("echo", 2, { text: "hi" })
      yield* probe.answer(2)
      assert.equal(probe.answered.includes(1), false)
      probe.send(Kind.cancel, 0, { id: 1 })
      yield* probe.answer(1)
      assert.equal(world.count("end p"), 1)
    })
  },
  {
    name: "runs several streams of one connection side by side",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client } = yield* stage(harness, wire)
      const { request } = yield* client()
      const all = yield* Effect.forEach(
        numbers(8),
        (n) => Stream.runCollect(Stream.take(request.pour({ key: `s${n}`, size: n }), 500)),
        { concurrency: "unbounded" }
      )
      for (const [i, texts] of all.entries()) assert.deepEqual([texts.length, texts[0]?.length], [500, i + 1])
    })
  },
  {
    name: "pulls a stream no faster than its reader takes it",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness, wire) {
      const set = yield* stage(harness, wire)
      const probe = yield* set.greeted()
      const size = 16 * 1024
      probe.connection.pause()
      probe.request("pour", 1, { key: "p", size })
      const first = yield* stalled(set, "p")
      assert.ok(first * size < ENOUGH, `${first} elements were pulled for a reader that takes none`)
      probe.connection.resume()
      yield* until("the stream goes on", () => set.world.pulled("p") > first + 50)
      probe.send(Kind.cancel, 0, { id: 1 })
      assert.equal((yield* probe.fault(1)).code, "CANCELLED")
    })
  },
  {
    name: "sends a chunk that is larger than the queue piece by piece",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, limits } = yield* stage(harness, wire)
      const probe = yield* greeted()
      const size = 4 * 1024
      const times = Math.ceil((4 * limits.maxPendingBytes) / size)
      probe.request("burst", 1, { size, times })
      assert.equal((yield* probe.answer(1)).kind, Kind.end)
      assert.equal(items(probe, 1).length, times)
    })
  },
  {
    name: "fails a stream with its declared error, after the elements before it",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client, greeted, logs } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("count", 1, { to: 3, after: "refuse" })
      const answer = yield* probe.answer(1)
      assert.deepEqual([answer.kind, answer.outcome], [Kind.response, Outcome.error])
      assert.equal(items(probe, 1).length, 3)
      const { request } = yield* client()
      const seen: Array<number> = []
      const stream = Stream.tap(request.count({ to: 3, after: "refuse" }), (n) => Effect.sync(() => seen.push(n)))
      const error = yield* Effect.flip(Stream.runDrain(stream))
      assert.deepEqual(error, new Refused({ why: "enough" }))
      assert.deepEqual(seen, [1, 2, 3])
      assert.deepEqual(logs, [], "a declared error is nothing for the log")
    })
  },
  {
    name: "fails a stream that dies with a reference only",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, logs } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("count", 1, { to: 2, after: "die" })
      const fault = yield* probe.fault(1)
      assert.equal(fault.code, "INTERNAL")
      assert.ok(!JSON.stringify(fault).includes("secret"))
      assert.equal(items(probe, 1).length, 2)
      assert.ok(logs[0]?.message.includes(fault.reference ?? "?"))
    })
  },
  {
    name: "runs the stream's finalizer when the client stops reading it",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client, world } = yield* stage(harness, wire)
      const { request } = yield* client()
      const got = yield* Stream.runCollect(Stream.take(request.pour({ key: "taken", size: 3 }), 4))
      assert.deepEqual(got, ["xxx", "xxx", "xxx", "xxx"])
      yield* until("the finalizer ran", () => world.log.includes("end taken"))
      const fiber = yield* Effect.forkChild(Stream.runDrain(request.pour({ key: "cut", size: 3 })))
      yield* until("it runs", () => world.pulled("cut") > 0)
      yield* Fiber.interrupt(fiber)
      yield* until("the finalizer ran", () => world.log.includes("end cut"))
      assert.equal(yield* request.echo({ text: "on" }), "on")
    })
  },
  {
    name: "runs the stream's finalizer when the connection closes, also while it waits for its reader",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness, wire) {
      const set = yield* stage(harness, wire)
      // the second is detached: nobody is left to read it, it finds the connection closed
      for (const [tag, key] of [
        ["pour", "p"],
        ["spill", "q"]
      ] as const) {
        const probe = yield* set.greeted()
        probe.connection.pause()
        probe.request(tag, 1, { key, size: 16 * 1024 })
        yield* stalled(set, key)
        yield* set.gateway.close(probe.id, 1000, "enough")
      }
      yield* until("both finalizers ran", () => set.world.count("end") === 2)
      assert.deepEqual(set.logs, [])
    })
  },
  {
    name: "ends a stream whose element is larger than a frame with a fault, not with silence",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, limits, logs } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("pour", 1, { key: "p", size: limits.maxFrameBytes })
      assert.equal((yield* probe.fault(1)).code, "INTERNAL")
      assert.equal(logs.length, 1)
      probe.request("echo", 2, { text: "on" })
      yield* probe.answer(2)
    })
  }
]
