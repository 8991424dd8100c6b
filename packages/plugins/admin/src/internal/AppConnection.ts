/**
 * A connection to the app's own gateway, without a network, as any client has one: it is admitted, counted, listed and
 * limited like the others. It speaks the json wire of docs/wire.md.
 */
import * as Listening from "@mortise/core/app/Listening"
import type { Gateway } from "@mortise/core/transport/Gateway"
import * as Memory from "@mortise/core/transport/Memory"
import type { Connection, ConnectionHandler } from "@mortise/core/transport/Transport"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { type Heard, MAX_PAYLOAD_BYTES } from "../AdminContract.ts"

/** The name of the listener that calls come through. */
export const LISTENER = "admin"
/** A payload and what goes around it. */
const MAX_FRAME_BYTES = MAX_PAYLOAD_BYTES + 64 * 1024

export type Fault = Extract<Heard, { readonly _tag: "Fault" }>

/**
 * A fault of the command's own beside those of the wire: `REFUSED` the gateway takes no connection, `CLOSED` it has closed
 * it, `NOT_SERVED_HERE` the message is for other listeners, `NOT_CALLABLE` it is none that clients send.
 */
export const fault = (code: string, message: string): Fault => ({ _tag: "Fault", code, message })

/** One frame of the server that an answer may consist of; see docs/wire.md §2.1. */
export interface Said {
  readonly kind: string
  readonly payload?: unknown
  readonly error?: unknown
  readonly fault?: Omit<Fault, "_tag">
}

/** Events, relays and a goaway are for clients that stay. */
const concerns = ({ kind, payload }: Said): boolean => {
  if (kind !== "control") return kind === "hello" || kind === "response" || kind === "item" || kind === "end"
  const { type } = payload as { readonly type?: unknown }
  return type === "fault" || type === "pong"
}

/** The fault of a frame that has one, in a response or by itself. */
export const faultOf = (said: Said): Fault | undefined => {
  const told = said.kind === "control" ? (said.payload as Pick<Said, "fault">).fault : said.fault
  if (told === undefined) return undefined
  const { code, message, path, reference, retryAfterMillis } = told
  return {
    ...fault(code, message),
    ...(path === undefined ? {} : { path }),
    ...(reference === undefined ? {} : { reference }),
    ...(retryAfterMillis === undefined ? {} : { retryAfterMillis })
  }
}

/** Hears one frame at a time: who does not ask for the next one is not sent it, and the app learns of that. */
class Ear implements ConnectionHandler {
  private readonly connection: Connection
  private readonly heard: Queue.Enqueue<Said, Fault>
  private readonly decoder = new TextDecoder()

  constructor(connection: Connection, heard: Queue.Enqueue<Said, Fault>) {
    this.connection = connection
    this.heard = heard
  }

  onFrame(bytes: Uint8Array, start: number, end: number): void {
    const said = JSON.parse(this.decoder.decode(bytes.subarray(start, end))) as Said
    if (!concerns(said)) return
    this.connection.pause()
    Queue.offerUnsafe(this.heard, said)
  }

  onDrain(): void {}

  onClose(code: number, reason: string): void {
    const why = reason === "" ? `code ${code}` : `${reason} (${code})`
    Queue.failCauseUnsafe(this.heard, Cause.fail(fault("CLOSED", `The app has closed the connection: ${why}`)))
  }
}

export interface AppConnection {
  /** Its id on the gateway. */
  readonly id: string
  /** Sends one frame. */
  readonly say: (frame: string) => Effect.Effect<void, Fault>
  /** The next frame that an answer may consist of. */
  readonly next: Effect.Effect<Said, Fault>
}

const hello = (token: string | undefined): string => {
  const meta = token === undefined ? {} : { meta: [["authorization", `Bearer ${token}`]] }
  return JSON.stringify({ kind: "hello", ...meta, payload: { min: 1, max: 1 } })
}

/** Connects and says hello; closes with the scope. Fails with a fault where the app does not take the connection or `token`. */
export const open = Effect.fnUntraced(function* (gateway: Gateway["Service"], token: string | undefined) {
  const memory = Memory.make({ name: LISTENER, maxFrameBytes: MAX_FRAME_BYTES })
  const heard = yield* Queue.unbounded<Said, Fault>()
  const connection = yield* gateway.listen([memory.listener]).pipe(
    // nobody else can connect to it: it is no address of the app
    Effect.provideService(Listening.Listening, Listening.makeUnsafe()),
    Effect.andThen(memory.connector.connect((connection) => new Ear(connection, heard))),
    Effect.mapError(({ message }) => fault("REFUSED", `The app takes no connection. ${message}`))
  )
  const encoder = new TextEncoder()
  const say = (frame: string): Effect.Effect<void, Fault> =>
    Effect.suspend(() =>
      connection.send(encoder.encode(frame), "text") === "refused"
        ? Effect.fail(fault("REFUSED", `The message was not taken: it is larger than ${MAX_FRAME_BYTES} bytes`))
        : Effect.void
    )
  const next = Effect.suspend(() => {
    connection.resume()
    return Queue.take(heard)
  })
  yield* say(hello(token))
  const answer = yield* next
  const refused = faultOf(answer)
  if (refused !== undefined) return yield* Effect.fail(refused)
  const { connection: id } = answer.payload as { readonly connection: string }
  return { id, say, next } satisfies AppConnection
})
