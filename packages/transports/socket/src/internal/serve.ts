import { createServer, type Server, type ServerOpts, type Socket } from "node:net"
import { Turn } from "@mortise/core/app/Turn"
import { admitted, makeReport } from "@mortise/core/transport/Faults"
import { OutboxPool } from "@mortise/core/transport/Outbox"
import type { Accept, Admit, PeerInfo, TransportError } from "@mortise/core/transport/Transport"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { StreamListenerOptions } from "../StreamOptions.ts"
import { StreamConnection } from "./StreamConnection.ts"
import { problemOf, type Settings } from "./settings.ts"

/** What differs between TCP and Unix sockets. */
export interface Kind {
  /** Options of the sockets that are accepted. */
  readonly sockets: ServerOpts
  /** Makes `server` listen; gives the addresses. */
  readonly bind: (server: Server) => Effect.Effect<ReadonlyArray<string>, TransportError>
  /** `undefined` for a peer that is gone already. */
  readonly peerOf: (socket: Socket) => PeerInfo | undefined
}

/** Before a connection stands, `close` tells all there is to know; without a listener an error would end the process. */
const ignore = (): void => {}

/** Accepts connections until the scope closes. */
export const serve = Effect.fnUntraced(function* (
  settings: Settings,
  options: StreamListenerOptions,
  kind: Kind,
  admit: Admit
): Effect.fn.Return<ReadonlyArray<string>, TransportError, Scope.Scope> {
  const problem = problemOf(settings, "listen")
  if (problem !== undefined) return yield* problem
  const turn = yield* Turn
  const report = yield* makeReport
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const pool = new OutboxPool(turn)
  const connections = new Set<StreamConnection>()
  const waiting = new Set<() => void>()

  // apart from `accept`: a connection that stands must not hold on to how it was admitted
  const opened = (socket: Socket, peer: PeerInfo, open: Accept["open"]): void => {
    socket.off("error", ignore)
    const connection = new StreamConnection(socket, peer, settings, pool, report, closed)
    connections.add(connection)
    connection.start(open)
  }
  const closed = (connection: StreamConnection) => connections.delete(connection)

  const accept = (socket: Socket): void => {
    socket.on("error", ignore)
    const peer = kind.peerOf(socket)
    if (peer === undefined) {
      socket.destroy()
      return
    }
    const fiber = run(admitted(admit, peer))
    const giveUp = () => fiber.interruptUnsafe()
    const disarm = turn.arm(options.admitTimeoutMillis ?? 10_000, giveUp)
    waiting.add(giveUp)
    // at once where admission needs no time
    fiber.addObserver((exit) => {
      waiting.delete(giveUp)
      disarm()
      if (exit._tag === "Failure") socket.destroy()
      else if (exit.value._tag === "Refuse") socket.destroySoon()
      else if (!socket.destroyed) opened(socket, peer, exit.value.open)
    })
  }

  const server = createServer({ ...kind.sockets, allowHalfOpen: true, pauseOnConnect: true }, accept)
  if (options.maxConnections !== undefined) server.maxConnections = options.maxConnections
  // of the process, not of a peer: out of file descriptors, for example; the listener goes on
  const trouble = (cause: Error) => run(Effect.logError(`Listener ${settings.name} could not accept a peer.`, cause))
  return yield* Effect.acquireRelease(
    Effect.tap(kind.bind(server), () => Effect.sync(() => server.on("error", trouble))),
    () =>
      Effect.gen(function* () {
        const stopped = yield* Effect.forkChild(
          Effect.callback<void>((resume) => void server.close(() => resume(Effect.void))),
          { startImmediately: true }
        )
        for (const giveUp of waiting) giveUp()
        const open = [...connections]
        for (const connection of open) connection.close(1001, "the listener closed")
        yield* Effect.forEach(open, (connection) => connection.closed, { discard: true })
        yield* Fiber.join(stopped)
      })
  )
})
