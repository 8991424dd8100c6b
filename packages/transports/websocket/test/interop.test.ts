import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as WebSocketConnector from "@mortise/core/client/WebSocketConnector"
import { until } from "@mortise/core/testing/until"
import * as Effect from "effect/Effect"
import { WebSocket as WsClient } from "ws"
import { type Accepted, echoing, recording, serving } from "./support.ts"

const MESSAGES = 5_000

/** Message `i`: text and binary in turn, sizes around every edge, every length of UTF-8 sequence. */
const message = (i: number): string | Uint8Array => {
  const size = i % 500 === 0 ? 70_000 : i % 50 === 0 ? 126 + (i % 400) : (i * 31) % 140
  if (i % 2 === 1) return Uint8Array.from({ length: size }, (_, at) => (at * 7 + i) & 255)
  return "aé日🎉".repeat(1 + Math.ceil(size / 6)).slice(0, size - (size % 5)) + `#${i}`
}

const same = (got: string | Uint8Array | undefined, i: number): void => {
  const sent = message(i)
  if (typeof sent === "string") assert.equal(got, sent)
  else assert.ok(got instanceof Uint8Array && Buffer.from(sent).equals(got), `message ${i}`)
}

describe("interoperation", () => {
  it.live("with the platform's WebSocket, through the connector: 5 000 messages in order", () =>
    Effect.gen(function* () {
      const accepted: Array<Accepted> = []
      const url = yield* serving(() => Effect.succeed(echoing(accepted)))
      const got: Array<string | Uint8Array> = []
      const connector = WebSocketConnector.make({ url, protocols: ["mortise.v1.json"] })
      const connection = yield* connector.connect(() => ({
        onFrame: (bytes, start, end, kind) => {
          const copy = bytes.slice(start, end)
          got.push(kind === "text" ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(copy) : copy)
        },
        onDrain: () => {},
        onClose: () => {}
      }))
      assert.equal(connection.peer.headers.get("sec-websocket-protocol"), "mortise.v1.json")
      const encoder = new TextEncoder()
      for (let i = 0; i < MESSAGES; i++) {
        const sent = message(i)
        const frame = typeof sent === "string" ? encoder.encode(sent) : sent
        const kind = typeof sent === "string" ? "text" : "binary"
        if (i % 3 > 0) assert.notEqual(connection.send(frame, kind), "refused")
        else {
          const answer = connection.write(
            frame.length,
            frame.length,
            (to, at) => (to.set(frame, at), frame.length),
            kind
          )
          assert.notEqual(answer, "refused")
        }
        if (i % 100 === 99) yield* until("the answers", () => got.length === i + 1)
      }
      got.forEach(same)
      connection.close(4000, "done")
      yield* until("the close", () => accepted[0]?.closes.length === 1)
      assert.deepEqual(accepted[0]?.closes, [[4000, "done"]])
    })
  )

  for (const perMessageDeflate of [false, true]) {
    it.live(
      `with the client of ws${perMessageDeflate ? ", which would like to compress" : ""}: 5 000 messages in order`,
      () =>
        Effect.gen(function* () {
          const accepted: Array<Accepted> = []
          const url = yield* serving(() => Effect.succeed(echoing(accepted)))
          const client = new WsClient(url, ["mortise.v1.binary"], { perMessageDeflate })
          const got: Array<string | Uint8Array> = []
          const closes: Array<readonly [number, string]> = []
          client.on("message", (data, binary) => {
            const bytes = data as Buffer
            got.push(binary ? bytes : bytes.toString())
          })
          client.on("close", (code, reason) => void closes.push([code, reason.toString()]))
          yield* until("the connection", () => client.readyState === WsClient.OPEN)
          assert.equal(client.protocol, "mortise.v1.binary")
          assert.equal(client.extensions, "")
          for (let i = 0; i < MESSAGES; i++) {
            const sent = message(i)
            if (i % 7 > 0) client.send(sent)
            else {
              const bytes = Buffer.from(sent as string)
              const half = bytes.length >> 1
              client.send(bytes.subarray(0, half), { binary: i % 2 === 1, fin: false })
              client.send(bytes.subarray(half), { binary: i % 2 === 1, fin: true })
            }
            if (i % 250 === 249) yield* until("the answers", () => got.length === i + 1)
          }
          got.forEach(same)
          let ponged = ""
          client.on("pong", (data) => {
            ponged = data.toString()
          })
          client.ping("are you there")
          yield* until("the pong", () => ponged === "are you there")
          accepted[0]?.connection.close(4001, "bye 👋")
          yield* until("the close", () => closes.length === 1 && accepted[0]?.closes.length === 1)
          assert.deepEqual(closes, [[4001, "bye 👋"]])
          assert.deepEqual(accepted[0]?.closes, [[4001, "bye 👋"]])
        })
    )
  }
})

