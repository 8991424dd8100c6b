import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { BinaryWire } from "../../transport/BinaryWire.ts"
import { JsonWire } from "../../transport/JsonWire.ts"
import { Kind } from "../../transport/Wire.ts"
import { bytes } from "../transport-kit/Stage.ts"
import { turns, until } from "../until.ts"
import type { GatewayCase } from "./Harness.ts"
import { stage } from "./Stage.ts"

/** Bytes that no decoder would let pass, and some that look like one of our frames. */
const opaque: ReadonlyArray<Uint8Array> = [
  new Uint8Array(0),
  Uint8Array.of(0xc1, 0xc1, 0xff),
  Uint8Array.of(0xdf, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0xff, 0xfe, 0xc0, 0x80, 0x00),
  new TextEncoder().encode(`{"kind":"relay","from":"admin"`),
  bytes(10_000, 7)
]

/** Bytes from client to client that the server does not look into. */
export const relays: ReadonlyArray<GatewayCase> = [
  {
    name: "passes bytes on as they are, whatever they are, in order",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, logs } = yield* stage(harness, wire)
      const sender = yield* greeted()
      const recipient = yield* greeted()
      for (const [i, payload] of opaque.entries()) {
        sender.send(Kind.relay, "kit.pass", { id: i + 1, to: recipient.id, payload })
        assert.equal((yield* sender.answer(i + 1)).payload, 1)
      }
      yield* until("all arrive", () => recipient.relays.length === opaque.length)
      assert.deepEqual(
        recipient.relays.map(({ payload }) => payload),
        opaque
      )
      for (const { peer } of recipient.relays) assert.equal(peer, sender.id)
      assert.deepEqual(logs, [])
    })
  },
  {
    name: "stamps the sender that the server knows, whatever the client claims",
    run: Effect.fnUntraced(function* (harness) {
      const { greeted } = yield* stage(harness, JsonWire)
      const recipient = yield* greeted(BinaryWire)
      const sender = yield* greeted()
      const forged = {
        kind: "relay",
        name: "kit.pass",
        to: recipient.id,
        from: "admin",
        sender: "admin",
        bytes: "aGk="
      }
      sender.raw(new TextEncoder().encode(JSON.stringify(forged)))
      sender.raw(
        new TextEncoder().encode(JSON.stringify({ ...forged, peer: "admin", payload: "x", meta: [["from", "admin"]] }))
      )
      yield* until("both arrive", () => recipient.relays.length === 2)
      for (const relay of recipient.relays) {
        assert.equal(relay.peer, sender.id)
        assert.deepEqual(relay.payload, new TextEncoder().encode("hi"))
      }
    })
  },
  {
    name: "shows recipients the name that the handler gives the sender",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted } = yield* stage(harness, wire)
      const sender = yield* greeted()
      const recipient = yield* greeted()
      sender.send(Kind.relay, "kit.alias", { to: recipient.id, payload: Uint8Array.of(1) })
      yield* until("it arrives", () => recipient.relays.length === 1)
      assert.equal(recipient.relays[0]?.peer, "the server says")
    })
  },
  {
    name: "relays between connections of different wires",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted } = yield* stage(harness, wire)
      const json = yield* greeted(JsonWire)
      const binary = yield* greeted(BinaryWire)
      const payload = Uint8Array.of(0, 255, 193, 10, 13)
      json.send(Kind.relay, "kit.pass", { to: binary.id, payload })
      binary.send(Kind.relay, "kit.pass", { to: json.id, payload })
      for (const [from, to] of [
        [json, binary],
        [binary, json]
      ] as const) {
        yield* until("it arrives", () => to.relays.length === 1)
        assert.deepEqual(to.relays[0]?.payload, payload)
        assert.equal(to.relays[0]?.peer, from.id)
      }
    })
  },
  {
    name: "counts the recipients that took it, and answers NO_RECIPIENT where nobody did",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, halfway } = yield* stage(harness, wire)
      const [a, b, gone] = [yield* greeted(), yield* greeted(), yield* greeted()]
      // without a hello it could not read the relay
      const mute = yield* halfway
      gone.connection.close(1000, "bye")
      yield* until("it is gone", () => gone.isClosed)
      const payload = Uint8Array.of(9)
      a.send(Kind.relay, "kit.pass", { id: 1, to: `${a.id},${b.id},nobody,${gone.id},${mute.id}`, payload })
      assert.equal((yield* a.answer(1)).payload, 2)
      a.send(Kind.relay, "kit.pass", { id: 2, to: "nobody", payload })
      assert.equal((yield* a.fault(2)).code, "NO_RECIPIENT")
      a.send(Kind.relay, "kit.pass", { to: "nobody", payload })
      assert.equal(mute.probe.received.length, 1)
      a.request("echo", 3, { text: "on" })
      yield* a.answer(3)
      assert.deepEqual(a.faults, [], "without an id a relay is not answered")
    })
  },
  {
    name: "gives a client's relays to its listeners, and the count to the sender",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { client } = yield* stage(harness, wire)
      const [a, b] = [yield* client(), yield* client()]
      const heard = yield* Effect.forkChild(Stream.runHead(b.relayed.pass), { startImmediately: true })
      const mine = Uint8Array.of(1, 2, 3)
      const sending = a.relay.pass(b.connection.id, mine)
      assert.equal(yield* sending, 1)
      const got = Option.getOrThrow(yield* Fiber.join(heard))
      assert.deepEqual(got, { from: a.connection.id, bytes: Uint8Array.of(1, 2, 3) })
      const error = yield* Effect.flip(a.relay.pass("nobody", mine))
      assert.ok(error._tag === "RequestFault" && error.fault === "NO_RECIPIENT")
    })
  },
  {
    name: "keeps the bytes of a relay that waited for its turn",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { greeted, world } = yield* stage(harness, wire)
      const probe = yield* greeted()
      probe.request("wait", 1, { key: "a" })
      for (let i = 0; i < 20; i++) probe.send(Kind.relay, "kit.pass", { to: probe.id, payload: bytes(500 + i, i) })
      yield* until("the first runs", () => world.log.includes("start a"))
      yield* turns(10)
      world.open("a")
      yield* until("all arrive", () => probe.relays.length === 20)
      for (const [i, { payload }] of probe.relays.entries()) assert.deepEqual(payload, bytes(500 + i, i))
    })
  }
]
