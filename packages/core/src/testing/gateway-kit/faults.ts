import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import { Kind, Outcome } from "../../transport/Wire.ts"
import { turns, until } from "../until.ts"
import type { GatewayCase } from "./Harness.ts"
import { Refused } from "./KitContract.ts"
import { stage } from "./Stage.ts"

/** What goes wrong in messages and in handlers, and what of it the client learns. */
export const faults: ReadonlyArray<GatewayCase> = [
  {
    name: "answers a message that there is not, and one of another kind, with UNKNOWN_MESSAGE",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.send(Kind.request, "kit.nope", { id: 1, payload: {} })
      probe.send(Kind.request, "kit.note", { id: 2, payload: { text: "a signal" } })
      probe.send(Kind.request, "kit.said", { id: 3, payload: { text: "an event" } })
      probe.send(Kind.request, "kit.pass", { id: 4, payload: {} })
      probe.send(Kind.signal, "kit.echo", { payload: { text: "a request" } })
      probe.send(Kind.request, 0, { id: 5 })
      for (const id of [1, 2, 3, 4, 5]) assert.equal((yield* probe.fault(id)).code, "UNKNOWN_MESSAGE")
      yield* until("the signal's fault", () => probe.faults.length === 1)
      assert.equal(probe.faults[0]?.code, "UNKNOWN_MESSAGE")
      assert.deepEqual(world.log.slice(1), [])
    })
  },
  {
    name: "names the place of what is wrong in a payload, and not its value",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      const secret = "hunter2"
      const good = { bytes: wire.numbered ? new Uint8Array(0) : "", date: "2026-01-01T00:00:00.000Z", big: "1" }
      const bad: ReadonlyArray<readonly [tag: string, payload: unknown, path: ReadonlyArray<string>]> = [
        ["echo", { text: 1 }, ["text"]],
        ["echo", {}, ["text"]],
        ["echo", undefined, []],
        ["echo", secret, []],
        ["echo", null, []],
        ["echo", [secret], []],
        ["optional", { age: "old" }, ["age"]],
        ["optional", { age: 1.5 }, ["age"]],
        ["values", { ...good, numbers: [1, 2, secret], either: 1, record: {} }, ["numbers", "2"]],
        ["tree", { tree: { name: "a", children: [{ name: 7, children: [] }] } }, ["tree", "children", "0", "name"]]
      ]
      for (const [i, [tag, payload, path]] of bad.entries()) {
        probe.request(tag, i + 1, payload)
        const fault = yield* probe.fault(i + 1)
        assert.equal(fault.code, "BAD_PAYLOAD")
        assert.deepEqual(fault.path, path, `path of ${tag} ${JSON.stringify(payload)}`)
        assert.ok(fault.message.includes(`kit.${tag}`), "the message names the message")
        assert.ok(!fault.message.includes(secret), "what was sent may be a secret")
      }
      assert.equal(world.count("echo"), 0)
    })
  },
  {
    name: "answers a declared error as one, with its type in the client",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client, greeted, logs } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("fail", 1, { how: "refuse" })
      assert.equal((yield* probe.answer(1)).outcome, Outcome.error)
      const { request } = yield* client()
      const error = yield* Effect.flip(request.fail({ how: "refuse" }))
      assert.ok(error instanceof Refused)
      assert.equal(error.why, "asked for")
      assert.deepEqual(logs, [])
    })
  },
  {
    name: "answers a defect with a reference, and nothing of the detail, which is in the log under the same reference",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client, greeted, logs } = yield* stage(harness, wire)
      const probe = yield* greeted()
      for (const [i, how] of ["die", "throw", "wrong", "undeclared", "interrupt"].entries()) {
        probe.request("fail", i + 1, { how })
        const fault = yield* probe.fault(i + 1)
        assert.equal(fault.code, "INTERNAL", how)
        assert.ok(fault.reference, how)
        assert.ok(!JSON.stringify(fault).includes("secret"), how)
        assert.equal(logs.length, i + 1, how)
        const logged = logs[i]
        assert.ok(logged?.message.includes("kit.fail"), `${how}: the log names the message`)
        assert.ok(logged?.message.includes(fault.reference), `${how}: the log has the reference`)
        if (how === "die" || how === "throw") assert.ok(String(logged?.cause).includes("secret detail"), how)
      }
      const { request } = yield* client()
      const error = yield* Effect.flip(request.fail({ how: "die" }))
      assert.ok(error._tag === "RequestFault" && error.fault === "INTERNAL")
      assert.ok(logs.at(-1)?.message.includes(error.reference ?? "?"))
    })
  },
  {
    name: "takes an error that is not declared for a defect, in requests and relays",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, logs } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("broken", 1)
      probe.send(Kind.relay, "kit.alias", { id: 2, to: "broken", payload: new Uint8Array() })
      for (const id of [1, 2]) {
        const fault = yield* probe.fault(id)
        assert.equal(fault.code, "INTERNAL")
        assert.ok(!JSON.stringify(fault).includes("secret"))
      }
      assert.equal(logs.length, 2)
    })
  },
  {
    name: "takes a schema that throws, and a value that cannot be written, for defects, and goes on",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, logs } = yield* stage(harness, wire)
      const probe = yield* greeted()
      const broken: ReadonlyArray<readonly [tag: string, payload: unknown]> = [
        ["brittle", { text: "decode" }],
        ["brittle", { text: "encode" }],
        ["any", { value: "too deep" }]
      ]
      for (const [i, [tag, payload]] of broken.entries()) {
        probe.request(tag, i + 1, payload)
        yield* until("an answer", () => probe.isClosed || probe.of(i + 1).length === 1)
        assert.equal(probe.isClosed, false, `closed: ${probe.code} ${probe.reason}`)
        const fault = yield* probe.fault(i + 1)
        assert.equal(fault.code, "INTERNAL", JSON.stringify(payload))
        assert.ok(!JSON.stringify(fault).includes("secret"))
        assert.equal(logs.length, i + 1)
        assert.ok(logs[i]?.message.includes(fault.reference ?? "?"))
      }
      probe.request("brittle", 9, { text: "fine" })
      assert.equal((yield* probe.answer(9)).payload, "fine")
      probe.request("any", 10, { value: { a: [1, null, "x"] } })
      assert.deepEqual((yield* probe.answer(10)).payload, { a: [1, null, "x"] })
    })
  },
  {
    name: "gives every defect a reference of its own",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted } = yield* stage(harness, wire)
      const probe = yield* greeted()
      const references = new Set<unknown>()
      for (let id = 1; id <= 20; id++) probe.request("fail", id, { how: "die" })
      for (let id = 1; id <= 20; id++) references.add((yield* probe.fault(id)).reference)
      assert.equal(references.size, 20)
    })
  },
  {
    name: "refuses an id that is in use, and answers the first all the same",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("wait", 5, { key: "a" })
      probe.request("wait", 6, { key: "b" })
      probe.request("free", 5, { key: "c" })
      probe.request("free", 6, { key: "c" })
      yield* until("two faults", () => probe.faults.length === 2)
      for (const fault of probe.faults) assert.equal(fault.code, "DUPLICATE_ID")
      assert.equal(world.log.includes("start c"), false)
      world.open("a")
      world.open("b")
      yield* probe.answer(6)
      assert.deepEqual(probe.answered, [5, 6])
      // answered: free again
      probe.request("echo", 5, { text: "x" })
      yield* until("the third answer", () => probe.answered.length === 3)
    })
  },
  {
    name: "takes the smallest and the largest id, and no request without one",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      for (const id of [1, 0x7fffffff, 0x80000000, 0xffffffff]) {
        probe.request("echo", id, { text: `${id}` })
        assert.equal((yield* probe.answer(id)).outcome, Outcome.success)
      }
      probe.request("echo", 0, { text: "none" })
      yield* until("the fault", () => probe.faults.length === 1)
      assert.equal(probe.faults[0]?.code, "MALFORMED_FRAME")
      assert.equal(world.log.includes("echo none"), false)
    })
  },
  {
    name: "never answers a signal, and tells of a bad one without an id",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.signal("note", { text: "good" })
      probe.signal("bare")
      probe.signal("note", { text: 1 })
      probe.request("echo", 1, { text: "last" })
      yield* probe.answer(1)
      assert.deepEqual(world.log.slice(1), ["note good", "bare", "echo last"])
      assert.equal(probe.received.length, 3, "hello, one fault, one answer")
      assert.equal(probe.faults[0]?.code, "BAD_PAYLOAD")
      assert.deepEqual(probe.faults[0]?.path, ["text"])
    })
  },
  {
    name: "refuses kinds that are the server's to say, or not used yet, and goes on",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted } = yield* stage(harness, wire)
      const probe = yield* greeted()
      const kinds = [Kind.response, Kind.item, Kind.input, Kind.credit, Kind.end, Kind.call, Kind.event] as const
      for (const [i, kind] of [...kinds, Kind.ack, Kind.gap].entries()) {
        probe.send(kind, 0, { id: i + 1 })
        assert.equal((yield* probe.fault(i + 1)).code, "UNSUPPORTED_KIND", `kind ${kind}`)
      }
      probe.request("echo", 99, { text: "on" })
      yield* probe.answer(99)
    })
  },
  {
    name: "refuses meta that is critical and unknown, ignores meta that is unknown",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("echo", 1, { text: "a" }, [["!must", "x"]])
      assert.equal((yield* probe.fault(1)).code, "UNSUPPORTED_META")
      probe.request("echo", 2, { text: "b" }, [
        ["trace", "00-ab"],
        ["blob-bin", Uint8Array.of(0, 255, 128)],
        ["", ""]
      ])
      assert.equal((yield* probe.answer(2)).outcome, Outcome.success)
      assert.deepEqual(world.log.slice(1), ["echo b"])
    })
  },
  {
    name: "does not repeat a hostile name at length",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, limits } = yield* stage(harness, wire)
      const probe = yield* greeted()
      // control characters are six bytes each once they are quoted
      const long = "\u0001".repeat(Math.floor(limits.maxFrameBytes / 8))
      probe.send(Kind.request, wire.numbered ? 999 : long, { id: 1 })
      assert.ok((yield* probe.fault(1)).message.length < 500)
      probe.send(Kind.relay, "kit.pass", {
        id: 2,
        to: wire.numbered ? "x".repeat(255) : long,
        payload: new Uint8Array()
      })
      assert.ok((yield* probe.fault(2)).message.length < 1000)
    })
  },
  {
    name: "answers something too large for a frame with a fault, not with silence",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client, greeted, limits, logs } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("long", 1, { size: limits.maxFrameBytes })
      assert.equal((yield* probe.fault(1)).code, "INTERNAL")
      assert.equal(logs.length, 1)
      const { request } = yield* client()
      const error = yield* Effect.flip(request.long({ size: limits.maxFrameBytes + 1 }))
      assert.ok(error._tag === "RequestFault" && error.fault === "INTERNAL")
    })
  },
  {
    name: "stops reading from a client that does not read its answers, and loses none of them",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.connection.pause()
      const size = 32 * 1024
      let sent = 0
      // every answer is a hundred times as long as its question
      while (sent < 2500) {
        if (probe.request("long", sent + 1, { size }) === "refused") break
        sent++
        if (sent % 50 === 0) yield* turns(1)
      }
      yield* turns(50)
      probe.connection.resume()
      yield* until("all are answered", () => probe.answered.length === sent)
      for (const answer of probe.received.slice(1)) assert.equal(answer.outcome, Outcome.success)
      assert.deepEqual(
        probe.answered,
        Array.from({ length: sent }, (_, i) => i + 1)
      )
      assert.equal(world.count("closed"), 0)
    })
  }
]
