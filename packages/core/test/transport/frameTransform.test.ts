import assert from "node:assert/strict"
import { deflateRawSync } from "node:zlib"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import { deflate, masked, through } from "../../src/testing/FrameTransforms.ts"
import type { TransportHarness } from "../../src/testing/TransportKit.ts"
import { Recorder } from "../../src/testing/transport-kit/Recorder.ts"
import { until } from "../../src/testing/until.ts"
import { runTransportKit } from "../../src/testing/vitest.ts"
import { FrameError } from "../../src/transport/FrameError.ts"
import * as FrameTransform from "../../src/transport/FrameTransform.ts"
import * as Memory from "../../src/transport/Memory.ts"
import type { Admission } from "../../src/transport/Transport.ts"

const memory: TransportHarness = {
  name: "memory",
  traits: ["text", "closeCodes"],
  make: ({ maxFrameBytes, ...limits }) =>
    Effect.sync(() => {
      const { listener, connector } = Memory.make({ maxFrameBytes, limits })
      return { listener, connector: () => connector }
    })
}

runTransportKit(through(memory, [deflate, masked]))

/** A server behind `serverSide` and a client before `clientSide`, over memory. */
const pair = Effect.fnUntraced(function* (
  serverSide: ReadonlyArray<FrameTransform.FrameTransform>,
  clientSide: ReadonlyArray<FrameTransform.FrameTransform>,
  maxFrameBytes = 10_000
) {
  const memory = Memory.make({ maxFrameBytes, limits: { maxPendingBytes: 100_000, highWaterMark: 50_000 } })
  const server = new Recorder()
  const accept: Admission = { _tag: "Accept", open: server.open }
  yield* FrameTransform.listener(memory.listener, serverSide).listen(() => Effect.succeed(accept))
  const client = new Recorder()
  yield* FrameTransform.connector(memory.connector, clientSide).connect(client.open)
  return { client, server }
})

const closed = (recorder: Recorder) => until("onClose", () => recorder.isClosed)
const quiet = Effect.provideService(References.MinimumLogLevel, "None")

/** Notes the order of its calls and changes nothing. */
const noting = (name: string, log: Array<string>): FrameTransform.FrameTransform => ({
  name,
  maxOverheadBytes: 0,
  make: () => ({
    inbound: (frame) => {
      log.push(`${name} in`)
      return frame
    },
    outbound: (frame) => {
      log.push(`${name} out`)
      return frame
    }
  })
})

