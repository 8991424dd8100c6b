import path from "node:path"
import { fileURLToPath } from "node:url"
import type { Program } from "./measure.ts"

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** What is started, with `folder` for what it wants to write. */
export const programs = (folder: string): ReadonlyArray<Program> => [
  { subject: "node-http", file: here("./node-http.ts"), cwd: folder, env: {}, ready: /ready/ },
  {
    // the template as it stands: pages and WebSocket on one port, TCP, a Unix socket
    subject: "mortise-chat",
    file: here("../../templates/chat/src/main.ts"),
    cwd: folder,
    env: { PORT: "0", TCP_PORT: "0", SOCKET_PATH: path.join(folder, "chat.sock") },
    ready: /"event":"ready"/
  }
]
