import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import { turns, until } from "../until.ts"
import type { TransportCase } from "./Harness.ts"
import { closed, encodes, got, join, mulberry32, payload, same, stage, took } from "./Stage.ts"

/** Chunks are cut anywhere, and streams end anywhere: for transports whose bytes can be written past them. */
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
  }
]
