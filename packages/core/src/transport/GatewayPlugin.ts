/** The gateway as a plugin: other plugins contribute listeners and contracts, and it serves them when all are there. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Contribution from "../app/Contribution.ts"
import * as Plugin from "../app/Plugin.ts"
import type { Implementation } from "./Contract.ts"
import * as Gateway from "./Gateway.ts"
import type { Served } from "./internal/table.ts"
import { Rooms } from "./Rooms.ts"
import type { Listener } from "./Transport.ts"
import { Transports, layer as transports } from "./Transports.ts"

/** Where transports put their listeners. */
export const Listeners = Contribution.point<Listener>()("transport.listeners")

/** Where apps and plugins put what is to be served; see `contract`. */
export const Contracts = Contribution.point<Served>()("gateway.contracts")

/** Serves an implementation, with the services that the contributing plugin declares: `contributes: [contract(ChatLive)]`. */
export const contract = <R>(implementation: Implementation<R>, options: Gateway.ServeOptions = {}) =>
  Contribution.contribute(Contracts, Gateway.bind(implementation, options))

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))
const config = Schema.Struct({
  handshakeTimeoutMillis: Schema.optionalKey(Count),
  deadlineMillis: Schema.optionalKey(Count),
  maxDeadlineMillis: Schema.optionalKey(Count),
  maxBacklog: Schema.optionalKey(Count),
  maxInFlight: Schema.optionalKey(Count),
  framesPerTurn: Schema.optionalKey(Count),
  maxConnections: Schema.optionalKey(Count),
  maxRoomsPerConnection: Schema.optionalKey(Count),
  slowHandlerMillis: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)))
}).pipe(Schema.withDecodingDefaultKey(Effect.succeed({})))

/** Choices of the gateway that are code. */
export type GatewayOptions = Pick<Gateway.Options, "wires" | "admit" | "trace">

/** Provides `Gateway`, `Rooms` and `Transports`; its limits are configured under `gateway`, see `Gateway.Options`. */
export const gateway = Plugin.define({
  name: "gateway",
  options: Plugin.options<GatewayOptions>(),
  config,
  provides: [Gateway.Gateway, Rooms, Transports],
  layer: ({ config, options }) => Layer.merge(Gateway.layer({ ...config, ...options }), transports()),
  hosts: [
    Contribution.host(Listeners, (listeners) =>
      Effect.flatMap(Transports, (known) => Effect.forEach(listeners, known.add, { discard: true }))
    ),
    Contribution.host(Contracts, (contracts) =>
      Effect.gen(function* () {
        const gateway = yield* Gateway.Gateway
        const known = yield* Transports
        yield* Effect.forEach(contracts, gateway.add, { discard: true })
        const listeners = new Set(contracts.flatMap(({ on }) => (on === undefined ? [] : [...on])))
        // a contract that names its listeners must find them, even where others would be served anyway
        yield* Effect.forEach(listeners, known.get, { discard: true })
        yield* gateway.listen(yield* known.list)
      })
    )
  ]
})