describe("FrameTransform", () => {
  it.live("runs outgoing frames from first to last, incoming ones from last to first", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const stages = ["a", "b", "c"].map((name) => noting(name, log))
      const { client, server } = yield* pair(stages, stages)
      client.connection.send(Uint8Array.of(1), "binary")
      yield* until("the frame", () => server.count === 1)
      assert.deepEqual(log, ["a out", "b out", "c out", "c in", "b in", "a in"])
    })
  )

  it.live("is seen on the wire: without the same stages on the other side nothing fits", () =>
    Effect.gen(function* () {
      const { client, server } = yield* pair([], [deflate])
      const text = new Uint8Array(5000).fill(65)
      client.connection.send(text, "binary")
      yield* until("the frame", () => server.count === 1)
      assert.ok((server.frames[0] as Uint8Array).length < 100)
    })
  )

  it.live("closes with 1002 on a frame that cannot have been transformed", () =>
    Effect.gen(function* () {
      const { client, server } = yield* pair([deflate, masked], [])
      client.connection.send(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), "binary")
      yield* closed(server)
      assert.deepEqual(server.closes, [[1002, "Frame 1 has a wrong checksum."]])
      assert.equal(server.count, 0)
    })
  )

  it.live("closes with 1002 when frames come in another order than they were sent in", () =>
    Effect.gen(function* () {
      const { client, server } = yield* pair([masked], [])
      const stage = masked.make({ maxFrameBytes: 100 })
      const first = stage.outbound(Uint8Array.of(1))
      const second = stage.outbound(Uint8Array.of(2))
      client.connection.send(second, "binary")
      client.connection.send(first, "binary")
      yield* closed(server)
      assert.equal(server.code, 1002)
    })
  )

  it.live("closes with 1009 on a bomb, without inflating it", () =>
    Effect.gen(function* () {
      const { client, server } = yield* pair([deflate], [])
      const bomb = deflateRawSync(new Uint8Array(5_000_000))
      assert.ok(bomb.length < 10_000, "the bomb is a small frame")
      client.connection.send(bomb, "binary")
      yield* closed(server)
      assert.equal(server.code, 1009)
      assert.match(server.closes[0]?.[1] ?? "", /inflates to more than 9744 bytes/)
    })
  )

  it.live("closes with 1009 when a stage gives more than the limit, though it should have seen to it", () =>
    Effect.gen(function* () {
      const careless: FrameTransform.FrameTransform = {
        name: "careless",
        maxOverheadBytes: 0,
        make: () => ({ inbound: () => new Uint8Array(10_001), outbound: (frame) => frame })
      }
      const { client, server } = yield* pair([careless], [])
      client.connection.send(Uint8Array.of(1), "binary")
      yield* closed(server)
      assert.equal(server.code, 1009)
      assert.match(server.closes[0]?.[1] ?? "", /10001 bytes came out of careless/)
    })
  )

  it.live("transforms nothing that is refused, so that both sides stay in step", () =>
    Effect.gen(function* () {
      const { client, server } = yield* pair([masked], [masked])
      assert.equal(client.connection.send(new Uint8Array(9_997), "binary"), "refused")
      assert.equal(
        client.connection.write(10, 10, () => -1, "binary"),
        "refused"
      )
      server.pause()
      let sent = 0
      while (client.connection.send(new Uint8Array(5000), "binary") !== "refused") sent++
      server.resume()
      yield* until("all frames", () => server.count === sent)
      client.connection.send(Uint8Array.of(7), "binary")
      yield* until("one more", () => server.count === sent + 1)
      assert.deepEqual(server.frames.at(-1), Uint8Array.of(7))
    })
  )

  it.live("closes with 1011 when a stage throws or says too little of its overhead", () =>
    Effect.gen(function* () {
      const stage = (outbound: (frame: Uint8Array) => Uint8Array): FrameTransform.FrameTransform => ({
        name: "broken",
        maxOverheadBytes: 1,
        make: () => ({ inbound: (frame) => frame, outbound })
      })
      for (const outbound of [
        () => {
          throw new Error("a bug")
        },
        (frame: Uint8Array) => new Uint8Array(frame.length + 2)
      ]) {
        const { client, server } = yield* pair([], [stage(outbound)])
        assert.equal(client.connection.send(Uint8Array.of(1), "binary"), "refused")
        yield* closed(client)
        assert.equal(client.code, 1011)
        yield* closed(server)
      }
    }).pipe(quiet)
  )

  it.live("fails to listen where the stages leave no room for a frame", () =>
    Effect.gen(function* () {
      const memory = Memory.make({ maxFrameBytes: 260, limits: { maxPendingBytes: 1000, highWaterMark: 500 } })
      const listener = FrameTransform.listener(memory.listener, [deflate, masked])
      const error = yield* Effect.flip(listener.listen(() => Effect.die("never asked")))
      assert.equal(error.reason, "listen")
      assert.match(error.message, /deflate, masked/)
    })
  )

  it("has errors with stable codes", () => {
    const error = new FrameError({ reason: "malformed", stage: "x", message: "y" })
    assert.equal(error.code, "FRAME_MALFORMED")
    assert.equal(error.closeCode, 1002)
    assert.equal(new FrameError({ reason: "too-large", stage: "x", message: "y" }).code, "FRAME_TOO_LARGE")
  })
})
