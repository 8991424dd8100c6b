import assert from "node:assert/strict"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { Kind, Outcome } from "../../transport/Wire.ts"
import { bytes } from "../transport-kit/Stage.ts"
import type { GatewayCase } from "./Harness.ts"
import type { Tree } from "./KitContract.ts"
import { stage } from "./Stage.ts"

/** What is sent arrives as it was. */
export const values: ReadonlyArray<GatewayCase> = [
  {
    name: "carries bytes, dates, big integers, and numbers that JSON lacks",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client } = yield* stage(harness, wire)
      const { request } = yield* client()
      const value = {
        bytes: bytes(300, 1),
        date: DateTime.toDateUtc(DateTime.makeUnsafe("2026-11-21T12:34:56.789Z")),
        big: -(2n ** 200n),
        numbers: [0, -1, 1.5, 2 ** 31, -(2 ** 31) - 1, 2 ** 53 - 1, 1e300, 5e-324, NaN, Infinity, -Infinity],
        note: "",
        either: Uint8Array.of(1),
        record: { a: new Uint8Array(0), "b c": Uint8Array.of(0, 255) }
      }
      assert.deepEqual(yield* request.values(value), value)
      const { note: _, ...without } = { ...value, either: 7 }
      assert.deepEqual(yield* request.values(without), without)
    })
  },
  {
    name: "carries text of every plane, control characters and NUL",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client } = yield* stage(harness, wire)
      const { request } = yield* client()
      for (const text of [
        "",
        "\u0000",
        "\u0000a\u001f\u007f",
        "héllo",
        "☃ 漢字",
        "👩‍👩‍👧‍👦 𝔘",
        "\ufeffbom",
        "\u2028\u2029",
        `"\\/`
      ]) {
        assert.equal(yield* request.echo({ text }), text)
      }
      for (const length of [15, 16, 31, 32, 33, 255, 256, 257, 65_535, 65_536]) {
        for (const letter of ["x", "é", "漢"]) {
          const text = letter.repeat(length)
          assert.equal(yield* request.echo({ text }), text)
        }
      }
    })
  },
  {
    name: "carries nothing as nothing",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client, greeted } = yield* stage(harness, wire)
      const { request, signal } = yield* client()
      assert.equal(yield* request.nothing(), undefined)
      assert.equal(yield* signal.bare(), undefined)
      const probe = yield* greeted()
      probe.request("nothing", 1)
      // fields may be added to a message later: older servers ignore them
      probe.request("nothing", 2, { more: true })
      for (const id of [1, 2]) {
        const answer = yield* probe.answer(id)
        assert.deepEqual([answer.outcome, answer.payload], [Outcome.success, undefined])
      }
    })
  },
  {
    name: "keeps optional fields absent, and ignores fields that it does not know",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client, greeted } = yield* stage(harness, wire)
      const { request } = yield* client()
      assert.deepEqual(yield* request.optional({}), { fields: [] })
      assert.deepEqual(yield* request.optional({ age: 0 }), { fields: ["age"] })
      assert.deepEqual(yield* request.optional({ name: "", age: 1 }), { fields: ["age", "name"] })
      const probe = yield* greeted()
      probe.request("optional", 1, { extra: [1, { deep: true }], name: "x" })
      assert.deepEqual((yield* probe.answer(1)).payload, { fields: ["name"] })
    })
  },
  {
    name: "carries values that contain themselves, up to a depth, and refuses deeper ones",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client, greeted } = yield* stage(harness, wire)
      const { request } = yield* client()
      const nested = (depth: number): Tree => {
        let tree: Tree = { name: "leaf", children: [] }
        for (let i = 1; i < depth; i++) tree = { name: `${i}`, children: [tree, { name: "b", children: [] }] }
        return tree
      }
      const tree = nested(40)
      assert.deepEqual(yield* request.tree({ tree }), tree)
      const probe = yield* greeted()
      probe.request("tree", 1, { tree: nested(100) })
      const fault = yield* probe.fault(1)
      assert.ok(["BAD_PAYLOAD", "MALFORMED_FRAME"].includes(fault.code), fault.code)
      probe.request("echo", 2, { text: "on" })
      yield* probe.answer(2)
    })
  },
  {
    name: "carries payloads up to the limit of a frame",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client, greeted, limits } = yield* stage(harness, wire)
      const { request } = yield* client()
      // base64 takes 4 bytes for 3; some room for the envelope
      const most = wire.numbered ? limits.maxFrameBytes - 100 : Math.floor((limits.maxFrameBytes - 200) / 4) * 3
      for (const size of [most, most - 1, 0, 1, 65_535, 65_536]) {
        const value = bytes(size, size)
        assert.deepEqual(yield* request.bytes({ bytes: value }), value)
      }
      const error = yield* Effect.flip(request.bytes({ bytes: bytes(limits.maxFrameBytes, 1) }))
      assert.equal(error._tag, "Overloaded", "what cannot be sent fails at once, and only that")
      const probe = yield* greeted()
      assert.notEqual(
        probe.request("bytes", 1, { bytes: wire.numbered ? bytes(most, 2) : "A".repeat(limits.maxFrameBytes - 200) }),
        "refused"
      )
      assert.equal((yield* probe.answer(1)).kind, Kind.response)
    })
  },
  {
    name: "keeps 1 000 interleaved requests and their answers apart",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client, world } = yield* stage(harness, wire)
      const clients = [yield* client(), yield* client(), yield* client()]
      for (let i = 0; i < 1000; i += 2) world.open(`k${i}`)
      const opened = Effect.sync(() => {
        for (let i = 999; i > 0; i -= 2) world.open(`k${i}`)
      })
      const asked = Effect.forEach(
        Array.from({ length: 1000 }, (_, i) => i),
        (i) => {
          const { request } = clients[i % 3] as (typeof clients)[number]
          return i % 5 === 0 ? request.echo({ text: `k${i}` }) : request.free({ key: `k${i}` })
        },
        { concurrency: "unbounded" }
      )
      const [answers] = yield* Effect.all([asked, Effect.delay(opened, 1)], { concurrency: 2 })
      assert.deepEqual(
        answers,
        Array.from({ length: 1000 }, (_, i) => `k${i}`)
      )
    })
  }
]
