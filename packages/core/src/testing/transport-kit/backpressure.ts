import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import type { Connection, SendResult } from "../../transport/Transport.ts"
import { turns, until } from "../until.ts"
import type { TransportCase, TransportHarness } from "./Harness.ts"
import type { Recorder } from "./Recorder.ts"
import { got, payload, same, stage, took } from "./Stage.ts"

/** A kernel may hold some megabytes for each direction before a peer that does not read is felt. */
const ENOUGH = 64 * 1024 * 1024

/** Sends until the answer is `result`; gives the number of frames that were taken. */
const sendUntil = (connection: Connection, frame: Uint8Array, result: SendResult): Effect.Effect<number> =>
  Effect.gen(function* () {
    let taken = 0
    for (let bytes = 0; bytes < ENOUGH; bytes += frame.length) {
      const answer = connection.send(frame, "binary")
      if (answer !== "refused") taken++
      if (answer === result) return taken
      // the kernel gets a chance to take more
      if (taken % 4 === 0) yield* turns(1)
    }
    return assert.fail(`never answered ${result} for ${ENOUGH} bytes to a peer that does not read`)
  })

/** A connection whose client does not read, and whose server was refused at last. */
const choked = Effect.fnUntraced(function* (harness: TransportHarness, bytes = 16 * 1024) {
  const set = yield* stage(harness)
  const [client, server] = yield* set.pair()
  client.pause()
  const taken = yield* sendUntil(server.connection, payload(harness, bytes), "refused")
  return { ...set, client, server, taken }
})

