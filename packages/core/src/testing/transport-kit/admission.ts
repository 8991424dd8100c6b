import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Admission } from "../../transport/Transport.ts"
import { turns, until } from "../until.ts"
import type { TransportCase } from "./Harness.ts"
import type { Recorder } from "./Recorder.ts"
import { closed, got, payload, same, stage, took } from "./Stage.ts"

export const refusal: Admission = { _tag: "Refuse", status: 403, reason: "not you", retryAfterMillis: 5000 }

/** Connections are admitted or refused before they stand, and opened exactly once. */
export const admission: ReadonlyArray<TransportCase> = [
  {
    name: "tells admission who asks",
    run: Effect.fnUntraced(function* (harness) {
      const { pair, peers, fixture } = yield* stage(harness)
      const [client, server] = yield* pair()
      const peer = peers[0]
      assert.ok(peer)
      assert.equal(peer.transport, fixture.listener.name)
      assert.ok(peer.address.length > 0, "an address")
      assert.equal(typeof peer.secure, "boolean")
      assert.ok(peer.headers instanceof Map)
      for (const name of peer.headers.keys()) assert.equal(name, name.toLowerCase())
      assert.equal(server.connection.peer, peer)
      assert.equal(typeof client.connection.peer.transport, "string")
    })
  },
  {
    name: "has the capabilities that its harness says it has",
    run: Effect.fnUntraced(function* (harness) {
      const { fixture, addresses, limits } = yield* stage(harness)
      for (const { capabilities } of [fixture.listener, fixture.connector(addresses)]) {
        assert.equal(capabilities.text, harness.traits.includes("text"))
        assert.equal(capabilities.closeCodes, harness.traits.includes("closeCodes"))
        assert.equal(capabilities.maxFrameBytes, limits.maxFrameBytes)
        assert.ok(
          capabilities.ordered && capabilities.reliable && capabilities.duplex,
          "the kit takes this for granted"
        )
      }
    })
  },
  {
    name: "gives every connection an id of its own",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const pairs = yield* Effect.forEach(Array.from({ length: 10 }), () => pair())
      assert.equal(new Set(pairs.flat().map((end) => end.connection.id)).size, 20)
    })
  },
  {
    name: "never opens what was refused",
    run: Effect.fnUntraced(function* (harness) {
      const { connect, servers } = yield* stage(harness, { admit: () => Effect.succeed(refusal) })
      const attempt = yield* Effect.exit(
        connect({ onOpen: ({ connection }) => void connection.send(payload(harness, 10), "binary") })
      )
      if (Exit.isSuccess(attempt)) yield* closed(attempt.value)
      else assert.match(String(attempt.cause), /refused/)
      yield* turns(20)
      assert.equal(servers.length, 0)
    })
  },
  {
    name: "serves the next after it refused one",
    run: Effect.fnUntraced(function* (harness) {
      let asked = 0
      const { connect, pair } = yield* stage(harness, {
        admit: (_, accept) => Effect.succeed(++asked === 1 ? refusal : accept)
      })
      const attempt = yield* Effect.exit(connect())
      if (Exit.isSuccess(attempt)) yield* closed(attempt.value)
      const [client, server] = yield* pair()
      took(client.connection.send(payload(harness, 10), "binary"))
      yield* got(server, 1)
    })
  },
  {
    name: "refuses a peer whose admission dies, and only that one",
    run: Effect.fnUntraced(function* (harness) {
      let asked = 0
      const { connect, pair, servers } = yield* stage(harness, {
        admit: (_, accept) => (++asked === 1 ? Effect.die(new Error("a bug")) : Effect.succeed(accept))
      })
      const attempt = yield* Effect.exit(connect())
      if (Exit.isSuccess(attempt)) yield* closed(attempt.value)
      assert.equal(servers.length, 0)
      const [client, server] = yield* pair()
      took(client.connection.send(payload(harness, 10), "binary"))
      yield* got(server, 1)
    })
  },
  {
    name: "delivers what was sent while admission took its time",
    run: Effect.fnUntraced(function* (harness) {
      const { connect, servers } = yield* stage(harness, { admit: (_, accept) => Effect.as(turns(30), accept) })
      const frame = payload(harness, 40)
      yield* connect({ onOpen: ({ connection }) => took(connection.send(frame, "binary")) })
      yield* until("the listener opens the connection", () => servers.length === 1)
      const server = servers[0] as Recorder
      yield* got(server, 1)
      same(server.frames, [frame])
    })
  },
  {
    name: "asks for the next peer while one is still being admitted",
    run: Effect.fnUntraced(function* (harness) {
      let asked = 0
      const { connect, servers } = yield* stage(harness, {
        admit: (_, accept) => (++asked === 1 ? Effect.never : Effect.succeed(accept))
      })
      yield* Effect.forkScoped(connect())
      yield* until("the first is asked for", () => asked === 1)
      const second = yield* connect()
      yield* until("the second is opened", () => servers.length === 1)
      took((servers[0] as Recorder).connection.send(payload(harness, 10), "binary"))
      yield* got(second, 1)
    })
  },
  {
    name: "takes sends from within open",
    run: Effect.fnUntraced(function* (harness) {
      const frame = payload(harness, 33)
      const greet = { onOpen: ({ connection }: Recorder) => took(connection.send(frame, "binary")) }
      const { pair } = yield* stage(harness, { server: greet })
      const [client, server] = yield* pair(greet)
      yield* got(client, 1)
      yield* got(server, 1)
      same([...client.frames, ...server.frames], [frame, frame])
    })
  },
  {
    name: "pauses from within open",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness, { server: { onOpen: (recorder) => recorder.pause() } })
      const [client, server] = yield* pair()
      took(client.connection.send(payload(harness, 33), "binary"))
      yield* turns(30)
      assert.equal(server.count, 0)
      server.resume()
      yield* got(server, 1)
    })
  }
]
