import * as Plugin from "../../src/app/Plugin.ts"
import { Accounts, Database, sqlite } from "./parts.ts"

export const plugin = Plugin.as(sqlite({ file: "shop.db" }), "second", Accounts, Database)
