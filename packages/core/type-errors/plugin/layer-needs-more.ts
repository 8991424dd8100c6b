import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Plugin from "../../src/app/Plugin.ts"
import { Database, Server } from "./parts.ts"

export const plugin = Plugin.define({
  name: "http",
  provides: [Server],
  layer: () => Layer.effect(Server, Effect.as(Database, { port: 80 }))
})
