import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Client from "../../client/Client.ts"
import type { ClientError } from "../../client/ClientError.ts"
import * as Contract from "../../transport/Contract.ts"
import { turns, until } from "../until.ts"
import type { GatewayCase } from "./Harness.ts"
import { Kit, type Refused } from "./KitContract.ts"
import { stage, told } from "./Stage.ts"

const ENOUGH = 64 * 1024 * 1024

/** Waits until a number no longer grows. */
const stands = (read: () => number): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (let seen = -1; seen !== read(); ) {
      seen = read()
      yield* turns(100)
    }
  })

/** The client that users have, from its hello to its end. */
export const client: ReadonlyArray<GatewayCase> = [
  {
    name: "fails everything that waits when the connection closes, and whatever comes after",
    run: Effect.fnUntraced(function* (harness, wire) {
      const set = yield* stage(harness, wire)
      const { connection, events, relay, relayed, request, signal } = yield* set.client()
      const waiting = [
        request.free({ key: "a" }),
        request.free({ key: "b" }),
        Stream.runDrain(request.pour({ key: "p", size: 1 })),
        Stream.runDrain(events.said),
        Stream.runDrain(relayed.pass)
      ]
      const fibers = yield* Effect.forEach(waiting, (effect) =>
        Effect.forkChild(Effect.flip(effect), { startImmediately: true })
      )
      yield* until("they run", () => set.world.count("start") === 2 && set.world.pulled("p") > 0)
      yield* set.gateway.close(connection.id, 4001, "because")
      const errors: Array<Refused | ClientError> = yield* Effect.forEach(fibers, (fiber) => Fiber.join(fiber))
      errors.push(
        yield* Effect.flip(request.echo({ text: "late" })),
        yield* Effect.flip(signal.bare()),
        yield* Effect.flip(relay.pass("x", new Uint8Array())),
        yield* Effect.flip(Stream.runDrain(events.said)),
        yield* Effect.flip(Stream.runDrain(request.count({ to: 1 }))),
        yield* connection.closed
      )
      for (const error of errors) {
        assert.ok(error._tag === "ConnectionClosed", error._tag)
        assert.equal(error.closeCode, told(harness, 4001))
      }
    })
  },
  {
    name: "closes its connection with its scope",
    run: Effect.fnUntraced(function* (harness, wire) {
      const set = yield* stage(harness, wire)
      const scope = yield* Scope.make()
      const { connection } = yield* Scope.provide(set.client(), scope)
      yield* until("it is open", () => set.world.log.includes(`opened ${connection.id}`))
      yield* Scope.close(scope, Exit.void)
      yield* until("the server is told", () => set.world.log.includes(`closed ${connection.id}`))
    })
  },
  {
    name: "says Overloaded where the connection takes no more, and sends nothing of it",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness, wire) {
      const set = yield* stage(harness, wire, { options: { maxBacklog: 4 } })
      const { request } = yield* set.client()
      const waiting = yield* Effect.forkChild(request.wait({ key: "a" }), { startImmediately: true })
      yield* until("it runs", () => set.world.log.includes("start a"))
      const padding = "x".repeat(16 * 1024)
      const asked: Array<Fiber.Fiber<string, ClientError>> = []
      let overloaded = 0
      while (overloaded < 3 && asked.length * padding.length < ENOUGH) {
        const asking = request.echo({ text: `${asked.length} ${padding}` })
        const fiber = yield* Effect.forkChild(asking, { startImmediately: true })
        const exit = fiber.pollUnsafe()
        if (exit === undefined) asked.push(fiber)
        else {
          const error = yield* Effect.flip(Fiber.join(fiber))
          assert.equal(error._tag, "Overloaded")
          overloaded++
        }
        yield* turns(1)
      }
      assert.equal(overloaded, 3)
      set.world.open("a")
      yield* Fiber.join(waiting)
      const answers = yield* Effect.forEach(asked, (fiber) => Fiber.join(fiber))
      for (const [i, answer] of answers.entries()) assert.equal(Number.parseInt(answer, 10), i)
      assert.equal(yield* request.echo({ text: "on" }), "on")
      assert.equal(set.world.count("echo"), asked.length + 1, "what was refused was not sent")
    })
  },
  {
    name: "lets signals wait while the server does not read, and loses none",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness, wire) {
      const set = yield* stage(harness, wire, { options: { maxBacklog: 4 } })
      const { request, signal } = yield* set.client()
      const waiting = yield* Effect.forkChild(request.wait({ key: "a" }), { startImmediately: true })
      yield* until("it runs", () => set.world.log.includes("start a"))
      const text = "x".repeat(16 * 1024)
      const total = ENOUGH / text.length / 4
      let sent = 0
      const telling = yield* Effect.forkChild(
        Effect.forEach(Array.from({ length: total }), () => Effect.map(signal.note({ text }), () => sent++)),
        { startImmediately: true }
      )
      yield* stands(() => sent)
      assert.ok(sent < total, "it waits")
      set.world.open("a")
      yield* Fiber.join(waiting)
      yield* Fiber.join(telling)
      yield* until("all are handled", () => set.world.count("note") === total)
    })
  },
  {
    name: "refuses to send what does not match the contract, and says where",
    run: Effect.fnUntraced(function* (harness, wire) {
      const set = yield* stage(harness, wire)
      const { request, signal } = yield* set.client()
      // what types forbid and plain JavaScript does
      const wrong = { text: 1 as unknown as string }
      for (const effect of [request.echo(wrong), signal.note(wrong)]) {
        const error = yield* Effect.flip(effect)
        assert.ok(error._tag === "RequestFault" && error.fault === "BAD_PAYLOAD")
        assert.deepEqual(error.path, ["text"])
      }
      assert.equal(yield* request.echo({ text: "on" }), "on")
      assert.deepEqual(
        set.world.log.filter((line) => !line.startsWith("opened")),
        ["echo on"]
      )
    })
  },
  {
    name: "stops reading when nobody takes its events, and goes on when somebody does",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness, wire) {
      const set = yield* stage(harness, wire)
      const { connection, events } = yield* set.client()
      const gate = Latch.makeUnsafe(false)
      const seen: Array<number> = []
      const reading = yield* Effect.forkChild(
        Stream.runForEach(events.news, ({ text }) =>
          Effect.andThen(
            gate.await,
            Effect.sync(() => seen.push(Number.parseInt(text, 10)))
          )
        ),
        { startImmediately: true }
      )
      const padding = "x".repeat(16 * 1024)
      let published = 0
      let dropped = 0
      while (dropped === 0 && published * padding.length < ENOUGH) {
        published++
        dropped += 1 - (yield* set.rooms.send(connection.id, Kit.events.news, { text: `${published} ${padding}` }))
        yield* turns(1)
      }
      assert.equal(dropped, 1, "the server learns that the client is slow")
      assert.deepEqual(seen, [])
      gate.openUnsafe()
      yield* until("all that was taken is read", () => seen.length === published - 1)
      assert.deepEqual(
        seen,
        Array.from({ length: published - 1 }, (_, i) => i + 1)
      )
      assert.equal(yield* set.rooms.send(connection.id, Kit.events.news, { text: "0" }), 1)
      yield* until("the next is read", () => seen.at(-1) === 0)
      yield* Fiber.interrupt(reading)
    })
  },
  {
    name: "asks again after it gave up a stream in the middle",
    run: Effect.fnUntraced(function* (harness, wire) {
      const set = yield* stage(harness, wire)
      const { request } = yield* set.client()
      for (let round = 0; round < 30; round++) {
        const some = yield* Stream.runCollect(Stream.take(request.count({ to: 5000 }), round))
        assert.equal(some.length, round)
      }
      assert.equal((yield* Stream.runCollect(request.count({ to: 5000 }))).length, 5000)
    })
  },
  {
    name: "does not connect where nobody answers its hello in time",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { listener, connector } = yield* harness.make({
        maxFrameBytes: 65_536,
        highWaterMark: 65_536,
        maxPendingBytes: 1 << 20
      })
      const mute = { onFrame: () => {}, onDrain: () => {}, onClose: () => {} }
      const addresses = yield* listener.listen(() => Effect.succeed({ _tag: "Accept", open: () => mute }))
      const contract = Contract.make("none", {})
      const connecting = Client.make(contract, connector(addresses), { wire, handshakeTimeoutMillis: 30 })
      const error = yield* Effect.flip(connecting)
      assert.ok(error._tag === "TransportError" && error.reason === "timeout", error._tag)
    })
  },
  {
    name: "fails to connect, and does not hang, where the server answers nonsense",
    run: Effect.fnUntraced(function* (harness, wire) {
      const { listener, connector } = yield* harness.make({
        maxFrameBytes: 65_536,
        highWaterMark: 65_536,
        maxPendingBytes: 1 << 20
      })
      const answers: Array<Uint8Array> = [
        new TextEncoder().encode("nonsense"),
        new TextEncoder().encode(`{"kind":"hello"}`),
        new TextEncoder().encode(`{"kind":"hello","payload":{"connection":1,"messages":7}}`),
        new TextEncoder().encode(`{"kind":"control","payload":{"type":"fault","fault":{"code":7}}}`),
        Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0),
        Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0x90),
        Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xc1)
      ]
      let next = 0
      const addresses = yield* listener.listen(() =>
        Effect.succeed({
          _tag: "Accept",
          open: (connection) => ({
            onFrame: () => void connection.send(answers[next] as Uint8Array, wire.frameKind),
            onDrain: () => {},
            onClose: () => {}
          })
        })
      )
      for (; next < answers.length; next++) {
        const first = answers[next]?.[0]
        // a WebSocket client refuses text that is not UTF-8 before the wire sees it; these are about the wire
        if (wire.frameKind === "text" && first === 1) continue
        const connecting = Client.make(Kit, connector(addresses), { wire, handshakeTimeoutMillis: 5000 })
        const error = yield* Effect.flip(Effect.scoped(connecting))
        assert.notEqual(error._tag, "TransportError", `answer ${next}: it must not wait for the timeout`)
      }
    })
  }
]
