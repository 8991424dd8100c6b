import { existsSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Environment from "@mortise/core/app/Environment"

// variables may stand in a file; what the environment has goes before it
if (existsSync(".env")) process.loadEnvFile()

/** Where the page and the WebSocket are, unless PORT says otherwise; 0 takes any free port. */
export const port = 7420

/** Where TCP listens, unless TCP_PORT says otherwise; 0 takes any free port. */
export const tcpPort = 7421

const { SOCKET_PATH, XDG_RUNTIME_DIR } = process.env

/** The Unix socket; its folder is the user's own where the system has one. */
export const socketPath = SOCKET_PATH || join(XDG_RUNTIME_DIR || tmpdir(), "mortise-app.sock")

/** One section for each plugin that can be configured; checked before anything starts. */
export const config = Environment.config({
  http: { host: Environment.string("HOST", "127.0.0.1"), port: Environment.number("PORT", port) },
  tcp: { host: Environment.string("HOST", "127.0.0.1"), port: Environment.number("TCP_PORT", tcpPort) },
  unix: { path: Environment.string("SOCKET_PATH", socketPath) }
})
