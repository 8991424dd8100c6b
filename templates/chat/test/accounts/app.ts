/** The chat as it is with accounts. */
import * as Plugin from "@mortise/core/app/Plugin"
import { auth } from "@mortise/core/auth/AuthPlugin"
import { http } from "@mortise/core/http/HttpPlugin"
import { gateway } from "@mortise/core/transport/GatewayPlugin"
import { sqlite } from "@mortise/orm/SqlitePlugin"
import { accounts } from "@mortise/plugin-accounts"
import { unix } from "@mortise/transport-socket"
import { websocket } from "@mortise/transport-websocket"
import { names } from "../../src/accounts/plugin.ts"
import { chat } from "../../src/chat/plugin.ts"
import { history } from "../../src/history/database.ts"
import { page } from "../../src/page.ts"
import { sealed } from "../../src/sealed/plugin.ts"

export const app = Plugin.compose(
  http(),
  gateway(),
  websocket(),
  unix(),
  sqlite(),
  auth(),
  accounts(),
  chat(),
  history(),
  page(),
  names(),
  sealed()
)
