import * as Plugin from "@mortise/core/app/Plugin"
import { auth } from "@mortise/core/auth/AuthPlugin"
import { gateway } from "@mortise/core/transport/GatewayPlugin"
import { accounts } from "../src/index.ts"

export const app = Plugin.compose(gateway(), auth(), accounts())
