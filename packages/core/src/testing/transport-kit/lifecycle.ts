import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import { turns, until } from "../until.ts"
import { refusal } from "./admission.ts"
import type { TransportCase, TransportHarness } from "./Harness.ts"
import type { Recorder } from "./Recorder.ts"
import { closed, got, payload, same, stage, took } from "./Stage.ts"

/** The code that the peer of whoever closed with `code` is given. */
const told = (harness: TransportHarness, code: number): number => (harness.traits.includes("closeCodes") ? code : 1000)

/** Connections are closed, and told so, exactly once. */
export const lifecycle: ReadonlyArray<TransportCase> = [
  {
    name: "closes from the client, with code and reason",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      client.connection.close(4001, "enough")
      assert.equal(client.isClosed, false, "onClose came from within close")
      yield* closed(client)
      yield* closed(server)
      assert.deepEqual(client.closes, [[4001, "enough"]])
      assert.equal(server.code, told(harness, 4001))
      if (harness.traits.includes("closeCodes")) assert.deepEqual(server.closes, [[4001, "enough"]])
    })
  },
  {
    name: "closes from the server, with code and reason",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      server.connection.close(4002, "done")
      assert.equal(server.isClosed, false, "onClose came from within close")
      yield* closed(server)
      yield* closed(client)
      assert.deepEqual(server.closes, [[4002, "done"]])
      assert.equal(client.code, told(harness, 4002))
      if (harness.traits.includes("closeCodes")) assert.deepEqual(client.closes, [[4002, "done"]])
    })
  },
  {
    name: "closes twice as once: the first counts",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      server.connection.close(4002, "first")
      server.connection.close(4003, "second")
      yield* closed(server)
      yield* closed(client)
      server.connection.close(4004, "third")
      yield* turns(20)
      assert.deepEqual(server.closes, [[4002, "first"]])
      assert.equal(client.closes.length, 1)
    })
  },
  {
    name: "closes from both sides at once",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      server.connection.close(4002, "server")
      client.connection.close(4001, "client")
      yield* closed(server)
      yield* closed(client)
      yield* turns(20)
      assert.deepEqual(server.closes, [[4002, "server"]])
      assert.deepEqual(client.closes, [[4001, "client"]])
    })
  },
  {
    name: "refuses sends after close and does not encode them",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      for (const end of [client, server]) {
        end.connection.close(1000, "")
        for (const when of ["at once", "once closed"]) {
          assert.equal(end.connection.send(payload(harness, 5), "binary"), "refused", when)
          const encode = () => assert.fail("encode was called")
          assert.equal(end.connection.write(5, 5, encode, "binary"), "refused", when)
          yield* closed(end)
        }
      }
    })
  },
  {
    name: "refuses sends once the peer has closed",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      client.connection.close(1000, "")
      yield* closed(server)
      assert.equal(server.connection.send(payload(harness, 5), "binary"), "refused")
      assert.equal(server.connection.pendingBytes(), 0)
      server.connection.pause()
      server.connection.resume()
      server.connection.close(1000, "")
    })
  },
  {
    name: "flushes what was queued before it closes",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      const sent = Array.from({ length: 100 }, (_, i) => payload(harness, i % 20 === 0 ? 9000 : i, i))
      for (const frame of sent) took(server.connection.send(frame, "binary"))
      server.connection.close(4000, "bye")
      yield* closed(client)
      same(client.frames, sent)
      yield* closed(server)
    })
  },
  {
    name: "flushes what is queued for a peer that reads slowly before it closes",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      client.pause()
      let sent = 0
      while (server.connection.send(payload(harness, 16 * 1024), "binary") !== "refused") {
        if (++sent % 4 === 0) yield* turns(1)
      }
      server.connection.close(4000, "bye")
      client.resume()
      yield* closed(client)
      assert.equal(client.count, sent)
    })
  },
  {
    name: "delivers no frame after its own close, though the peer had sent some",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness, {
        server: { onFrame: ({ count, connection }) => (count === 3 ? connection.close(4000, "enough") : undefined) }
      })
      const [client, server] = yield* pair()
      for (let i = 0; i < 50; i++) client.connection.send(payload(harness, 50, i), "binary")
      yield* closed(server)
      yield* closed(client)
      assert.equal(server.count, 3)
      assert.deepEqual(server.closes, [[4000, "enough"]])
    })
  },
  {
    name: "closes from within open",
    run: Effect.fnUntraced(function* (harness) {
      const { connect, servers } = yield* stage(harness, {
        server: { onOpen: ({ connection }) => connection.close(4005, "at the door") }
      })
      const client = yield* connect()
      yield* closed(client)
      const server = servers[0] as Recorder
      yield* closed(server)
      assert.deepEqual(server.closes, [[4005, "at the door"]])
    })
  },
  {
    name: "closes a connection whose onFrame throws with 1011, and no other",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness, {
        server: {
          onFrame: (_, frame) => {
            if (frame[0] === 66) throw new Error("a bug")
          }
        }
      })
      const [good, goodServer] = yield* pair()
      const [bad, badServer] = yield* pair()
      took(bad.connection.send(Uint8Array.of(66, 66), "binary"))
      took(bad.connection.send(Uint8Array.of(65, 65), "binary"))
      yield* closed(badServer)
      yield* closed(bad)
      assert.equal(badServer.code, 1011)
      assert.equal(badServer.count, 1)
      assert.equal(bad.code, told(harness, 1011))
      took(good.connection.send(Uint8Array.of(65), "binary"))
      took(goodServer.connection.send(Uint8Array.of(65), "binary"))
      yield* got(goodServer, 1)
      yield* got(good, 1)
    })
  },
  {
    name: "closes a connection whose onDrain throws with 1011",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness, {
        limits: { highWaterMark: 1000 },
        server: {
          onDrain: () => {
            throw new Error("a bug")
          }
        }
      })
      const [, server] = yield* pair()
      assert.equal(server.connection.send(payload(harness, 2000), "binary"), "full")
      yield* closed(server)
      assert.equal(server.code, 1011)
    })
  },
  {
    name: "survives an onClose and an open that throw",
    run: Effect.fnUntraced(function* (harness) {
      let opened = 0
      const { pair, connect } = yield* stage(harness, {
        server: {
          onOpen: () => {
            if (++opened === 2) throw new Error("a bug")
          },
          onClose: () => {
            throw new Error("a bug")
          }
        }
      })
      const [first] = yield* pair()
      first.connection.close(1000, "")
      yield* closed(first)
      const second = yield* connect()
      yield* closed(second)
      const [third, server] = yield* pair()
      took(third.connection.send(payload(harness, 9), "binary"))
      yield* got(server, 1)
    })
  },
  {
    name: "closes its connections with 1001 and frees its address when its scope closes",
    run: Effect.fnUntraced(function* (harness) {
      const scope = yield* Scope.make()
      const { pair, fixture, addresses } = yield* stage(harness, { listening: scope })
      const [client, server] = yield* pair()
      yield* Scope.close(scope, Exit.void)
      assert.deepEqual(server.closes[0]?.[0], 1001, "onClose comes before the scope is closed")
      yield* closed(client)
      assert.equal(client.code, told(harness, 1001))
      const attempt = yield* Effect.exit(fixture.connector(addresses).connect(() => client))
      assert.ok(Exit.isFailure(attempt), "somebody still listens")
      const again = yield* fixture.listener.listen(() => Effect.succeed(refusal))
      assert.equal(again.length, addresses.length)
    })
  },
  {
    name: "fails with a typed error where nobody listens",
    run: Effect.fnUntraced(function* (harness) {
      const scope = yield* Scope.make()
      const { fixture, addresses } = yield* stage(harness, { listening: scope })
      yield* Scope.close(scope, Exit.void)
      const open = () => assert.fail("open was called")
      const result = yield* Effect.result(fixture.connector(addresses).connect(open))
      assert.ok(Result.isFailure(result), "somebody still listens")
      const error = result.failure
      assert.equal(error._tag, "TransportError")
      assert.equal(error.reason, "connect")
      assert.equal(error.code, "TRANSPORT_CONNECT")
      assert.ok(error.message.length > 10, "a message for people")
    })
  },
  {
    name: "closes a client's connection with its scope",
    run: Effect.fnUntraced(function* (harness) {
      const { connect, servers } = yield* stage(harness)
      const scope = yield* Scope.make()
      const client = yield* Scope.provide(connect(), scope)
      yield* until("the listener opens the connection", () => servers.length === 1)
      yield* Scope.close(scope, Exit.void)
      assert.equal(client.code, 1000, "onClose comes before the scope is closed")
      const server = servers[0] as Recorder
      yield* closed(server)
      assert.equal(server.code, 1000)
    })
  }
]
