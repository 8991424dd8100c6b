import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import { turns, until } from "@mortise/core/testing/until"
import * as Effect from "effect/Effect"
import { clientFrame, closeFrame } from "../src/internal/testing/frames.ts"
import { rawPeer } from "../src/testing.ts"
import type { WebSocketOptions } from "../src/WebSocket.ts"
import { type Accepted, echoing, recording, serving } from "./support.ts"

/** A peer at the level of bytes and its connection. */
const pair = Effect.fnUntraced(function* (options: WebSocketOptions = {}, accept = recording) {
  const accepted: Array<Accepted> = []
  const address = yield* serving(() => Effect.succeed(accept(accepted)), options)
  const peer = yield* rawPeer(address)
  yield* until("the connection", () => accepted.length === 1)
  return [peer, accepted[0] as Accepted] as const
})

const text = (payload: string): Buffer => clientFrame(0x81, Buffer.from(payload))
const ping = (payload: string): Buffer => clientFrame(0x89, Buffer.from(payload))

const mulberry32 = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

describe("a WebSocket connection", () => {
  it.live("hands the peer's close code and reason to its handler, once", () =>
    Effect.gen(function* () {
      for (const [payload, expected] of [
        [closeFrame(4321, "enough 👋"), [4321, "enough 👋"]],
        [Buffer.alloc(0), [1005, ""]]
      ] as const) {
        const [peer, { closes, connection }] = yield* pair()
        yield* peer.write(clientFrame(0x88, payload))
        yield* until("the end", () => peer.isEnded())
        assert.deepEqual(closes, [expected])
        assert.equal(connection.send(new Uint8Array(1), "binary"), "refused")
      }
    })
  )

  it.live("cuts a peer that never answers its close frame", () =>
    Effect.gen(function* () {
      const [peer, { closes, connection }] = yield* pair({ closeTimeoutMillis: 40 })
      connection.close(4000, "bye")
      yield* until("the close frame", () => peer.closeCode() === 4000)
      yield* turns(2)
      assert.deepEqual(closes, [])
      yield* until("the end", () => peer.isEnded())
      assert.deepEqual(closes, [[4000, "bye"]])
    })
  )

  it.live("cuts a peer that goes on sending after it broke the protocol", () =>
    Effect.gen(function* () {
      const [peer, { closes, frames }] = yield* pair({ closeTimeoutMillis: 40 })
      yield* peer.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]))
      yield* until("the close frame", () => peer.closeCode() === 1002)
      for (let i = 0; i < 50 && !peer.isEnded(); i++) {
        yield* Effect.raceFirst(peer.write(text("more".repeat(1000))), Effect.sleep(10))
      }
      yield* until("the end", () => peer.isEnded())
      assert.equal(closes.length, 1)
      assert.equal(closes[0]?.[0], 1002)
      assert.equal(frames.length, 0)
    })
  )

  it.live("sends no code that must not be sent, and cuts a reason that is too long between characters", () =>
    Effect.gen(function* () {
      const [first, { closes, connection }] = yield* pair()
      connection.close(1006, "nobody may say this")
      yield* until("a close frame", () => first.closeCode() !== undefined)
      assert.equal(first.closeCode(), 1005)
      yield* first.end
      yield* until("the end", () => closes.length === 1)
      assert.deepEqual(closes, [[1006, "nobody may say this"]])
      const [second, { connection: other }] = yield* pair()
      other.close(4000, "ü".repeat(100))
      yield* until("a close frame", () => second.all().length === 1)
      const payload = Buffer.from(second.all()[0]?.payload ?? [])
      assert.equal(payload.toString("utf8", 2), "ü".repeat(61))
    })
  )

  it.live("calls a FIN without a close frame a loss", () =>
    Effect.gen(function* () {
      const [peer, { closes }] = yield* pair()
      yield* peer.end
      yield* until("the end", () => closes.length === 1)
      assert.equal(closes[0]?.[0], 1006)
    })
  )

  it.live("does not let pings of a peer that reads nothing grow its queue, and answers the last", () =>
    Effect.gen(function* () {
      const [peer, { connection, frames }] = yield* pair({ limits: { highWaterMark: 16 * 1024 } })
      peer.pause()
      const flood = Buffer.concat(Array.from({ length: 2000 }, () => ping("x".repeat(125))))
      // more than the kernel holds for both directions
      for (let sent = 0; sent < 40_000_000; sent += flood.length) {
        yield* peer.write(flood)
        assert.ok(connection.pendingBytes() < 16 * 1024 + 512, `${connection.pendingBytes()} bytes pending`)
      }
      yield* peer.write(Buffer.concat([ping("the last"), text("done")]))
      yield* until("the flood is read", () => frames.length === 1, 30_000)
      assert.ok(connection.pendingBytes() > 8 * 1024, "the peer held nothing up: the test shows nothing")
      peer.resume()
      const isLast = () => Buffer.from(peer.all().at(-1)?.payload ?? []).toString() === "the last"
      yield* until("the pong for the last ping", isLast, 30_000)
      assert.ok(peer.all().every(({ first }) => first === 0x8a))
    })
  )

  it.live("calls no onDrain for what only pongs had filled", () =>
    Effect.gen(function* () {
      const [peer, accepted] = yield* pair({ limits: { highWaterMark: 64 } })
      yield* peer.write(Buffer.concat(Array.from({ length: 50 }, () => ping("ping".repeat(10)))))
      yield* until("pongs", () => peer.all().length > 0)
      yield* peer.write(text("x"))
      yield* until("the frame", () => accepted.frames.length === 1)
      assert.equal(accepted.drains, 0)
    })
  )

  it.live("writes the shortest header whatever size was expected", () =>
    Effect.gen(function* () {
      const [peer, { connection }] = yield* pair()
      const sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000]
      const expected: Array<Uint8Array> = []
      for (const size of sizes) {
        const payload = Uint8Array.from({ length: size }, (_, i) => i & 127)
        for (const guess of sizes) {
          connection.write(80_000, guess, (target, at) => (target.set(payload, at), size), "text")
          expected.push(payload)
        }
      }
      yield* until("all frames", () => peer.all().length === expected.length)
      // the parser of the peer refuses every length that is not in its shortest form
      for (const [i, payload] of expected.entries()) {
        const got = peer.all()[i]
        assert.equal(got?.first, 0x81)
        assert.ok(Buffer.from(payload).equals(got.payload))
      }
    })
  )

  it.live("joins any stream of messages, fragments and pings, however it is cut (seeded)", () =>
    Effect.gen(function* () {
      const [peer, { frames }] = yield* pair({}, echoing)
      const random = mulberry32(6455)
      const pick = (n: number): number => Math.floor(random() * n)
      const alphabet = ["a", "Z", " ", "ß", "κ", "日", "🎉", "x".repeat(90)]
      for (let round = 0; round < 40; round++) {
        const sent: Array<readonly [string, Uint8Array]> = []
        const stream: Array<Uint8Array> = []
        let pings = 0
        for (let i = 0; i < 30; i++) {
          const kind = random() < 0.5 ? "text" : "binary"
          const body = Array.from({ length: pick(random() < 0.1 ? 600 : 20) }, () => alphabet[pick(8)]).join("")
          const payload = Buffer.from(body)
          sent.push([kind, Uint8Array.from(payload)])
          const parts = 1 + (random() < 0.3 ? pick(5) : 0)
          for (let part = 0, at = 0; part < parts; part++) {
            const isLast = part === parts - 1
            const end = isLast ? payload.length : Math.min(payload.length, at + pick(payload.length + 1))
            const opcode = part > 0 ? 0 : kind === "text" ? 1 : 2
            const mask = [pick(256), pick(256), pick(256), pick(256)]
            stream.push(clientFrame((isLast ? 0x80 : 0) | opcode, payload.subarray(at, end), { mask }))
            at = end
            if (random() < 0.1) {
              stream.push(ping(`${pings++}`))
            }
          }
        }
        const all = Buffer.concat(stream)
        const before = frames.length
        const answers = peer.all().length
        for (let at = 0; at < all.length; ) {
          const size = 1 + Math.floor(random() ** 5 * all.length)
          yield* peer.write(all.subarray(at, at + size))
          if (random() < 0.3) yield* turns(1)
          at += size
        }
        yield* until("all messages", () => frames.length >= before + sent.length)
        yield* until("all answers", () => peer.all().length >= answers + sent.length + pings)
        const got = frames.slice(before).map(([kind, bytes]) => [kind, Uint8Array.from(bytes)])
        assert.deepEqual(got, sent)
        assert.equal(peer.all().length, answers + sent.length + pings)
      }
    })
  )

  it.live("survives bytes at random: each peer is closed or waits, the next is served (seeded)", () =>
    Effect.gen(function* () {
      const accepted: Array<Accepted> = []
      const address = yield* serving(() => Effect.succeed(echoing(accepted)), { maxFrameBytes: 1000 })
      const random = mulberry32(4711)
      for (let round = 0; round < 150; round++) {
        yield* Effect.scoped(
          Effect.gen(function* () {
            const peer = yield* rawPeer(address)
            const good = text("good")
            const junk = Buffer.from(
              Array.from({ length: 1 + Math.floor(random() * 60) }, () => Math.floor(random() * 256))
            )
            // often a frame that is good but for a few bits
            const broken = random() < 0.5 ? Buffer.concat([good]) : junk
            broken[Math.floor(random() * broken.length)] = Math.floor(random() * 256)
            yield* peer.write(Buffer.concat([good, broken]))
            yield* peer.end
            yield* until("the end", () => peer.isEnded())
            assert.equal(Buffer.from(peer.frames()[0] ?? []).toString(), "good")
          })
        )
      }
      yield* until("all are closed", () => accepted.every(({ closes }) => closes.length === 1))
      assert.equal(accepted.length, 150)
    })
  )
})
