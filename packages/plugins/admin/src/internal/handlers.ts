import * as Drain from "@mortise/core/app/Drain"
import type { Installed } from "@mortise/core/app/Installed"
import * as Listening from "@mortise/core/app/Listening"
import * as Log from "@mortise/core/app/Log"
import type { Entry } from "@mortise/core/app/LogSink"
import * as Contract from "@mortise/core/transport/Contract"
import type { Gateway } from "@mortise/core/transport/Gateway"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { Admin } from "../AdminContract.ts"
import { call, described } from "./call.ts"
import { profile } from "./profile.ts"

/** Lines that wait for one who listens. */
const MAX_WAITING = 1024
/** So that the answer has left before the process begins to end. */
const STOP_AFTER_MILLIS = 50

let listeners = 0

/** What the app's own services answer. */
export const handlersFor = (gateway: Gateway["Service"], installed: Installed) =>
  Contract.implement(Admin, {
    info: () =>
      Effect.gen(function* () {
        const { heapUsed, rss } = process.memoryUsage()
        return {
          pid: process.pid,
          node: process.versions.node,
          uptimeMillis: Math.round(process.uptime() * 1000),
          plugins: installed.configured.plugins.map(({ name }) => name),
          listening: yield* Listening.entries,
          connections: (yield* gateway.connections).length,
          draining: (yield* Drain.Drain).draining(),
          memory: { rss, heapUsed },
          levels: yield* Log.levels
        }
      }),
    clients: () =>
      Effect.map(gateway.connections, (connections) =>
        connections.map(({ id, peer, principal, state, wire }) => ({
          id,
          transport: peer.transport,
          address: peer.address,
          state,
          ...(wire === undefined ? {} : { wire }),
          ...(principal === undefined ? {} : { principal })
        }))
      ),
    close: ({ id, reason }) =>
      Effect.gen(function* () {
        const known = (yield* gateway.connections).some((connection) => connection.id === id)
        // 1008 of RFC 6455: against the rules of this endpoint
        if (known) yield* gateway.close(id, 1008, reason)
        return known
      }),
    level: ({ category, level }) => Effect.andThen(Log.setLevel(category, level), Log.levels),
    listen: () =>
      Stream.callback<string>(
        (queue) =>
          Log.addSink({
            name: `admin ${++listeners}`,
            write: (entry: Entry) => void Queue.offerUnsafe(queue, JSON.stringify(entry))
          }),
        { bufferSize: MAX_WAITING, strategy: "sliding" }
      ),
    messages: () => Effect.map(gateway.messages, (messages) => messages.map(described)),
    call: (wanted) => call(gateway, wanted),
    profile,
    stop: () =>
      Effect.as(
        Effect.forkDetach(
          Effect.delay(
            Effect.sync(() => process.kill(process.pid, "SIGTERM")),
            STOP_AFTER_MILLIS
          )
        ),
        true
      )
  })
