import { until } from "@mortise/core/testing/until"
import * as Effect from "effect/Effect"

/** What a frame of the json wire holds; docs of the wire call it an envelope. */
export interface Envelope {
  readonly kind: string
  readonly id?: number
  readonly name?: string
  readonly payload?: unknown
  readonly error?: { readonly _tag: string }
  readonly fault?: { readonly code: string; readonly path?: ReadonlyArray<string> }
  readonly from?: string
  readonly bytes?: string
}

/** A stranger: the platform's WebSocket and JSON, nothing of Mortise. */
export const connect = Effect.fnUntraced(function* (url: string) {
  const frames: Array<Envelope> = []
  const socket = yield* Effect.acquireRelease(
    Effect.sync(() => new WebSocket(url)),
    (it) => Effect.sync(() => it.close())
  )
  socket.onmessage = ({ data }) => frames.push(JSON.parse(String(data)))
  yield* until("the socket is open", () => socket.readyState === WebSocket.OPEN)
  const send = (frame: object) => socket.send(JSON.stringify(frame))
  send({ kind: "hello", payload: { min: 1, max: 1 } })

  let lastId = 0
  /** Sends a request and waits for its answer. */
  const ask = Effect.fnUntraced(function* (name: string, payload?: unknown) {
    const id = ++lastId
    send({ kind: "request", id, name, payload })
    const answer = () => frames.find((frame) => frame.kind === "response" && frame.id === id)
    yield* until(`the answer to ${name}`, () => answer() !== undefined)
    return answer() as Envelope
  })
  const events = (name: string) => frames.filter((frame) => frame.kind === "event" && frame.name === name)
  return { frames, socket, send, ask, events }
})
