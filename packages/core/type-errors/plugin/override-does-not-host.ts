import * as Layer from "effect/Layer"
import * as Plugin from "../../src/app/Plugin.ts"
import { http, Server } from "./parts.ts"

const bare = Plugin.define({ name: "bare", provides: [Server], layer: () => Layer.succeed(Server, { port: 1 }) })
export const plugin = Plugin.override(http, bare())
