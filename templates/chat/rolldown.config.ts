import { globSync } from "node:fs"
import { defineConfig } from "rolldown"

/** The server, and a module for the page from each file of `src/browser/` whose name begins with a small letter. */
export default defineConfig([
  // what is native code, as the hash of passwords, cannot be bundled: it stays in node_modules
  { input: "src/main.ts", platform: "node", external: /^@node-rs\//, output: { dir: "dist", cleanDir: true } },
  ...globSync("src/browser/[a-z]*.ts").map((input) => ({
    input,
    platform: "browser" as const,
    output: { dir: "dist/browser", minify: true }
  }))
])
