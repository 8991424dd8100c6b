/**
 * Connects over the platform's own `WebSocket`, as browsers, Node and others have it. Imports no module of Node.
 *
 * Three things the platform does not give, and what becomes of them here: it cannot stop reading, so what comes while a
 * connection is paused is held, up to a bound; it does not say when its queue empties, so a full one is polled; and it
 * sends no close codes but 1000 and 3000–4999, so others reach the peer as a close without a code (1005).
 */
import * as Effect from "effect/Effect"
import { Turn, type TurnShape } from "../app/Turn.ts"
import { makeReport } from "../transport/Faults.ts"
import { defaultMaxFrameBytes } from "../transport/Framing.ts"
import { limitsOf, type OutboxLimits } from "../transport/Outbox.ts"
import { type Connection, type ConnectionHandler, type Connector, TransportError } from "../transport/Transport.ts"
import { PlatformConnection, type PlatformSocket, type PlatformSocketClass } from "./internal/PlatformConnection.ts"

export type { PlatformSocket, PlatformSocketClass }

export interface WebSocketConnectorOptions {
  /** `ws://…` or `wss://…`; a function is asked at each connect, for example for a fresh token in the query. */
  readonly url: string | (() => string)
  /** Subprotocols, the preferred one first. The one chosen is in `peer.headers` under `sec-websocket-protocol`. */
  readonly protocols?: ReadonlyArray<string> | undefined
  /** @default "websocket" */
  readonly name?: string | undefined
  /** Largest message in either direction, in bytes; @default 1 MiB */
  readonly maxFrameBytes?: number | undefined
  /** Bounds of the output queue; what is missing comes from `Outbox.limitsOf`. */
  readonly limits?: Partial<OutboxLimits> | undefined
  /** What may come while the connection is paused, in bytes, before it is closed; @default 16 MiB */
  readonly maxHeldBytes?: number | undefined
  /** Time to connect, in milliseconds; @default 10 s */
  readonly timeoutMillis?: number | undefined
  /** Time for the peer to answer a close, in milliseconds; @default 3 s */
  readonly closeTimeoutMillis?: number | undefined
  /** How often a full queue is looked at, in milliseconds; @default 10 */
  readonly drainCheckMillis?: number | undefined
  /** @default `globalThis.WebSocket` */
  readonly WebSocket?: PlatformSocketClass | undefined
}

/** What every connection of a connector is given. */
interface Settings {
  readonly name: string
  readonly limits: OutboxLimits
  readonly maxFrameBytes: number
  readonly maxHeldBytes: number
  readonly timeoutMillis: number
  readonly closeTimeoutMillis: number
  readonly drainCheckMillis: number
}

const open = (
  url: string,
  protocols: ReadonlyArray<string>,
  Socket: PlatformSocketClass | undefined,
  settings: Settings,
  turn: TurnShape,
  onOpen: (socket: PlatformSocket) => PlatformConnection
): Effect.Effect<PlatformConnection, TransportError> =>
  Effect.callback((resume) => {
    const fail = (reason: "connect" | "timeout", message: string): void =>
      resume(Effect.fail(new TransportError({ reason, transport: settings.name, message })))
    if (Socket === undefined)
      return fail("connect", "This platform has no WebSocket. Pass one as the option WebSocket.")
    let socket: PlatformSocket
    try {
      socket = new Socket(url, [...protocols])
    } catch (problem) {
      return fail("connect", `${url} cannot be opened: ${String(problem)}.`)
    }
    socket.binaryType = "arraybuffer"
    let decided = false
    const decide = (): boolean => {
      if (decided) return false
      decided = true
      disarm()
      return true
    }
    const disarm = turn.arm(settings.timeoutMillis, () => {
      if (!decide()) return
      fail("timeout", `${url} did not answer within ${settings.timeoutMillis} ms.`)
      socket.close()
    })
    const failed = (): void => {
      // The platform hides the reason from pages on purpose: it could be used to look around in a network.
      if (decide()) fail("connect", `${url} could not be opened: nobody listens there, or the connection was refused.`)
    }
    socket.addEventListener("error", failed)
    socket.addEventListener("close", failed)
    socket.addEventListener("open", () => {
      // Frames may follow at once: whoever takes them is there before this event is over.
      if (decide()) resume(Effect.succeed(onOpen(socket)))
    })
    return Effect.sync(() => {
      if (decide()) socket.close()
    })
  })

export const make = (options: WebSocketConnectorOptions): Connector => {
  const settings: Settings = {
    name: options.name ?? "websocket",
    limits: limitsOf(options.limits, options.maxFrameBytes ?? defaultMaxFrameBytes),
    maxFrameBytes: options.maxFrameBytes ?? defaultMaxFrameBytes,
    maxHeldBytes: options.maxHeldBytes ?? 16 * 1024 * 1024,
    timeoutMillis: options.timeoutMillis ?? 10_000,
    closeTimeoutMillis: options.closeTimeoutMillis ?? 3_000,
    drainCheckMillis: options.drainCheckMillis ?? 10
  }
  const connect = Effect.fnUntraced(function* (handler: (connection: Connection) => ConnectionHandler) {
    const turn = yield* Turn
    const report = yield* makeReport
    const url = typeof options.url === "string" ? options.url : options.url()
    const Socket = options.WebSocket ?? (globalThis as { WebSocket?: PlatformSocketClass }).WebSocket
    return yield* Effect.acquireRelease(
      open(url, options.protocols ?? [], Socket, settings, turn, (socket) => {
        const connection = new PlatformConnection(url, socket, settings, turn, report)
        connection.start(handler)
        return connection
      }),
      (connection) => {
        connection.close(1000, "")
        return connection.closed
      },
      { interruptible: true }
    )
  })
  return {
    name: settings.name,
    capabilities: {
      ordered: true,
      reliable: true,
      duplex: true,
      text: true,
      closeCodes: true,
      maxFrameBytes: settings.maxFrameBytes
    },
    connect
  }
}
