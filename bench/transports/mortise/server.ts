/** Mortise's gateway on one transport, as an app serves a contract. */
import * as Log from "@mortise/core/app/Log"
import * as Gateway from "@mortise/core/transport/Gateway"
import type { Listener } from "@mortise/core/transport/Transport"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { Transport } from "../cases.ts"
import { type Address, logged, type Start, type Subject } from "../subjects.ts"
import { Counter, fiber, fiberWithLine, inline } from "./handlers.ts"

const portOf = (address: string): Address => ({ port: Number(new URL(address).port) })

const handlersOf = (subject: Subject) => {
  if (subject === "mortise-fiber-refused-line") return fiberWithLine
  return subject.startsWith("mortise-fiber") ? fiber : inline
}

/** The log of an app at its default level; nothing of it is written. */
const logOf = (subject: Subject): Layer.Layer<never> =>
  logged.some((one) => one === subject) ? Log.layer() : Layer.empty

/** Serves the bench contract on a listener, and gives its addresses. */
const serveOn = Effect.fnUntraced(function* (listener: Listener, subject: Subject) {
  const gateway = yield* Gateway.Gateway
  yield* gateway.add(yield* Gateway.bind(handlersOf(subject)))
  return yield* gateway.listen([listener])
})

const listen = Effect.fnUntraced(function* (subject: Subject, transport: Transport, at: Address) {
  if (transport === "ws") {
    const HttpHost = yield* Effect.promise(() => import("@mortise/core/http/HttpHost"))
    const WebSocket = yield* Effect.promise(() => import("@mortise/transport-websocket/WebSocket"))
    const host = yield* HttpHost.make({ port: 0 })
    yield* serveOn(WebSocket.listenerOn(host), subject)
    return portOf(yield* host.listen)
  }
  if ("path" in at) {
    const Unix = yield* Effect.promise(() => import("@mortise/transport-socket/Unix"))
    yield* serveOn(Unix.listener({ path: at.path }), subject)
    return at
  }
  const Tcp = yield* Effect.promise(() => import("@mortise/transport-socket/Tcp"))
  const [address] = yield* serveOn(Tcp.listener({ port: at.port }), subject)
  return portOf(address as string)
})

export const make = (subject: Subject, transport: Transport): { readonly start: Start } => ({
  start: (at) =>
    Layer.build(Gateway.layer()).pipe(
      Effect.flatMap((gateway) => Effect.provideContext(listen(subject, transport, at), gateway)),
      Effect.provideService(Counter, { count: 0 }),
      (serve) => Effect.flatMap(Layer.build(logOf(subject)), (log) => Effect.provideContext(serve, log)),
      // it serves until the process ends
      Scope.provide(Scope.makeUnsafe()),
      Effect.runPromise
    )
})
