import * as Effect from "effect/Effect"
import * as Plugin from "../../src/app/Plugin.ts"
import { Database, Routes } from "./parts.ts"

export const plugin = Plugin.define({
  name: "door",
  hosts: [Plugin.host(Routes, () => Effect.asVoid(Database))]
})
