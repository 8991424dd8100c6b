import * as Layer from "effect/Layer"
import * as Plugin from "../../src/app/Plugin.ts"
import { Database, Server } from "./parts.ts"

export const plugin = Plugin.define({
  name: "http",
  provides: [Server, Database],
  layer: () => Layer.succeed(Server, { port: 80 })
})
