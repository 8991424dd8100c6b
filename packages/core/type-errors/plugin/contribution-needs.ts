import * as Effect from "effect/Effect"
import * as Plugin from "../../src/app/Plugin.ts"
import { Accounts, Routes } from "./parts.ts"

export const plugin = Plugin.define({
  name: "profile",
  contributes: [
    Plugin.contribute(
      Routes,
      Effect.map(Accounts, (accounts) => ({ path: accounts.find("me") }))
    )
  ]
})
