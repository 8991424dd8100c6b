/** TCP as a plugin: gives the app's gateway a listener. */
import * as Contribution from "@mortise/core/app/Contribution"
import * as Plugin from "@mortise/core/app/Plugin"
import { Listeners } from "@mortise/core/transport/GatewayPlugin"
import type { Listener } from "@mortise/core/transport/Transport"
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { shared } from "./internal/config.ts"
import type { StreamOptions } from "./StreamOptions.ts"
import * as Tcp from "./Tcp.ts"

/** The plugin's listener. For a second one: `Plugin.as(tcp({ name: "admin" }), "admin", TcpListener, AdminListener)`. */
export class TcpListener extends Context.Service<TcpListener, Listener>()("@mortise/transport-socket/TcpListener") {}

const DEFAULT_PORT = 4000

const config = Schema.Struct({
  ...shared,
  /** Address to listen on; `127.0.0.1`, which only this machine reaches, unless given. `0.0.0.0` is all interfaces. */
  host: Schema.optionalKey(Schema.NonEmptyString),
  /** 4000 unless given; 0 takes any free one. */
  port: Schema.optionalKey(Schema.Port),
  /** First and last port to try, in order; instead of `port`. */
  portRange: Schema.optionalKey(Schema.Tuple([Schema.Port, Schema.Port])),
  keepAliveMillis: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)))
}).check(
  Schema.makeFilter(({ port, portRange }) => {
    if (portRange === undefined) return undefined
    if (port !== undefined) return { path: ["portRange"], issue: "Expected either port or portRange, not both" }
    return portRange[0] <= portRange[1] ? undefined : { path: ["portRange"], issue: "Expected the smaller port first" }
  })
)

/** Choices that are code: the listener's name, which handlers see as `peer.transport`, framing and queue bounds. */
export type TcpPluginOptions = Pick<Tcp.TcpListenerOptions, "name" | Extract<keyof StreamOptions, "framing" | "limits">>

/** Listens on `tcp.port` (4000), or on the first free one of `tcp.portRange`, at `tcp.host` (127.0.0.1). */
export const tcp = Plugin.define({
  name: "tcp",
  options: Plugin.options<TcpPluginOptions>(),
  config,
  provides: [TcpListener],
  layer: ({ config, options }) => {
    const port = config.port ?? (config.portRange === undefined ? DEFAULT_PORT : undefined)
    return Layer.sync(TcpListener, () => Tcp.listener({ ...config, ...options, port }))
  },
  contributes: [Contribution.contribute(Listeners, TcpListener)]
})
