import { log } from "@mortise/core/app/LogPlugin"
import * as Plugin from "@mortise/core/app/Plugin"
import { http } from "@mortise/core/http/HttpPlugin"
import { gateway } from "@mortise/core/transport/GatewayPlugin"
import { tcp, unix } from "@mortise/transport-socket"
import { websocket } from "@mortise/transport-websocket"
import { chat } from "./chat/plugin.ts"
import { history } from "./history/memory.ts"
import { page } from "./page.ts"

/** Every layer of the app is chosen here. */
export const app = Plugin.compose(log(), http(), gateway(), websocket(), tcp(), unix(), chat(), history(), page())
