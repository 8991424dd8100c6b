/** The chat with accounts as a process, configured by the environment, that can be killed. */
import * as App from "@mortise/core/app/App"
import { app } from "./app.ts"

const { DATABASE, PAGE_PORT, SOCKET } = process.env

App.run(app, {
  name: "chat",
  config: { http: { port: Number(PAGE_PORT) }, unix: { path: SOCKET ?? "" }, sqlite: { file: DATABASE ?? "" } }
})
