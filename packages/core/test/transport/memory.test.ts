import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Turn } from "../../src/app/Turn.ts"
import * as ManualTurn from "../../src/testing/ManualTurn.ts"
import { Recorder, type RecorderHooks } from "../../src/testing/transport-kit/Recorder.ts"
import { fills } from "../../src/testing/transport-kit/Stage.ts"
import { turns, until } from "../../src/testing/until.ts"
import * as Memory from "../../src/transport/Memory.ts"
import type { Admission, PeerInfo } from "../../src/transport/Transport.ts"

const pair = Effect.fnUntraced(function* (options: Memory.MemoryOptions = {}, hooks: RecorderHooks = {}) {
  const { listener, connector } = Memory.make(options)
  const server = new Recorder(hooks)
  const peers: Array<PeerInfo> = []
  const accept: Admission = { _tag: "Accept", open: server.open }
  yield* listener.listen((peer) => {
    peers.push(peer)
    return Effect.succeed(accept)
  })
  const client = new Recorder()
  yield* connector.connect(client.open)
  return { client, server, peers, listener, connector }
})

describe("Memory", () => {
  it.live("delivers in a later turn, never from within a send", () =>
    Effect.gen(function* () {
      const { client, server } = yield* pair()
      client.connection.send(Uint8Array.of(1), "binary")
      client.connection.write(1, 1, fills(1, 1), "binary")
      assert.equal(server.count, 0)
      yield* until("both frames", () => server.count === 2)
    })
  )

  it.live("delivers what was held back before resume returns", () =>
    Effect.gen(function* () {
      const { client, server } = yield* pair()
      server.pause()
      for (let i = 0; i < 10; i++) client.connection.send(Uint8Array.of(i), "binary")
      yield* turns(5)
      server.resume()
      assert.equal(server.count, 10)
    })
  )

  it.live("drops pendingBytes as the peer takes frames, one by one", () =>
    Effect.gen(function* () {
      const pending: Array<number> = []
      let client: Recorder | undefined
      const ends = yield* pair({}, { onFrame: () => void pending.push(client?.connection.pendingBytes() ?? -1) })
      client = ends.client
      for (let i = 0; i < 4; i++) client.connection.send(new Uint8Array(100), "binary")
      assert.equal(client.connection.pendingBytes(), 400)
      yield* until("all frames", () => pending.length === 4)
      assert.deepEqual(pending, [300, 200, 100, 0])
    })
  )

  it.live("overwrites the memory of a frame after the call", () =>
    Effect.gen(function* () {
      const views: Array<Uint8Array> = []
      const { listener, connector } = Memory.make()
      yield* listener.listen(() =>
        Effect.succeed({
          _tag: "Accept",
          open: () => ({
            // what a careless decoder does
            onFrame: (bytes, start, end) => void views.push(bytes.slice(start, end)),
            onDrain: () => {},
            onClose: () => {}
          })
        })
      )
      const client = new Recorder()
      yield* connector.connect(client.open)
      const sent = Uint8Array.of(1, 2, 3)
      client.connection.send(sent, "binary")
      yield* until("the frame", () => views.length === 1)
      yield* turns(1)
      assert.notDeepEqual([...(views[0] as Uint8Array)], [1, 2, 3])
      assert.deepEqual([...sent], [1, 2, 3], "the sender's array is another one")
    })
  )

  it.live("keeps frames apart when one delivery leads to another", () =>
    Effect.gen(function* () {
      const inner = yield* pair()
      inner.server.pause()
      inner.client.connection.send(new Uint8Array(50).fill(2), "binary")
      yield* turns(3)
      // the recorder compares the frame with its copy after the hook
      const outer = yield* pair({}, { onFrame: () => inner.server.resume() })
      outer.client.connection.send(new Uint8Array(50).fill(1), "binary")
      yield* until("both", () => outer.server.count === 1 && inner.server.count === 1)
      outer.server.check()
      inner.server.check()
    })
  )

  it.live("lets nobody wait for a flood: a turn delivers a bounded part of it", () =>
    Effect.gen(function* () {
      const { client, server } = yield* pair({ limits: { maxPendingBytes: 100_000_000 } })
      for (let i = 0; i < 5000; i++) client.connection.send(Uint8Array.of(1), "binary")
      let seen = 0
      let largest = 0
      while (server.count < 5000) {
        yield* turns(1)
        largest = Math.max(largest, server.count - seen)
        seen = server.count
      }
      assert.ok(largest <= 2048, `${largest} frames at once`)
    })
  )

  it.live("tells admission what it was made with", () =>
    Effect.gen(function* () {
      const headers = new Map([["authorization", "Bearer x"]])
      const { peers } = yield* pair({
        name: "inner",
        peer: { headers, address: "10.0.0.1", origin: "https://a.example" }
      })
      assert.deepEqual(peers[0], {
        transport: "inner",
        address: "10.0.0.1",
        secure: true,
        headers,
        path: "",
        origin: "https://a.example"
      })
    })
  )

  it.live("fails with reason listen where its name is taken, and where its limits cannot work", () =>
    Effect.gen(function* () {
      const { listener } = yield* pair({ name: "inner" })
      const taken = yield* Effect.flip(listener.listen(() => Effect.die("never asked")))
      assert.equal(taken.code, "TRANSPORT_LISTEN")
      assert.match(taken.message, /listens on inner already/)
      const small = Memory.make({ maxFrameBytes: 1000, limits: { maxPendingBytes: 1000 } })
      const unfit = yield* Effect.flip(small.listener.listen(() => Effect.die("never asked")))
      assert.match(unfit.message, /maxPendingBytes is 1000/)
    })
  )

  it.live("fails with reason refused, saying why", () =>
    Effect.gen(function* () {
      const { listener, connector } = Memory.make()
      yield* listener.listen(() => Effect.succeed({ _tag: "Refuse", status: 429, reason: "too many" }))
      const error = yield* Effect.flip(Effect.asVoid(connector.connect(() => assert.fail("open was called"))))
      assert.equal(error.reason, "refused")
      assert.match(error.message, /too many \(429\)/)
    })
  )

  it.live("runs on the Turn that is provided", () =>
    Effect.gen(function* () {
      const manual = yield* ManualTurn.make
      const tasks: Array<() => void> = []
      const turn = { ...manual, schedule: (task: () => void) => void tasks.push(task) }
      const { client, server } = yield* Effect.provideService(pair(), Turn, turn)
      client.connection.send(Uint8Array.of(1), "binary")
      yield* turns(10)
      assert.equal(server.count, 0)
      for (const task of tasks.splice(0)) task()
      assert.equal(server.count, 1)
      client.connection.close(1000, "")
      while (tasks.length > 0) for (const task of tasks.splice(0)) task()
      assert.ok(client.isClosed && server.isClosed)
    })
  )
})
