/** The chat with its history in a database, as a process of its own: `node server.ts SOCKET DATABASE`. */
import * as App from "@mortise/core/app/App"
import * as Plugin from "@mortise/core/app/Plugin"
import { gateway } from "@mortise/core/transport/GatewayPlugin"
import { sqlite } from "@mortise/orm/SqlitePlugin"
import { unix } from "@mortise/transport-socket"
import { chat } from "../../src/chat/plugin.ts"
import { history } from "../../src/history/database.ts"

const [path = "", file = ""] = process.argv.slice(2)

App.run(Plugin.compose(gateway(), unix(), sqlite(), chat(), history()), {
  name: "chat",
  config: { unix: { path }, sqlite: { file }, history: { messagesPerRoom: 100_000 } }
})
