import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import type { Connection } from "../../transport/Transport.ts"
import { turns, until } from "../until.ts"
import type { TransportCase } from "./Harness.ts"
import type { Recorder } from "./Recorder.ts"
import { closed, encodes, got, mulberry32, payload, same, stage, took } from "./Stage.ts"

const echo = { onFrame: ({ connection }: Recorder, frame: Uint8Array) => void connection.send(frame, "binary") }

/** Many connections at once do not mix, starve or leak. */
export const scale: ReadonlyArray<TransportCase> = [
  {
    name: "serves 1 000 connections",
    run: Effect.fnUntraced(function* (harness) {
      const { connect, servers } = yield* stage(harness, { server: echo })
      const clients = yield* Effect.forEach(Array.from({ length: 1000 }), () => connect(), { concurrency: 50 })
      for (const [i, client] of clients.entries()) took(client.connection.send(payload(harness, 60, i), "binary"))
      for (const [i, client] of clients.entries()) {
        yield* got(client, 1)
        same(client.frames, [payload(harness, 60, i)])
      }
      assert.equal(servers.length, 1000)
      for (const client of clients) client.connection.close(1000, "")
      yield* until("all are closed", () => servers.every((server) => server.isClosed), 30_000)
    })
  },
  {
    name: "keeps 50 interleaved conversations apart",
    run: Effect.fnUntraced(function* (harness) {
      const { connect } = yield* stage(harness, { server: echo })
      const clients = yield* Effect.forEach(Array.from({ length: 50 }), () => connect())
      const frame = (client: number, i: number) =>
        payload(harness, 1 + ((client * 31 + i * 17) % 400), client * 100 + i)
      for (let i = 0; i < 50; i++) {
        for (const [n, client] of clients.entries()) took(client.connection.send(frame(n, i), "binary"))
        if (i % 10 === 0) yield* turns(1)
      }
      for (const [n, client] of clients.entries()) {
        yield* got(client, 50)
        const expected = Array.from({ length: 50 }, (_, i) => frame(n, i))
        same(client.frames, expected)
      }
    })
  },
  {
    name: "sends bursts to 100 connections in turn without mixing them",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const pairs = yield* Effect.forEach(Array.from({ length: 100 }), () => pair())
      const random = mulberry32(7)
      const sent: Array<Array<Uint8Array>> = pairs.map(() => [])
      for (let round = 0; round < 5; round++) {
        // all in one turn: connections alternate with frames of their own and with shared ones
        for (let i = 0; i < 10; i++) {
          const shared = payload(harness, Math.floor(random() * 300), round * 10 + i)
          for (const [n, [, server]] of pairs.entries()) {
            const own = payload(harness, Math.floor(random() ** 6 * 9000), n)
            took(server.connection.send(shared, "binary"))
            took(server.connection.write(own.length + Math.floor(random() * 500), own.length, encodes(own), "binary"))
            sent[n]?.push(shared, own)
          }
        }
        yield* turns(1 + Math.floor(random() * 3))
      }
      for (const [n, [client]] of pairs.entries()) {
        yield* got(client, 100)
        same(client.frames, sent[n] ?? [])
      }
    })
  },
  {
    name: "serves the others while one peer floods",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness, { server: echo })
      const [flood, floodServer] = yield* pair()
      floodServer.keeps = flood.keeps = false
      const [polite] = yield* pair()
      let isFlooding = true
      const frame = payload(harness, 200)
      const pump = (connection: Connection) => {
        for (let i = 0; i < 500 && isFlooding; i++) if (connection.send(frame, "binary") !== "sent") return
      }
      yield* Effect.forkScoped(
        Effect.gen(function* () {
          while (isFlooding) {
            pump(flood.connection)
            yield* turns(1)
          }
        })
      )
      for (let i = 1; i <= 50; i++) {
        const before = floodServer.count
        took(polite.connection.send(payload(harness, 20, i), "binary"))
        yield* got(polite, i)
        // a round trip that waits for megabytes of the flood is not being served
        assert.ok(floodServer.count - before < 50_000, "the flood came first")
      }
      assert.ok(floodServer.count > 0, "there was no flood")
      isFlooding = false
    })
  },
  {
    name: "opens and closes 300 connections, each told once",
    run: Effect.fnUntraced(function* (harness) {
      const { connect, servers } = yield* stage(harness, { server: echo })
      for (let round = 0; round < 15; round++) {
        const clients = yield* Effect.forEach(Array.from({ length: 20 }), () => connect(), { concurrency: 20 })
        for (const [i, client] of clients.entries()) {
          if (i % 3 !== 0) client.connection.send(payload(harness, 100, i), "binary")
          if (i % 2 === 0) client.connection.close(1000, "")
        }
        yield* until("the server has them all", () => servers.length === (round + 1) * 20)
        for (const server of servers) server.connection.close(1000, "")
        for (const client of clients) yield* closed(client)
      }
      yield* until("all are closed", () => servers.every((server) => server.isClosed))
      assert.equal(servers.length, 300)
    })
  }
]
