import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import { Kind } from "../../transport/Wire.ts"
import type { RawPeer } from "../transport-kit/Harness.ts"
import { mulberry32 } from "../transport-kit/Stage.ts"
import { turns, until } from "../until.ts"
import type { GatewayCase } from "./Harness.ts"
import { hostileFrames } from "./hostileFrames.ts"
import type { Probe } from "./Probe.ts"
import { type Stage, stage } from "./Stage.ts"

/** Sends what may be no text on a text wire. */
const sendRaw = (probe: Probe, bytes: Uint8Array): void =>
  assert.notEqual(probe.connection.send(bytes, "binary"), "refused")

const isClean = (): void => {
  assert.equal(({} as { polluted?: unknown }).polluted, undefined, "Object.prototype is polluted")
  assert.equal(([] as { polluted?: unknown }).polluted, undefined)
}

/** The bytes of hello and of requests for `kit.echo`, as the transport frames them. */
const rawFrames = ({ wire }: Stage, peer: RawPeer) => {
  const session = wire.make("client")
  const none = { message: 0, outcome: 0, meta: undefined, peer: "" } as const
  return {
    hello: peer.frame(session.frame({ ...none, kind: Kind.hello, id: 0, payload: { min: 1, max: 1 } })),
    // the first message of the table
    echo: (id: number, text: string) =>
      peer.frame(
        session.frame({ ...none, kind: Kind.request, id, message: wire.numbered ? 1 : "kit.echo", payload: { text } })
      )
  }
}
const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const joined = new Uint8Array(parts.reduce((n, part) => n + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** What a hostile client may send: it costs no more than an answer, and nobody else notices. */
export const hostile: ReadonlyArray<GatewayCase> = [
  {
    name: "goes on serving a connection after each kind of broken frame",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, logs, world } = yield* stage(harness, wire)
      const [probe, other] = [yield* greeted(), yield* greeted()]
      let id = 1000
      for (const { bytes, name } of hostileFrames(wire, probe.numbers.get("kit.echo") ?? 0)) {
        const known = probe.received.length
        sendRaw(probe, bytes)
        probe.request("echo", ++id, { text: `after ${name}` })
        yield* until(`the answer after ${name}`, () => probe.isClosed || probe.of(id).length === 1)
        assert.equal(probe.isClosed, false, `closed after ${name}: ${probe.code} ${probe.reason}`)
        const last = probe.received.at(-1)
        assert.deepEqual([last?.id, last?.payload], [id, `after ${name}`])
        assert.ok(probe.received.length <= known + 3, `${name} has at most two answers`)
        isClean()
      }
      assert.deepEqual(logs, [], "what a client sends is no defect of the server's")
      assert.equal(world.count("echo after"), id - 1000)
      other.request("echo", 1, { text: "other" })
      yield* other.answer(1)
    })
  },
  {
    name: "survives 3 000 frames of noise, some of them nearly right, and goes on serving",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, logs } = yield* stage(harness, wire)
      const probe = yield* greeted()
      const random = mulberry32(20_261_121)
      const below = (n: number): number => Math.floor(random() * n)
      const session = wire.make("client")
      const seeds = ["echo", "values", "tree", "optional", "fail", "pass", "note"].map((tag, i) =>
        session.frame({
          kind: tag === "pass" ? Kind.relay : tag === "note" ? Kind.signal : Kind.request,
          id: 500 + i,
          message: wire.numbered ? (probe.numbers.get(`kit.${tag}`) ?? 0) : `kit.${tag}`,
          outcome: 0,
          payload:
            tag === "pass"
              ? Uint8Array.of(1, 2)
              : { text: "héllo", tree: { name: "a", children: [{ name: "b", children: [] }] }, how: "refuse", age: 3 },
          meta: i % 2 === 0 ? [["deadline", "1000"]] : undefined,
          peer: tag === "pass" ? probe.id : ""
        })
      )
      for (let round = 0; round < 3000; round++) {
        let bytes: Uint8Array
        if (round % 3 === 0) bytes = Uint8Array.from({ length: below(64) }, () => below(256))
        else {
          bytes = Uint8Array.from(seeds[below(seeds.length)] as Uint8Array)
          for (let edits = below(4); edits >= 0; edits--) bytes[below(bytes.length)] = below(256)
          if (round % 5 === 0) bytes = bytes.slice(0, below(bytes.length + 1))
          // a valid cancel, drain or request may come of it: all but a second hello is welcome
        }
        sendRaw(probe, bytes)
        if (round % 100 === 99) yield* turns(1)
      }
      probe.request("echo", 0x7ffffff0, { text: "on" })
      yield* until("the answer", () => probe.isClosed || probe.of(0x7ffffff0).length === 1)
      assert.equal(probe.isClosed, false, `closed: ${probe.code} ${probe.reason}`)
      // `fail` dies when it is asked to: whatever else is logged is a bug
      assert.deepEqual(
        logs.filter(({ message }) => !message.includes("kit.fail failed")),
        []
      )
      isClean()
    })
  },
  {
    name: "answers a frame of every length from nothing to a whole request",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      const whole = wire.make("client").frame({
        kind: Kind.request,
        id: 7,
        message: wire.numbered ? (probe.numbers.get("kit.echo") ?? 0) : "kit.echo",
        outcome: 0,
        payload: { text: "héllo ☃" },
        meta: [["deadline", "1000"]],
        peer: ""
      })
      for (let length = 0; length < whole.length; length++) sendRaw(probe, whole.slice(0, length))
      assert.equal(world.count("echo"), 0)
      sendRaw(probe, whole)
      probe.request("echo", 8, { text: "last" })
      yield* probe.answer(8)
      assert.deepEqual(
        world.log.filter((line) => line.startsWith("echo")),
        ["echo héllo ☃", "echo last"]
      )
    })
  },
  {
    name: "answers requests that come byte by byte",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness, wire) {
      const set = yield* stage(harness, wire)
      const peer = yield* set.raw
      const { echo, hello } = rawFrames(set, peer)
      for (const byte of concat([hello, echo(1, "a"), echo(2, "héllo")])) yield* peer.write(Uint8Array.of(byte))
      yield* until("both are answered", () => peer.frames().length === 3)
      assert.deepEqual(set.world.log.slice(1), ["echo a", "echo héllo"])
    })
  },
  {
    name: "answers 10 000 requests that come in one chunk",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness, wire) {
      const set = yield* stage(harness, wire)
      const peer = yield* set.raw
      const { echo, hello } = rawFrames(set, peer)
      const requests = Array.from({ length: 10_000 }, (_, i) => echo(i + 1, `${i}`))
      yield* peer.write(concat([hello, ...requests]))
      yield* until("all are answered", () => peer.frames().length === 10_001)
      assert.deepEqual(
        set.world.log.slice(1),
        requests.map((_, i) => `echo ${i}`)
      )
    })
  },
  {
    name: "ends what a peer began when it is reset in the middle of a frame, and serves the others",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness, wire) {
      const set = yield* stage(harness, wire)
      const other = yield* set.greeted()
      const peer = yield* set.raw
      const { echo, hello } = rawFrames(set, peer)
      const half = echo(2, "never")
      yield* peer.write(concat([hello, echo(1, "a"), half.slice(0, half.length - 3)]))
      yield* until("the first is answered", () => peer.frames().length === 2)
      yield* peer.reset
      yield* until("the server knows", () => set.world.count("closed") === 1)
      other.request("echo", 1, { text: "other" })
      yield* other.answer(1)
      assert.equal(set.world.log.includes("echo never"), false)
      assert.deepEqual(set.logs, [])
    })
  },
  {
    name: "closes a peer whose hello never ends, and serves the others meanwhile",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness, wire) {
      const set = yield* stage(harness, wire, { manual: true })
      const peer = yield* set.raw
      const { hello } = rawFrames(set, peer)
      yield* peer.write(hello.slice(0, hello.length - 1))
      const other = yield* set.greeted()
      other.request("echo", 1, { text: "other" })
      yield* other.answer(1)
      yield* until("both are there", () => Effect.runSync(set.gateway.connections).length === 2)
      set.advance(10_100)
      yield* until("it is closed", () => peer.isEnded())
      assert.equal(other.isClosed, false)
    })
  }
]
