import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Plugin from "../../src/app/Plugin.ts"
import { Server } from "./parts.ts"

export const plugin = Plugin.define({
  name: "http",
  config: Schema.Struct({ port: Schema.Int }),
  provides: [Server],
  layer: ({ config }) => Layer.succeed(Server, { port: config.prot })
})
