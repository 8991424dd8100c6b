import * as Plugin from "@mortise/core/app/Plugin"
import { http } from "@mortise/core/http/HttpPlugin"
import { gateway } from "@mortise/core/transport/GatewayPlugin"
import { websocket } from "@mortise/transport-websocket"
import { greeter } from "./handlers.ts"

/** Every layer of the app is chosen here. */
export const app = Plugin.compose(http(), gateway(), websocket(), greeter())
