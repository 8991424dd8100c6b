/** The chat with accounts as a process, configured by the environment, that can be killed. */
import * as App from "@mortise/core/app/App"
import { app } from "./app.ts"

const { DATABASE, SOCKET } = process.env

App.run(app, {
  name: "chat",
  config: { http: { port: 0 }, unix: { path: SOCKET ?? "" }, sqlite: { file: DATABASE ?? "" } }
})
