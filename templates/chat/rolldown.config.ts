import { globSync } from "node:fs"
import { defineConfig } from "rolldown"

/** The server, and a module for the page from each file of `src/browser/`. */
export default defineConfig([
  { input: "src/main.ts", platform: "node", output: { dir: "dist", cleanDir: true } },
  ...globSync("src/browser/*.ts").map((input) => ({
    input,
    platform: "browser" as const,
    output: { dir: "dist/browser", minify: true }
  }))
])
