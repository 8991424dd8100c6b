import { fileURLToPath } from "node:url"
import type { Program } from "./measure.ts"

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** What is started, with `folder` for what it wants to write. */
export const programs = (folder: string): ReadonlyArray<Program> => [
  { subject: "node-http", file: here("./node-http.ts"), cwd: folder, env: {}, ready: /ready/ },
  { subject: "mortise-chat", file: here("./app.ts"), cwd: folder, env: {}, ready: /ready/ }
]
