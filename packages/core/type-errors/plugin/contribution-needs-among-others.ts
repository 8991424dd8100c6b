import * as Effect from "effect/Effect"
import * as Plugin from "../../src/app/Plugin.ts"
import { Accounts, Database, Routes } from "./parts.ts"

export const plugin = Plugin.define({
  name: "profile",
  requires: [Database],
  contributes: [
    Plugin.contribute(Routes, Effect.succeed({ path: "/" })),
    Plugin.contribute(
      Routes,
      Effect.map(Database, ({ file }) => ({ path: file }))
    ),
    Plugin.contribute(
      Routes,
      Effect.map(Accounts, (accounts) => ({ path: accounts.find("me") }))
    )
  ]
})