describe("the connector over the platform's WebSocket", () => {
  const silent = { onFrame: () => {}, onDrain: () => {}, onClose: () => {} }

  it.live("fails with a typed error where nobody listens, where it is refused, and on what is no URL", () =>
    Effect.gen(function* () {
      const url = yield* serving(() => Effect.succeed({ _tag: "Refuse", status: 403, reason: "no" }))
      for (const [at, protocols] of [
        [url, []],
        ["ws://127.0.0.1:9/ws", []],
        ["http://", []],
        [url, ["twice", "twice"]]
      ] as const) {
        const error = yield* Effect.flip(WebSocketConnector.make({ url: at, protocols }).connect(() => silent))
        assert.equal(error.code, "TRANSPORT_CONNECT")
        assert.ok(error.message.includes(at), error.message)
      }
    })
  )

  it.live("sends codes that the platform refuses as a close without a code", () =>
    Effect.gen(function* () {
      const accepted: Array<Accepted> = []
      const url = yield* serving(() => Effect.succeed(recording(accepted)))
      const closes: Array<readonly [number, string]> = []
      const connection = yield* WebSocketConnector.make({ url }).connect(() => ({
        ...silent,
        onClose: (code, reason) => void closes.push([code, reason])
      }))
      connection.close(1011, "a bug")
      yield* until("both ends", () => closes.length === 1 && accepted[0]?.closes.length === 1)
      assert.deepEqual(closes, [[1011, "a bug"]])
      assert.equal(accepted[0]?.closes[0]?.[0], 1005)
    })
  )

  it.live("delivers what came before the peer's close, though it was paused", () =>
    Effect.gen(function* () {
      const accepted: Array<Accepted> = []
      const url = yield* serving(() => Effect.succeed(recording(accepted)))
      const log: Array<string> = []
      const connection = yield* WebSocketConnector.make({ url }).connect((it) => {
        it.pause()
        return {
          onFrame: (bytes, start, end) => void log.push(Buffer.from(bytes.subarray(start, end)).toString()),
          onDrain: () => {},
          onClose: (code) => void log.push(`closed ${code}`)
        }
      })
      for (const text of ["a", "b"]) accepted[0]?.connection.send(Buffer.from(text), "text")
      accepted[0]?.connection.close(4000, "")
      yield* until("the server's end", () => accepted[0]?.closes.length === 1)
      yield* until("the client's socket is closed", () => connection.send(new Uint8Array(1), "binary") === "refused")
      assert.deepEqual(log, [])
      connection.resume()
      yield* until("the end", () => log.length === 3)
      assert.deepEqual(log, ["a", "b", "closed 4000"])
    })
  )

  it.live("closes a peer that sends more than may be held while paused", () =>
    Effect.gen(function* () {
      const accepted: Array<Accepted> = []
      const url = yield* serving(() => Effect.succeed(recording(accepted)))
      const closes: Array<number> = []
      yield* WebSocketConnector.make({ url, maxHeldBytes: 1000 }).connect((connection) => {
        connection.pause()
        return { ...silent, onClose: (code) => void closes.push(code) }
      })
      for (let i = 0; i < 11; i++) accepted[0]?.connection.send(new Uint8Array(100), "binary")
      yield* until("the end", () => closes.length === 1 && accepted[0]?.closes.length === 1)
      assert.deepEqual(closes, [1009])
    })
  )
})
