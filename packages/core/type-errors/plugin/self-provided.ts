import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Plugin from "../../src/app/Plugin.ts"
import { Database } from "./parts.ts"

const selfish = Plugin.define({
  name: "selfish",
  provides: [Database],
  requires: [Database],
  layer: () => Layer.effect(Database, Effect.service(Database))
})
export const app = Plugin.compose(selfish())
