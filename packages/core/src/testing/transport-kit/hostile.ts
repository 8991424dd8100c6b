import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import { turns, until } from "../until.ts"
import type { TransportCase } from "./Harness.ts"
import type { Recorder } from "./Recorder.ts"
import { closed, got, join, payload, same, stage, took } from "./Stage.ts"

/** A peer that goes on writing to somebody who may have closed: what it gets for that is not the question. */
const nobody: Effect.Effect<void> = Effect.void

/** Peers that mean no good: what they cost is bounded, and theirs alone. */
export const hostile: ReadonlyArray<TransportCase> = [
  {
    name: "closes a peer that announces a frame over the limit with 1009, before its bytes come",
    needs: ["raw", "lengthPrefix"],
    run: Effect.fnUntraced(function* (harness) {
      const { raw, limits } = yield* stage(harness)
      const [peer, server] = yield* raw
      const first = payload(harness, 10)
      yield* peer.write(join([peer.frame(first), harness.announce?.(limits.maxFrameBytes + 1) as Uint8Array]))
      yield* closed(server)
      assert.equal(server.code, 1009)
      same(server.frames, [first])
      yield* until("the peer is told", () => peer.isEnded())
    })
  },
  {
    name: "closes a peer whose frame goes on over the limit with 1009",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      const { raw, limits } = yield* stage(harness, { limits: { maxFrameBytes: 10_000 } })
      const [peer, server] = yield* raw
      const stream = peer.frame(payload(harness, limits.maxFrameBytes + 100))
      for (let at = 0; at < stream.length; at += 1000) {
        yield* Effect.catchCause(peer.write(stream.subarray(at, at + 1000)), () => nobody)
      }
      yield* closed(server)
      assert.equal(server.code, 1009)
      assert.equal(server.count, 0)
    })
  },
  {
    name: "holds no memory for a length whose bytes never come",
    needs: ["raw", "lengthPrefix"],
    run: Effect.fnUntraced(function* (harness) {
      const size = 8 * 1024 * 1024
      const { raw, servers } = yield* stage(harness, { limits: { maxFrameBytes: size, maxPendingBytes: 2 * size } })
      const before = process.memoryUsage().arrayBuffers
      const peers = yield* Effect.forEach(Array.from({ length: 50 }), () => raw)
      for (const [peer] of peers) yield* peer.write(join([harness.announce?.(size) as Uint8Array, Uint8Array.of(1, 2)]))
      yield* turns(50)
      const grown = process.memoryUsage().arrayBuffers - before
      assert.ok(grown < 50 * 1024 * 1024, `${grown} bytes for 50 announced lengths of ${size}`)
      assert.ok(servers.every((server) => server.count === 0 && !server.isClosed))
    })
  },
  {
    name: "closes on bytes that no peer may send",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      for (const broken of harness.broken ?? []) {
        const { raw, limits } = yield* stage(harness)
        const [peer, server] = yield* raw
        const good = payload(harness, 12)
        yield* peer.write(join([peer.frame(good), broken.bytes(limits), peer.frame(good)]))
        yield* closed(server)
        assert.equal(server.code, broken.code, broken.name)
        same(server.frames, [good])
      }
    }, Effect.scoped)
  },
  {
    name: "loses one connection to a reset within a frame, and no other",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      const { raw, pair } = yield* stage(harness)
      const [client, other] = yield* pair()
      const [peer, server] = yield* raw
      const frame = peer.frame(payload(harness, 1000))
      yield* peer.write(join([frame, frame.subarray(0, 500)]))
      yield* got(server, 1)
      yield* peer.reset
      yield* closed(server)
      assert.equal(server.code, 1006)
      assert.equal(server.count, 1)
      took(client.connection.send(payload(harness, 10), "binary"))
      yield* got(other, 1)
    })
  },
  {
    name: "bounds what it holds for a peer that never reads, and closes it on time",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      const { raw, limits } = yield* stage(harness)
      const [peer, server] = yield* raw
      peer.pause()
      const frame = payload(harness, 16 * 1024)
      for (let i = 0; i < 8000 && server.connection.send(frame, "binary") !== "refused"; i++) {
        if (i % 4 === 0) yield* turns(1)
      }
      assert.equal(server.connection.send(frame, "binary"), "refused")
      assert.ok(server.connection.pendingBytes() <= limits.maxPendingBytes + 64)
      server.connection.close(1013, "too slow")
      yield* closed(server)
      assert.deepEqual(server.closes, [[1013, "too slow"]])
    })
  },
  {
    name: "pauses a flood: the peer is held up and memory is not filled",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      const { raw } = yield* stage(harness, {
        server: { onFrame: (recorder) => (recorder.count === 1 ? recorder.pause() : undefined) }
      })
      const [peer, server] = yield* raw
      const total = 32
      const chunk = join(Array.from({ length: 16 }, (_, i) => peer.frame(payload(harness, 65_000, i))))
      const before = process.memoryUsage().arrayBuffers
      let written = 0
      yield* Effect.forkScoped(
        Effect.forEach(Array.from({ length: total }), () =>
          Effect.tap(
            peer.write(chunk),
            Effect.sync(() => written++)
          )
        )
      )
      yield* got(server, 1)
      // what is written in all the time that 200 turns are
      yield* turns(200)
      assert.equal(server.count, 1)
      const grown = process.memoryUsage().arrayBuffers - before
      assert.ok(grown < 20 * 1024 * 1024, `${grown} bytes held for a paused connection`)
      server.resume()
      yield* until("everything", () => server.count === total * 16, 30_000)
      const rest = server as Recorder
      assert.equal(rest.bytes, total * 16 * 65_000)
    })
  }
]
