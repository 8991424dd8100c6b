/** NATS as the app's event bus: the same service and the same handlers as with `events` of core. */
import * as Health from "@mortise/core/app/Health"
import * as Plugin from "@mortise/core/app/Plugin"
import { EventBus } from "@mortise/core/events/EventBus"
import * as EventsPlugin from "@mortise/core/events/EventsPlugin"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { type NatsBroker, open } from "./NatsBroker.ts"
import { NatsConfig } from "./NatsConfig.ts"

/** The connection beneath the bus, for what NATS has beyond events. */
export class Nats extends Context.Service<Nats, NatsBroker>()("@mortise/plugin-events-nats/Nats") {}

const down = new Health.HealthProblem({ problem: "The connection to NATS is down; it reconnects by itself." })

const config = NatsConfig.pipe(Schema.withDecodingDefaultKey(Effect.succeed({})))

/** Provides `EventBus` on a NATS server, configured under `events-nats`. */
export const eventsNats = Plugin.define({
  name: "events-nats",
  config,
  provides: [EventBus, Nats],
  layer: ({ config }) => {
    const nats = Layer.effect(Nats, open(config))
    const bus = Layer.unwrap(
      Effect.map(Nats, (broker) =>
        EventsPlugin.layerOf(Effect.succeed(broker), { name: "events-nats", always: config.clientEvents })
      )
    )
    return Layer.provideMerge(bus, nats)
  },
  hosts: [EventsPlugin.host],
  contributes: [
    Health.contribute(
      "events-nats",
      Effect.map(Nats, ({ connection, isConnected }) =>
        Effect.suspend(() => {
          if (!isConnected()) return Effect.fail(down)
          // a server that is silent is seen by nothing else for minutes
          return Effect.asVoid(Effect.tryPromise({ try: () => connection.flush(), catch: () => down }))
        })
      )
    )
  ]
})
