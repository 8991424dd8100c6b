/** Buses on the real server, below a prefix of their own that is cleaned up. */
import { randomBytes } from "node:crypto"
import { make } from "@mortise/core/events/EventBus"
import type { EventBusFixture } from "@mortise/core/testing/EventBusKit"
import { until } from "@mortise/core/testing/until"
import { jetstreamManager } from "@nats-io/jetstream"
import { connect } from "@nats-io/transport-node"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as NatsBroker from "../src/NatsBroker.ts"
import { NatsConfig } from "../src/NatsConfig.ts"
import { Proxy } from "./Proxy.ts"
import { host, port, server } from "./server.ts"

const decode = Schema.decodeUnknownSync(NatsConfig)

export const freshPrefix = (): string => `t${randomBytes(6).toString("hex")}`

/** A client that knows nothing of Mortise. */
export const plainClient = Effect.acquireRelease(
  Effect.promise(() => connect({ servers: server })),
  (client) => Effect.promise(() => client.close())
)

export const proxied = Effect.acquireRelease(
  Effect.promise(() => Proxy.to(port, host)),
  (proxy) => Effect.promise(() => proxy.close())
)

export const configOf = (given: Partial<typeof NatsConfig.Encoded>): NatsConfig =>
  decode({ servers: [server], reconnectWaitMillis: 20, ...given })

export const fixture = (options: { readonly jetstream: boolean }) =>
  Effect.gen(function* () {
    const prefix = freshPrefix()
    const proxy = yield* proxied
    const plain = yield* plainClient
    const stream = `S${prefix}`
    if (options.jetstream) {
      yield* Effect.addFinalizer(() =>
        Effect.promise(async () => void (await (await jetstreamManager(plain)).streams.delete(stream)))
      )
    }
    const jetstream = {
      stream,
      subjects: ["counted", "chat.>", "rich", "second", "third", "many.>"],
      storage: "memory" as const,
      maxDeliver: 3,
      retryDelayMillis: 10
    }
    const shared = { prefix, ...(options.jetstream ? { jetstream } : {}) }
    const own = yield* NatsBroker.open(configOf({ ...shared, servers: [`nats://127.0.0.1:${proxy.port}`] }))
    const foreign = yield* NatsBroker.open(configOf(shared))
    const publish = (subject: string, bytes: Uint8Array | string) =>
      Effect.promise(async () => {
        plain.publish(`${prefix}.${subject}`, bytes)
        await plain.flush()
      })
    const made: EventBusFixture = {
      bus: yield* make(own),
      other: yield* make(foreign),
      inject: (subject, payload) => publish(subject, JSON.stringify(payload)),
      injectBytes: publish,
      cut: Effect.andThen(
        Effect.sync(() => proxy.cut()),
        until("the bus has noticed", () => !own.isConnected())
      ),
      restore: Effect.andThen(
        Effect.sync(() => proxy.restore()),
        until("the bus is back", () => own.isConnected())
      ),
      deadLetters: Effect.promise(async () => {
        const manager = await jetstreamManager(plain)
        const { state } = await manager.streams.info(stream, { subjects_filter: `${prefix}.dead.>` })
        const found: Array<{ readonly subject: string; readonly payload: unknown }> = []
        for (const subject of Object.keys(state.subjects ?? {})) {
          const message = await manager.streams.getMessage(stream, { last_by_subj: subject })
          if (message !== null)
            found.push({ subject: subject.slice(`${prefix}.dead.`.length), payload: message.json() })
        }
        return found
      })
    }
    return made
  })
