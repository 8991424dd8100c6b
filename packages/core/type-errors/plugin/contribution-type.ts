import * as Effect from "effect/Effect"
import * as Plugin from "../../src/app/Plugin.ts"
import { Routes } from "./parts.ts"

export const contribution = Plugin.contribute(Routes, Effect.succeed({ pth: "/login" }))
