import { connect, type Socket } from "node:net"
import * as HttpHost from "@mortise/core/http/HttpHost"
import { until } from "@mortise/core/testing/until"
import type {
  Accept,
  Admit,
  Connection,
  ConnectionHandler,
  FrameKind,
  TransportError
} from "@mortise/core/transport/Transport"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Answer, openingRequest, parseAnswer } from "../src/internal/testing/dial.ts"
import * as WebSocket from "../src/WebSocket.ts"

/** A connection of a server under test, and what happened to it. */
export interface Accepted {
  readonly connection: Connection
  readonly frames: Array<readonly [kind: FrameKind, bytes: Uint8Array]>
  readonly closes: Array<readonly [code: number, reason: string]>
  drains: number
}

/** Accepts everybody; `onFrame` comes on top of the record. */
export const recording = (
  accepted: Array<Accepted>,
  onFrame: (to: Accepted, bytes: Uint8Array, kind: FrameKind) => void = () => {}
): Accept => ({
  _tag: "Accept",
  open: (connection): ConnectionHandler => {
    const record: Accepted = { connection, frames: [], closes: [], drains: 0 }
    accepted.push(record)
    return {
      onFrame: (bytes, start, end, kind) => {
        const copy = bytes.slice(start, end)
        record.frames.push([kind, copy])
        onFrame(record, copy, kind)
      },
      onDrain: () => {
        record.drains++
      },
      onClose: (code, reason) => void record.closes.push([code, reason])
    }
  }
})

/** Sends back what came, as what it came. */
export const echoing = (accepted: Array<Accepted> = []): Accept =>
  recording(accepted, ({ connection }, bytes, kind) => void connection.send(bytes, kind))

/** A server on a free port; gives its address. */
export const serving = (
  admit: Admit,
  options: WebSocket.WebSocketOptions = {}
): Effect.Effect<string, TransportError, Scope.Scope> =>
  Effect.gen(function* () {
    const host = yield* HttpHost.make({
      port: 0,
      closeTimeoutMillis: 1000,
      headersTimeoutMillis: 300,
      timeoutCheckMillis: 20
    })
    yield* host.listen
    const [address] = yield* WebSocket.listenerOn(host, { closeTimeoutMillis: 1000, ...options }).listen(admit)
    return address ?? ""
  })

/** Sends one request over a bare socket and waits for the head of its answer. */
export const handshake = (
  address: string,
  headers: Readonly<Record<string, string | undefined>> = {},
  edit: (request: string) => string = (request) => request
): Effect.Effect<{ readonly answer: Answer; readonly body: string; readonly socket: Socket }, never, Scope.Scope> =>
  Effect.gen(function* () {
    const url = new URL(address)
    const socket = yield* Effect.acquireRelease(
      Effect.sync(() => connect({ host: url.hostname, port: Number(url.port), noDelay: true })),
      (it) => Effect.sync(() => it.destroy())
    )
    let bytes: Buffer = Buffer.alloc(0)
    let isEnded = false
    socket.on("error", () => {
      isEnded = true
    })
    socket.on("end", () => {
      isEnded = true
    })
    socket.on("data", (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
    })
    socket.write(edit(openingRequest(url, headers)), "latin1")
    yield* until("an answer to the handshake", () => parseAnswer(bytes)?.status === 101 || isEnded)
    const answer = parseAnswer(bytes) as Answer
    return { answer, body: answer.rest.toString().trim(), socket }
  })