/** Queues are bounded, say so, and empty again; pausing is exact. */
export const backpressure: ReadonlyArray<TransportCase> = [
  {
    name: "answers sent, then full, then refused to a peer that does not read",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness) {
      const { pair, limits } = yield* stage(harness)
      const [client, server] = yield* pair()
      client.pause()
      const frame = payload(harness, 8 * 1024)
      const answers = new Set<SendResult>()
      for (let i = 0; i < ENOUGH / frame.length && !answers.has("refused"); i++) {
        const before = server.connection.pendingBytes()
        const answer = server.connection.send(frame, "binary")
        answers.add(answer)
        const after = server.connection.pendingBytes()
        if (answer === "sent") assert.ok(after < limits.highWaterMark, `sent with ${after} bytes pending`)
        if (answer === "full") assert.ok(after >= limits.highWaterMark, `full with ${after} bytes pending`)
        if (answer === "refused") {
          assert.equal(after, before, "a refused frame was taken")
          assert.ok(after + frame.length + 64 > limits.maxPendingBytes, `refused with ${after} bytes pending`)
        }
        if (i % 4 === 3) yield* turns(1)
      }
      assert.deepEqual([...answers].sort(), ["full", "refused", "sent"])
    })
  },
  {
    name: "loses nothing that it took, in order, once the peer reads again",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness) {
      const { client, server, taken } = yield* choked(harness)
      client.resume()
      yield* got(client, taken)
      const frame = payload(harness, 16 * 1024)
      same(
        client.frames,
        Array.from({ length: taken }, () => frame)
      )
      yield* until("the queue is empty", () => server.connection.pendingBytes() === 0)
    })
  },
  {
    name: "calls onDrain after full, once below the high-water mark",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness) {
      const atDrain: Array<number> = []
      const { pair, limits } = yield* stage(harness, {
        server: { onDrain: ({ connection }) => void atDrain.push(connection.pendingBytes()) }
      })
      const [client, server] = yield* pair()
      client.pause()
      const taken = yield* sendUntil(server.connection, payload(harness, 32 * 1024), "refused")
      yield* turns(20)
      atDrain.length = 0
      client.resume()
      yield* until("onDrain", () => atDrain.length > 0)
      for (const pending of atDrain) assert.ok(pending < limits.highWaterMark, `onDrain with ${pending} bytes pending`)
      yield* got(client, taken)
      yield* until("the queue is empty", () => server.connection.pendingBytes() === 0)
      yield* turns(20)
      assert.equal(atDrain.length, 1, "one onDrain for one full queue")
    })
  },
  {
    name: "calls no onDrain where it never answered full",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      for (let i = 0; i < 50; i++) {
        assert.equal(server.connection.send(payload(harness, 100, i), "binary"), "sent")
      }
      yield* got(client, 50)
      yield* turns(10)
      assert.equal(server.drains, 0)
    })
  },
  {
    name: "takes frames sent from within onDrain",
    run: Effect.fnUntraced(function* (harness) {
      const total = 400
      let sent = 0
      const pump = ({ connection }: Recorder) => {
        while (sent < total) {
          sent++
          if (connection.send(payload(harness, 20_000, sent), "binary") !== "sent") return
        }
      }
      const { pair } = yield* stage(harness, { server: { onDrain: pump } })
      const [client, server] = yield* pair()
      client.keeps = false
      pump(server)
      yield* got(client, total)
      assert.equal(client.bytes, total * 20_000)
    })
  },
  {
    name: "does not encode what it refuses",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness) {
      const { server } = yield* choked(harness)
      const encode = () => assert.fail("encode was called")
      const size = 64 * 1024
      assert.equal(server.connection.write(size, size, encode, "binary"), "refused")
    })
  },
  {
    name: "takes frames again after it refused",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness) {
      const { client, server, taken } = yield* choked(harness)
      client.resume()
      yield* got(client, taken)
      yield* until("the queue is empty", () => server.connection.pendingBytes() === 0)
      const frame = payload(harness, 77)
      assert.equal(server.connection.send(frame, "binary"), "sent")
      yield* got(client, taken + 1)
      same(client.frames.slice(-1), [frame])
    })
  },
  {
    name: "counts pending bytes while they wait and comes back to 0",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      for (const [from, to] of [
        [client, server],
        [server, client]
      ] as const) {
        assert.equal(from.connection.pendingBytes(), 0)
        took(from.connection.send(payload(harness, 1000), "binary"))
        assert.ok(from.connection.pendingBytes() >= 1000, "queued bytes are pending")
        yield* got(to, 1)
        yield* until("nothing is pending", () => from.connection.pendingBytes() === 0)
      }
    })
  },
  {
    name: "keeps the backlog of a slow reader within its bound, tiny frames too",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness) {
      const { server, client, limits } = yield* choked(harness)
      const tiny = payload(harness, 3)
      let taken = 0
      while (server.connection.send(tiny, "binary") !== "refused") {
        if (++taken % 500 === 0) yield* turns(1)
        assert.ok(taken < limits.maxPendingBytes, "never refused")
      }
      const most = limits.maxPendingBytes + limits.maxFrameBytes
      assert.ok(server.connection.pendingBytes() <= most, "pending bytes over the bound")
      assert.equal(client.isClosed || server.isClosed, false)
    })
  },
  {
    name: "does not let one slow reader hold up another connection",
    needs: ["flowControl"],
    run: Effect.fnUntraced(function* (harness) {
      const { pair, server } = yield* choked(harness)
      const [other, otherServer] = yield* pair()
      for (let i = 0; i < 100; i++) {
        took(otherServer.connection.send(payload(harness, 200, i), "binary"))
        server.connection.send(payload(harness, 200, i), "binary")
      }
      yield* got(other, 100)
    })
  },
  {
    name: "delivers nothing after pause returns, until resume",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      server.pause()
      const sent = Array.from({ length: 50 }, (_, i) => payload(harness, 20 + i, i))
      for (const frame of sent) took(client.connection.send(frame, "binary"))
      yield* turns(50)
      assert.equal(server.count, 0)
      server.resume()
      yield* got(server, 50)
      same(server.frames, sent)
    })
  },
  {
    name: "stops in the middle of a burst when paused from within onFrame",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness, {
        server: { onFrame: (recorder) => (recorder.count === 7 ? recorder.pause() : undefined) }
      })
      const [client, server] = yield* pair()
      const sent = Array.from({ length: 50 }, (_, i) => payload(harness, 20 + i, i))
      for (const frame of sent) took(client.connection.send(frame, "binary"))
      yield* got(server, 7)
      yield* turns(50)
      assert.equal(server.count, 7)
      server.resume()
      yield* got(server, 50)
      same(server.frames, sent)
    })
  },
  {
    name: "goes on after pause and resume within one onFrame, without entering it again",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness, {
        // the recorder notes an onFrame within an onFrame
        server: {
          onFrame: (recorder) => {
            recorder.pause()
            recorder.resume()
            recorder.pause()
            recorder.resume()
          }
        }
      })
      const [client, server] = yield* pair()
      const sent = Array.from({ length: 100 }, (_, i) => payload(harness, 20 + i, i))
      for (const frame of sent) took(client.connection.send(frame, "binary"))
      yield* got(server, 100)
      same(server.frames, sent)
    })
  },
  {
    name: "gives one frame at a time to a handler that pauses at each",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness, { server: { onFrame: (recorder) => recorder.pause() } })
      const [client, server] = yield* pair()
      const sent = Array.from({ length: 60 }, (_, i) => payload(harness, i, i))
      for (const frame of sent) took(client.connection.send(frame, "binary"))
      for (let i = 1; i <= 60; i++) {
        yield* got(server, i)
        server.resume()
      }
      same(server.frames, sent)
    })
  },
  {
    name: "loses nothing of a burst whose answers fill the queue again and again, paused at full, resumed at onDrain",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness, {
        limits: { highWaterMark: 512 },
        server: {
          onFrame: (recorder) => {
            if (recorder.connection.send(payload(harness, 600), "binary") === "full") recorder.pause()
          },
          onDrain: (recorder) => recorder.resume()
        }
      })
      const [client, server] = yield* pair()
      client.keeps = server.keeps = false
      // enough of them in one chunk to show a recursion that takes a step for each
      const frame = payload(harness, 4)
      const count = 6000
      for (let i = 0; i < count; i++) took(client.connection.send(frame, "binary"))
      yield* got(server, count)
      yield* got(client, count)
    })
  },
  {
    name: "takes pause and resume twice as once",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      server.resume()
      server.pause()
      server.pause()
      const frame = payload(harness, 10)
      took(client.connection.send(frame, "binary"))
      yield* turns(20)
      assert.equal(server.count, 0)
      server.resume()
      server.resume()
      yield* got(server, 1)
      took(client.connection.send(frame, "binary"))
      yield* got(server, 2)
    })
  },
  {
    name: "pauses in both roles: a client as well",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair({
        onFrame: (recorder) => (recorder.count === 3 ? recorder.pause() : undefined)
      })
      const sent = Array.from({ length: 20 }, (_, i) => payload(harness, 30 + i, i))
      for (const frame of sent) took(server.connection.send(frame, "binary"))
      yield* got(client, 3)
      yield* turns(30)
      assert.equal(client.count, 3)
      client.resume()
      yield* got(client, 20)
      same(client.frames, sent)
    })
  },
  {
    name: "pauses reading only: what is sent meanwhile goes out",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      server.pause()
      const sent = Array.from({ length: 20 }, (_, i) => payload(harness, 30 + i, i))
      for (const frame of sent) took(server.connection.send(frame, "binary"))
      yield* got(client, 20)
      same(client.frames, sent)
    })
  },
  {
    name: "pauses one connection and not its neighbours",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client1, server1] = yield* pair()
      const [client2, server2] = yield* pair()
      server1.pause()
      took(client1.connection.send(payload(harness, 10), "binary"))
      took(client2.connection.send(payload(harness, 10), "binary"))
      yield* got(server2, 1)
      assert.equal(server1.count, 0)
      server1.resume()
      yield* got(server1, 1)
    })
  }
]
