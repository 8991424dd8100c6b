import * as Plugin from "@mortise/core/app/Plugin"
import { auth } from "@mortise/core/auth/AuthPlugin"
import { sqlite } from "@mortise/orm/SqlitePlugin"
import { accounts } from "../src/index.ts"

export const app = Plugin.compose(sqlite(), auth(), accounts())
