import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import type { TransportCase } from "./Harness.ts"
import { encodes, fills, got, mulberry32, payload, same, stage, took } from "./Stage.ts"

/** Frames arrive whole, in order, and belong to who they are given to. */
export const frames: ReadonlyArray<TransportCase> = [
  {
    name: "delivers a frame from the client to the server",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      const frame = payload(harness, 100)
      took(client.connection.send(frame, "binary"))
      yield* got(server, 1)
      same(server.frames, [frame])
    })
  },
  {
    name: "delivers a frame from the server to the client",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      const frame = payload(harness, 100)
      took(server.connection.send(frame, "binary"))
      yield* got(client, 1)
      same(client.frames, [frame])
    })
  },
  {
    name: "keeps order and boundaries of 1 000 frames of mixed sizes",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      const sent = Array.from({ length: 1000 }, (_, i) => payload(harness, (i * 37) % 700, i))
      for (const frame of sent) took(client.connection.send(frame, "binary"))
      yield* got(server, 1000)
      same(server.frames, sent)
    })
  },
  {
    name: "keeps both directions apart",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      const up = Array.from({ length: 300 }, (_, i) => payload(harness, 1 + (i % 90), i))
      const down = Array.from({ length: 300 }, (_, i) => payload(harness, 1 + (i % 70), 1000 + i))
      for (let i = 0; i < 300; i++) {
        took(client.connection.send(up[i] as Uint8Array, "binary"))
        took(server.connection.send(down[i] as Uint8Array, "binary"))
      }
      yield* got(server, 300)
      yield* got(client, 300)
      same(server.frames, up)
      same(client.frames, down)
    })
  },
  {
    name: "delivers empty frames",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      const sent = [new Uint8Array(0), payload(harness, 3), new Uint8Array(0), new Uint8Array(0), payload(harness, 4)]
      for (const frame of sent) {
        took(client.connection.send(frame, "binary"))
        took(server.connection.write(10, frame.length, encodes(frame), "binary"))
      }
      yield* got(server, sent.length)
      yield* got(client, sent.length)
      same(server.frames, sent)
      same(client.frames, sent)
    })
  },
  {
    name: "delivers frames of exactly the limit, both ways",
    run: Effect.fnUntraced(function* (harness) {
      const { pair, limits } = yield* stage(harness)
      const [client, server] = yield* pair()
      const frame = payload(harness, limits.maxFrameBytes)
      took(client.connection.send(frame, "binary"))
      took(server.connection.send(frame, "binary"))
      took(server.connection.write(frame.length, frame.length, encodes(frame), "binary"))
      yield* got(server, 1)
      yield* got(client, 2)
      same(server.frames, [frame])
      same(client.frames, [frame, frame])
    })
  },
  {
    name: "refuses a frame over the limit and keeps the connection",
    run: Effect.fnUntraced(function* (harness) {
      const { pair, limits } = yield* stage(harness)
      const [client, server] = yield* pair()
      for (const [from, to] of [
        [client, server],
        [server, client]
      ] as const) {
        assert.equal(from.connection.send(payload(harness, limits.maxFrameBytes + 1), "binary"), "refused")
        assert.equal(from.connection.pendingBytes(), 0)
        const frame = payload(harness, 10)
        took(from.connection.send(frame, "binary"))
        yield* got(to, 1)
        same(to.frames, [frame])
      }
    })
  },
  {
    name: "refuses a write that expects more than the limit without encoding it",
    run: Effect.fnUntraced(function* (harness) {
      const { pair, limits } = yield* stage(harness)
      const [client, server] = yield* pair()
      const size = limits.maxFrameBytes + 1
      const encode = () => assert.fail("encode was called")
      assert.equal(server.connection.write(size, size, encode, "binary"), "refused")
      assert.equal(client.connection.write(size, size, encode, "binary"), "refused")
      took(server.connection.send(payload(harness, 5), "binary"))
      yield* got(client, 1)
    })
  },
  {
    name: "refuses a write that turns out over the limit, and keeps the connection",
    run: Effect.fnUntraced(function* (harness) {
      const { pair, limits } = yield* stage(harness)
      const [client, server] = yield* pair()
      const size = limits.maxFrameBytes + 1
      const encode = fills(size, size)
      for (const [from, to] of [
        [client, server],
        [server, client]
      ] as const) {
        assert.equal(from.connection.write(size, 10, encode, "binary"), "refused")
        const frame = payload(harness, 9)
        took(from.connection.send(frame, "binary"))
        yield* got(to, 1)
        same(to.frames, [frame])
      }
    })
  },
  {
    name: "writes as many bytes as were encoded, not as many as there was room for",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      const sent: Array<Uint8Array> = []
      for (let i = 0; i < 200; i++) {
        const frame = payload(harness, (i * 13) % 300, i)
        sent.push(frame)
        for (const end of [client, server]) {
          // the guess is right, far too small, or far too large
          const expected = i % 3 === 0 ? frame.length : i % 3 === 1 ? 0 : 2000
          took(end.connection.write(frame.length + ((i * 7) % 3000), expected, encodes(frame), "binary"))
        }
      }
      yield* got(server, 200)
      yield* got(client, 200)
      same(server.frames, sent)
      same(client.frames, sent)
    })
  },
  {
    name: "queues nothing when the encoder takes its frame back",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      for (const [from, to] of [
        [client, server],
        [server, client]
      ] as const) {
        const before = payload(harness, 20, 1)
        const after = payload(harness, 30, 2)
        took(from.connection.send(before, "binary"))
        const pending = from.connection.pendingBytes()
        const back = fills(50, -1)
        assert.equal(from.connection.write(100, 50, back, "binary"), "refused")
        assert.equal(from.connection.pendingBytes(), pending)
        took(from.connection.send(after, "binary"))
        yield* got(to, 2)
        same(to.frames, [before, after])
      }
    })
  },
  {
    name: "encodes exactly once, within the room it gives",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      let calls = 0
      const frame = payload(harness, 70_000)
      for (const end of [client, server]) {
        const encode = (target: Uint8Array, at: number) => {
          calls++
          assert.ok(at >= 0 && at + 200_000 <= target.length, "less room than was asked for")
          target.set(frame, at)
          return frame.length
        }
        took(end.connection.write(200_000, frame.length, encode, "binary"))
      }
      yield* got(server, 1)
      yield* got(client, 1)
      assert.equal(calls, 2)
      same([...server.frames, ...client.frames], [frame, frame])
    })
  },
  {
    name: "keeps order between send and write",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      const sent: Array<Uint8Array> = []
      for (let i = 0; i < 240; i++) {
        const frame = payload(harness, i % 10 === 0 ? 5000 : i, i)
        sent.push(frame)
        for (const end of [client, server]) {
          took(
            i % 2 === 0
              ? end.connection.send(frame, "binary")
              : end.connection.write(6000, frame.length, encodes(frame), "binary")
          )
        }
      }
      yield* got(server, sent.length)
      yield* got(client, sent.length)
      same(server.frames, sent)
      same(client.frames, sent)
    })
  },
  {
    name: "sends one array to many connections and leaves it as it is",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const pairs = yield* Effect.forEach(Array.from({ length: 10 }), () => pair())
      const small = payload(harness, 60)
      const large = payload(harness, 20_000)
      const copies = [small.slice(), large.slice()]
      for (let round = 0; round < 5; round++) {
        for (const ends of pairs) {
          for (const end of ends) {
            took(end.connection.send(small, "binary"))
            took(end.connection.send(large, "binary"))
          }
        }
      }
      const expected = Array.from({ length: 5 }, () => copies).flat()
      for (const end of pairs.flat()) {
        yield* got(end, 10)
        same(end.frames, expected)
      }
      same([small, large], copies)
    })
  },
  {
    name: "gives memory that stays as it is during the call, and copies that stay as they are after it",
    run: Effect.fnUntraced(function* (harness) {
      const sent = Array.from({ length: 100 }, (_, i) => payload(harness, 1 + ((i * 211) % 3000), i))
      const { pair } = yield* stage(harness, {
        // the recorder compares its copy with the frame once this returns
        server: {
          onFrame: ({ connection, count }) => {
            const noise = payload(harness, 1 + ((count * 97) % 5000), count + 500)
            took(connection.send(noise, "binary"))
            took(connection.write(8000, 50, fills(8000, 50), "binary"))
          }
        }
      })
      const [client, server] = yield* pair()
      for (const frame of sent) took(client.connection.send(frame, "binary"))
      yield* got(server, 100)
      yield* got(client, 200)
      same(server.frames, sent)
    })
  },
  {
    name: "tells text from binary frames",
    needs: ["text"],
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      const text = new TextEncoder().encode("grüße 🌍")
      for (const end of [client, server]) {
        took(end.connection.send(text, "text"))
        took(end.connection.send(text, "binary"))
        took(end.connection.write(100, 5, encodes(text), "text"))
      }
      yield* got(server, 3)
      yield* got(client, 3)
      for (const end of [client, server]) {
        assert.deepEqual(end.kinds, ["text", "binary", "text"])
        same(end.frames, [text, text, text])
      }
    })
  },
  {
    name: "carries text frames whatever it calls them",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      const text = new TextEncoder().encode(`{"grüße":"🌍"}`)
      took(client.connection.send(text, "text"))
      took(server.connection.send(text, "text"))
      yield* got(server, 1)
      yield* got(client, 1)
      same([...server.frames, ...client.frames], [text, text])
    })
  },
  {
    name: "delivers 10 000 tiny frames sent in one turn",
    run: Effect.fnUntraced(function* (harness) {
      const { pair } = yield* stage(harness)
      const [client, server] = yield* pair()
      const sent = Array.from({ length: 10_000 }, (_, i) => payload(harness, 1 + (i % 5), i))
      for (const frame of sent) took(client.connection.send(frame, "binary"))
      yield* got(server, 10_000)
      same(server.frames, sent)
    })
  },
  {
    name: "delivers every size around the edges of headers and buffers",
    run: Effect.fnUntraced(function* (harness) {
      const edges = [0, 125, 126, 255, 256, 2047, 2048, 4096, 16_384, 32_767, 32_768, 65_530, 65_535, 65_536, 131_072]
      const sizes = edges.flatMap((size) => [size - 1, size, size + 1]).filter((size) => size >= 0)
      const { pair } = yield* stage(harness, { limits: { maxPendingBytes: 16 * 1024 * 1024 } })
      const [client, server] = yield* pair()
      const sent = sizes.map((size) => payload(harness, size))
      for (const frame of sent) {
        took(client.connection.send(frame, "binary"))
        took(server.connection.write(frame.length, frame.length, encodes(frame), "binary"))
      }
      yield* got(server, sent.length)
      yield* got(client, sent.length)
      same(server.frames, sent)
      same(client.frames, sent)
    })
  },
  {
    name: "echoes 2 000 frames of random sizes as they were (seeded)",
    run: Effect.fnUntraced(function* (harness) {
      const random = mulberry32(20261121)
      const { pair, limits } = yield* stage(harness, {
        limits: { maxPendingBytes: 64 * 1024 * 1024 },
        server: {
          onFrame: ({ connection, count }, frame) => {
            if (count % 2 === 0) took(connection.send(frame, "binary"))
            else took(connection.write(frame.length + (count % 50), frame.length, encodes(frame), "binary"))
          }
        }
      })
      const [client] = yield* pair()
      const sent: Array<Uint8Array> = []
      while (sent.length < 2000) {
        const burst = 1 + random() * 200
        for (let i = 0; i < burst && sent.length < 2000; i++) {
          const size = random() < 0.98 ? random() ** 3 * 2000 : random() * limits.maxFrameBytes
          const frame = payload(harness, Math.floor(size), sent.length)
          sent.push(frame)
          took(client.connection.send(frame, "binary"))
        }
        yield* got(client, sent.length)
      }
      same(client.frames, sent)
    })
  }
]
