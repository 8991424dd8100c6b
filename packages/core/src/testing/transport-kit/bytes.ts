import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import { turns, until } from "../until.ts"
import type { TransportCase } from "./Harness.ts"
import type { Recorder } from "./Recorder.ts"
import { closed, encodes, got, mulberry32, payload, same, stage, took } from "./Stage.ts"

const join = (parts: ReadonlyArray<Uint8Array>): Uint8Array => Buffer.concat(parts)

/** A peer that goes on writing to somebody who may have closed: what it gets for that is not the question. */
const nobody: Effect.Effect<void> = Effect.void

/** Chunks are cut anywhere, and peers may be broken: for transports whose bytes can be written past them. */
export const bytes: ReadonlyArray<TransportCase> = [
  {
    name: "splits several frames that come in one chunk",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      const { raw } = yield* stage(harness)
      const [peer, server] = yield* raw
      const sent = [payload(harness, 10), payload(harness, 0), payload(harness, 300), payload(harness, 1)]
      yield* peer.write(join(sent.map(peer.frame)))
      yield* got(server, 4)
      same(server.frames, sent)
    })
  },
  {
    name: "joins a frame that comes in chunks of 1 byte",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      const { raw } = yield* stage(harness)
      const [peer, server] = yield* raw
      const sent = [payload(harness, 300), payload(harness, 2), payload(harness, 0), payload(harness, 40)]
      for (const byte of join(sent.map(peer.frame))) yield* peer.write(Uint8Array.of(byte))
      yield* got(server, 4)
      same(server.frames, sent)
    })
  },
  {
    name: "joins frames that are cut at any byte",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      const { raw } = yield* stage(harness)
      const [peer, server] = yield* raw
      const three = [payload(harness, 20, 1), payload(harness, 0, 2), payload(harness, 130, 3)]
      const sent: Array<Uint8Array> = []
      for (let cut = 1; ; cut++) {
        const stream = join(three.map(peer.frame))
        if (cut >= stream.length) break
        yield* peer.write(stream.subarray(0, cut))
        yield* turns(2)
        yield* peer.write(stream.subarray(cut))
        sent.push(...three)
        yield* got(server, sent.length)
      }
      same(server.frames, sent)
    })
  },
  {
    name: "splits 10 000 tiny frames in one chunk",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      const { raw } = yield* stage(harness)
      const [peer, server] = yield* raw
      const sent = Array.from({ length: 10_000 }, (_, i) => payload(harness, 1 + (i % 3), i))
      yield* peer.write(join(sent.map(peer.frame)))
      yield* got(server, 10_000)
      same(server.frames, sent)
    })
  },
  {
    name: "joins a stream that is sliced at random (seeded)",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      const random = mulberry32(4711)
      const { raw } = yield* stage(harness)
      const [peer, server] = yield* raw
      const sent = Array.from({ length: 300 }, (_, i) => payload(harness, Math.floor(random() ** 4 * 60_000), i))
      const stream = join(sent.map(peer.frame))
      for (let at = 0; at < stream.length; ) {
        const size = 1 + Math.floor(random() ** 3 * 30_000)
        yield* peer.write(stream.subarray(at, at + size))
        at += size
        if (random() < 0.3) yield* turns(1)
      }
      yield* got(server, 300)
      same(server.frames, sent)
    })
  },
  {
    name: "writes frames that a stranger can read",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      const { raw } = yield* stage(harness)
      const [peer, server] = yield* raw
      const sent = [0, 1, 125, 126, 300, 65_535, 65_536, 3].map((length) => payload(harness, length))
      for (const frame of sent) {
        took(server.connection.send(frame, "binary"))
        took(server.connection.write(frame.length + 10, 100, encodes(frame), "binary"))
      }
      const expected = sent.flatMap((frame) => [frame, frame])
      yield* until("all frames", () => peer.frames().length >= expected.length)
      same(peer.frames(), expected)
    })
  },
  {
    name: "delivers nothing of a chunk after pause, and the rest in order after resume",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      const { raw } = yield* stage(harness, {
        server: { onFrame: (recorder) => (recorder.count % 5 === 0 ? recorder.pause() : undefined) }
      })
      const [peer, server] = yield* raw
      const sent = Array.from({ length: 25 }, (_, i) => payload(harness, i, i))
      const stream = join(sent.map(peer.frame))
      // the chunk ends within the last frame: the rest of it comes while the connection is paused
      yield* peer.write(stream.subarray(0, stream.length - 7))
      yield* got(server, 5)
      yield* peer.write(stream.subarray(stream.length - 7))
      for (let i = 1; i <= 5; i++) {
        yield* got(server, i * 5)
        yield* turns(10)
        assert.equal(server.count, i * 5)
        server.resume()
      }
      same(server.frames, sent)
    })
  },
  {
    name: "starts to deliver what it held back before resume returns",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      const { raw } = yield* stage(harness, {
        server: { onFrame: (recorder) => (recorder.count === 1 ? recorder.pause() : undefined) }
      })
      const [peer, server] = yield* raw
      yield* peer.write(join([1, 2, 3].map((length) => peer.frame(payload(harness, length)))))
      yield* got(server, 1)
      yield* turns(10)
      server.resume()
      assert.ok(server.count > 1, "nothing came before resume returned")
      yield* got(server, 3)
    })
  },
  {
    name: "answers what comes in one chunk with the answers in order",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      const { raw } = yield* stage(harness, {
        server: { onFrame: ({ connection }, frame) => took(connection.send(frame, "binary")) }
      })
      const [peer] = yield* raw
      const sent = Array.from({ length: 500 }, (_, i) => payload(harness, 1 + (i % 90), i))
      yield* peer.write(join(sent.map(peer.frame)))
      yield* until("all answers", () => peer.frames().length >= 500)
      same(peer.frames(), sent)
    })
  },
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
    name: "calls a stream that ends within a frame lost",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      const { raw } = yield* stage(harness)
      const [peer, server] = yield* raw
      yield* peer.write(peer.frame(payload(harness, 1000)).subarray(0, 500))
      yield* peer.end
      yield* closed(server)
      assert.equal(server.code, 1006)
      assert.equal(server.count, 0)
    })
  },
  {
    name: "sends its answers to a peer that has only closed its own half",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      const { raw } = yield* stage(harness, {
        server: { onFrame: ({ connection }, frame) => took(connection.send(frame, "binary")) }
      })
      const [peer, server] = yield* raw
      const sent = Array.from({ length: 100 }, (_, i) => payload(harness, 500, i))
      yield* peer.write(join(sent.map(peer.frame)))
      yield* peer.end
      yield* until("all answers", () => peer.frames().length >= 100)
      same(peer.frames(), sent)
      yield* closed(server)
      yield* until("the stream ends", () => peer.isEnded())
    })
  },
  {
    name: "delivers what came before the end, though it was paused",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      const { raw } = yield* stage(harness, {
        server: { onFrame: (recorder) => (recorder.count === 2 ? recorder.pause() : undefined) }
      })
      const [peer, server] = yield* raw
      const sent = Array.from({ length: 6 }, (_, i) => payload(harness, 20, i))
      yield* peer.write(join(sent.map(peer.frame)))
      yield* peer.end
      yield* got(server, 2)
      yield* turns(30)
      assert.equal(server.isClosed, false, "closed while frames were held back")
      server.resume()
      yield* closed(server)
      same(server.frames, sent)
    })
  },
  {
    name: "delivers no more of a chunk once its handler threw or closed",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      const { raw, servers } = yield* stage(harness, {
        server: {
          onFrame: (recorder) => {
            if (recorder.count < 4) return
            if (recorder === servers[0]) throw new Error("a bug")
            recorder.connection.close(4000, "enough")
          }
        }
      })
      for (const code of [1011, 4000]) {
        const [peer, server] = yield* raw
        const sent = Array.from({ length: 10 }, (_, i) => payload(harness, 20, i))
        yield* peer.write(join(sent.map(peer.frame)))
        yield* closed(server)
        assert.equal(server.count, 4)
        assert.equal(server.code, code)
        yield* until("the peer is told", () => peer.isEnded())
      }
    })
  },
  {
    name: "delivers nothing that comes after its own close",
    needs: ["raw"],
    run: Effect.fnUntraced(function* (harness) {
      const { raw } = yield* stage(harness, {
        server: { onFrame: ({ connection, count }) => (count === 3 ? connection.close(4000, "enough") : undefined) }
      })
      const [peer, server] = yield* raw
      // it does not see the close, and goes on
      peer.pause()
      const three = join([1, 2, 3].map((length) => peer.frame(payload(harness, length))))
      yield* peer.write(three)
      yield* got(server, 3)
      yield* peer.write(three)
      yield* turns(30)
      assert.equal(server.count, 3)
      peer.resume()
      yield* until("the peer is told", () => peer.isEnded())
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
