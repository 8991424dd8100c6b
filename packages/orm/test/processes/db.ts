/** The `src/db.ts` of an app. */
import path from "node:path"
import * as Plugin from "@mortise/core/app/Plugin"
import { DbCommand, sqlite } from "@mortise/orm"
import { accounts, notes } from "../migrations/app.ts"

const folder = process.env["DB_FOLDER"] ?? "."

DbCommand.main(Plugin.compose(notes(), accounts(), sqlite()), {
  config: { sqlite: { file: path.join(folder, "app.db") } },
  folder
})
