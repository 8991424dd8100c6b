/** WebSocket as a plugin: gives the app's gateway a listener on the app's HTTP host. */
import * as Contribution from "@mortise/core/app/Contribution"
import * as Plugin from "@mortise/core/app/Plugin"
import { HttpHost } from "@mortise/core/http/HttpHost"
import { Listeners } from "@mortise/core/transport/GatewayPlugin"
import type { Listener } from "@mortise/core/transport/Transport"
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as WebSocket from "./WebSocket.ts"

/**
 * The plugin's listener. For a second one, at another path:
 * `Plugin.as(websocket({ name: "admin" }), "admin", WebSocketListener, AdminListener)`.
 */
export class WebSocketListener extends Context.Service<WebSocketListener, Listener>()(
  "@mortise/transport-websocket/WebSocketListener"
) {}

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))
const isPath = (path: string): path is `/${string}` => /^\/[^\s?#]*$/.test(path)

const config = Schema.Struct({
  /** `/ws` unless given. */
  path: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^\/[^\s?#]*$/, { expected: "a path, like /ws" }))),
  /** Which pages may connect: `same` (the default) those of this host and port, `any`, or these: `["https://a.example"]`. */
  origins: Schema.optionalKey(
    Schema.Union([
      Schema.Literals(["same", "any"]),
      Schema.Array(
        Schema.String.check(Schema.isPattern(/^https?:\/\/[^/]+$/, { expected: "an origin, like https://a.example" }))
      )
    ])
  ),
  /** Largest message in bytes; 1 MiB unless given. */
  maxFrameBytes: Schema.optionalKey(Count),
  handshakeTimeoutMillis: Schema.optionalKey(Count),
  closeTimeoutMillis: Schema.optionalKey(Count)
})

/** Choices that are code: the listener's name, which handlers see as `peer.transport`, subprotocols and queue bounds. */
export type WebSocketPluginOptions = Pick<WebSocket.WebSocketOptions, "name" | "subprotocols" | "limits">

/** Takes upgrades at `websocket.path` (`/ws`) of the HTTP host from pages of `websocket.origins` (`same`). */
export const websocket = Plugin.define({
  name: "websocket",
  options: Plugin.options<WebSocketPluginOptions>(),
  config,
  provides: [WebSocketListener],
  requires: [HttpHost],
  layer: ({ config: { origins = "same", path = "/ws", ...config }, options }) =>
    Layer.effect(
      WebSocketListener,
      WebSocket.listener({ ...config, ...options, origin: origins, path: isPath(path) ? path : "/ws" })
    ),
  contributes: [Contribution.contribute(Listeners, WebSocketListener)]
})
