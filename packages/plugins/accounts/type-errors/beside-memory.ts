import * as Plugin from "@mortise/core/app/Plugin"
import { auth, authMemory } from "@mortise/core/auth/AuthPlugin"
import { gateway } from "@mortise/core/transport/GatewayPlugin"
import { sqlite } from "@mortise/orm/SqlitePlugin"
import { accounts } from "../src/index.ts"

export const app = Plugin.compose(gateway(), sqlite(), auth(), authMemory(), accounts())
