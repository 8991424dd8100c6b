import assert from "node:assert/strict"
import type { AddressInfo } from "node:net"
import { describe, it, layer } from "@effect/vitest"
import * as HttpHost from "@mortise/core/http/HttpHost"
import type { Accept } from "@mortise/core/transport/Transport"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { WebSocketServer } from "ws"
import * as WebSocket from "../src/WebSocket.ts"
import { type Case, MAX_MESSAGE } from "./conformance/Case.ts"
import { closing } from "./conformance/closing.ts"
import { fragmentation } from "./conformance/fragmentation.ts"
import { framing } from "./conformance/framing.ts"
import { cutsFor, run } from "./conformance/run.ts"
import { utf8 } from "./conformance/utf8.ts"

const cases: ReadonlyArray<Case> = [...framing, ...fragmentation, ...utf8, ...closing]

/** Address of an echo server. */
class Echo extends Context.Service<Echo, string>()("test/Echo") {}

/** Text goes back by `write`, binary by `send`, so that both are held to the table. */
const echo: Accept = {
  _tag: "Accept",
  open: (connection) => ({
    onFrame: (bytes, start, end, kind) => {
      const answer = bytes.slice(start, end)
      if (kind === "binary") connection.send(answer, kind)
      else connection.write(answer.length, answer.length, (target, at) => (target.set(answer, at), answer.length), kind)
    },
    onDrain: () => {},
    onClose: () => {}
  })
}

const own = Layer.effect(
  Echo,
  Effect.gen(function* () {
    const host = yield* HttpHost.make({ port: 0 })
    yield* host.listen
    const listener = WebSocket.listenerOn(host, { maxFrameBytes: MAX_MESSAGE })
    const [address] = yield* listener.listen(() => Effect.succeed(echo))
    return address ?? ""
  })
)

const oracle = Layer.effect(
  Echo,
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<WebSocketServer>((resume) => {
        const server = new WebSocketServer({ port: 0, host: "127.0.0.1", maxPayload: MAX_MESSAGE })
        server.on("connection", (socket) => {
          socket.on("error", () => {})
          socket.on("message", (data, binary) => socket.send(data, { binary }))
        })
        server.on("listening", () => resume(Effect.succeed(server)))
      }),
      (server) => Effect.sync(() => void server.close())
    ),
    (server) => `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
  )
)

describe("RFC 6455", () => {
  it("has a table of at least 150 cases, each of its own name", () => {
    assert.ok(cases.length >= 150, `${cases.length} cases`)
    assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length)
  })

  layer(own, { excludeTestServices: true })("Mortise", (it) => {
    for (const testCase of cases) {
      it.effect(testCase.name, () =>
        Effect.gen(function* () {
          const address = yield* Echo
          for (const cut of cutsFor(testCase)) yield* run(address, testCase, cut)
        })
      )
    }
  })

  layer(oracle, { excludeTestServices: true })("ws, which checks the table", (it) => {
    for (const testCase of cases) {
      if (testCase.lenientOracle !== undefined) continue
      it.effect(testCase.name, () => Effect.flatMap(Echo, (address) => run(address, testCase, "whole")))
    }
  })
})
