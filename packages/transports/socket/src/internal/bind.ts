import type { ListenOptions, Server } from "node:net"
import * as Effect from "effect/Effect"

/** Makes `server` listen, from within `around`; gives the error if it cannot. The server may be bound again then. */
export const bindOnce = (
  server: Server,
  options: ListenOptions,
  around: (listen: () => void) => void = (listen) => listen()
): Effect.Effect<NodeJS.ErrnoException | undefined> =>
  Effect.callback((resume) => {
    const failed = (cause: NodeJS.ErrnoException) => {
      server.off("listening", listening)
      resume(Effect.succeed(cause))
    }
    const listening = () => {
      server.off("error", failed)
      resume(Effect.succeed(undefined))
    }
    server.once("error", failed)
    server.once("listening", listening)
    around(() => void server.listen(options))
    return Effect.sync(() => {
      server.off("error", failed)
      server.off("listening", listening)
      server.close()
    })
  })

export const isErrno = (cause: NodeJS.ErrnoException | undefined, code: string): boolean => cause?.code === code
