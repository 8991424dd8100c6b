/** Unix domain sockets as a plugin: gives the app's gateway a listener. */
import * as Contribution from "@mortise/core/app/Contribution"
import * as Plugin from "@mortise/core/app/Plugin"
import { Listeners } from "@mortise/core/transport/GatewayPlugin"
import type { Listener } from "@mortise/core/transport/Transport"
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { shared } from "./internal/config.ts"
import type { StreamOptions } from "./StreamOptions.ts"
import * as Unix from "./Unix.ts"

/** The plugin's listener. For a second one: `Plugin.as(unix({ name: "admin" }), "admin", UnixListener, AdminListener)`. */
export class UnixListener extends Context.Service<UnixListener, Listener>()("@mortise/transport-socket/UnixListener") {}

const config = Schema.Struct({
  ...shared,
  /** Where the socket's file is made. */
  path: Schema.NonEmptyString,
  /** Who may connect, as `chmod` has it: `600`, the user alone, unless given. A string: JSON has no octal numbers. */
  mode: Schema.optionalKey(
    Schema.String.check(Schema.isPattern(/^0?[0-7]{3}$/, { expected: "permissions as three octal digits, like 660" }))
  )
})

/** Choices that are code: the listener's name, which handlers see as `peer.transport`, framing and queue bounds. */
export type UnixPluginOptions = Pick<
  Unix.UnixListenerOptions,
  "name" | Extract<keyof StreamOptions, "framing" | "limits">
>

/** Listens on the socket file `unix.path`, with the permissions `unix.mode` (600). */
export const unix = Plugin.define({
  name: "unix",
  options: Plugin.options<UnixPluginOptions>(),
  config,
  provides: [UnixListener],
  layer: ({ config: { mode, ...config }, options }) =>
    Layer.sync(UnixListener, () =>
      Unix.listener({ ...config, ...options, mode: mode === undefined ? undefined : Number.parseInt(mode, 8) })
    ),
  contributes: [Contribution.contribute(Listeners, UnixListener)]
})
