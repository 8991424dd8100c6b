import path from "node:path"
import { fileURLToPath } from "node:url"
import { bundle } from "./bundle.ts"
import type { Program } from "./measure.ts"

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
const template = here("../../templates/chat")

/** The template `chat`: pages and WebSocket on one port, TCP, a Unix socket. */
const chat = (subject: string, file: string, folder: string): Program => ({
  subject,
  file,
  cwd: folder,
  env: { PORT: "0", TCP_PORT: "0", SOCKET_PATH: path.join(folder, `${subject}.sock`) },
  ready: /"event":"ready"/
})

/** What is started, with `folder` for what it wants to write. */
export const programs = async (folder: string): Promise<ReadonlyArray<Program>> => [
  { subject: "node-http", file: here("./node-http.ts"), cwd: folder, env: {}, ready: /ready/ },
  chat("mortise-chat", await bundle(template, folder), folder),
  chat("mortise-chat-sources", path.join(template, "src/main.ts"), folder)
]
