import { connect, type IpcNetConnectOpts, type TcpNetConnectOpts } from "node:net"
import { Turn } from "@mortise/core/app/Turn"
import { makeReport } from "@mortise/core/transport/Faults"
import { OutboxPool } from "@mortise/core/transport/Outbox"
import {
  type Connection,
  type ConnectionHandler,
  type PeerInfo,
  TransportError
} from "@mortise/core/transport/Transport"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { StreamConnectorOptions } from "../StreamOptions.ts"
import { StreamConnection } from "./StreamConnection.ts"
import { problemOf, type Settings } from "./settings.ts"

/** Connects, and closes with the scope. */
export const dial = Effect.fnUntraced(function* (
  settings: Settings,
  options: StreamConnectorOptions,
  target: TcpNetConnectOpts | IpcNetConnectOpts,
  peer: PeerInfo,
  open: (connection: Connection) => ConnectionHandler
): Effect.fn.Return<Connection, TransportError, Scope.Scope> {
  const problem = problemOf(settings, "connect")
  if (problem !== undefined) return yield* problem
  const turn = yield* Turn
  const report = yield* makeReport
  const fail = (reason: TransportError["reason"], message: string) =>
    Effect.fail(new TransportError({ reason, transport: settings.name, message }))
  const millis = options.timeoutMillis ?? 10_000
  const attempt = Effect.callback<StreamConnection, TransportError>((resume) => {
    const socket = connect({ ...target, allowHalfOpen: true })
    const disarm = turn.arm(millis, () => {
      socket.destroy()
      resume(fail("timeout", `No connection to ${peer.address} within ${millis} ms (timeoutMillis).`))
    })
    // stays for good: an error without a listener would end the process
    socket.on("error", (cause: NodeJS.ErrnoException) => {
      disarm()
      resume(fail("connect", explain(peer.address, cause)))
    })
    socket.on("connect", () => {
      disarm()
      socket.pause()
      const connection = new StreamConnection(socket, peer, settings, new OutboxPool(turn), report, () => {})
      connection.start(open)
      resume(Effect.succeed(connection))
    })
    return Effect.sync(() => {
      disarm()
      socket.destroy()
    })
  })
  return yield* Effect.acquireRelease(
    attempt,
    (connection) =>
      Effect.suspend(() => {
        connection.close(1000, "")
        return connection.closed
      }),
    // whoever gives up does not wait for the time-out; an attempt that is interrupted destroys its socket
    { interruptible: true }
  )
})

const explain = (address: string, cause: NodeJS.ErrnoException): string => {
  switch (cause.code) {
    case "ECONNREFUSED":
    case "ENOENT":
      return `Nothing listens on ${address} (${cause.code}). Start the server, or correct the address.`
    case "EACCES":
    case "EPERM":
      return `Not allowed to connect to ${address} (${cause.code}). Ask for permission on the socket's file.`
    case "ENOTFOUND":
      return `The host of ${address} is not known (${cause.code}). Correct its name.`
    default:
      return `Could not connect to ${address}: ${cause.message}.`
  }
}
