import { connect, type Socket } from "node:net"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as HttpHost from "../../src/http/HttpHost.ts"
import type { RouteConflict } from "../../src/http/Route.ts"
import { until } from "../../src/testing/until.ts"
import type { TransportError } from "../../src/transport/Transport.ts"

/** A host that listens on a free port, after `furnish`; `[host, address]`. */
export const listening = (
  furnish: (host: HttpHost.HttpHostShape) => Effect.Effect<void, RouteConflict, Scope.Scope> = () => Effect.void,
  options: HttpHost.HttpHostOptions = {}
): Effect.Effect<
  readonly [host: HttpHost.HttpHostShape, address: string],
  RouteConflict | TransportError,
  Scope.Scope
> =>
  Effect.gen(function* () {
    const host = yield* HttpHost.make({ port: 0, ...options })
    yield* furnish(host)
    return [host, yield* host.listen] as const
  })

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** One request by the platform's fetch, without following redirects. */
export const get = (url: string, init: RequestInit = {}): Effect.Effect<Answer> =>
  Effect.promise(async (signal) => {
    const response = await fetch(url, { redirect: "manual", signal, ...init })
    return { status: response.status, headers: response.headers, text: await response.text() }
  })

/** A bare connection: what fetch would not send. */
export interface Bare {
  readonly socket: Socket
  readonly write: (text: string) => void
  readonly received: () => string
  readonly isEnded: () => boolean
  /** Waits for `text` in what came. */
  readonly expect: (text: string) => Effect.Effect<void>
  readonly ended: Effect.Effect<void>
}

export const bare = (address: string): Effect.Effect<Bare, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<Socket>((resume) => {
        const url = new URL(address)
        const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
        socket.once("connect", () => resume(Effect.succeed(socket)))
      }),
      (socket) => Effect.sync(() => socket.destroy())
    ),
    (socket) => {
      let text = ""
      let isEnded = false
      const end = (): void => {
        isEnded = true
      }
      socket.on("data", (chunk) => {
        text += chunk.toString("latin1")
      })
      socket.on("error", end)
      socket.on("end", end)
      socket.on("close", end)
      return {
        socket,
        write: (out) => void socket.write(out, "latin1"),
        received: () => text,
        isEnded: () => isEnded,
        expect: (part) => until(`"${part}" in the answer`, () => text.includes(part)),
        ended: until("the server closes", () => isEnded)
      }
    }
  )
