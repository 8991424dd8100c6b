import { globSync } from "node:fs"
import { defineConfig } from "rolldown"

/** The server, and a module for the page from each file of `src/browser/` whose name begins with a small letter. */
export default defineConfig([
  {
    input: "src/main.ts",
    platform: "node",
    // what is native code, as the hash of passwords, cannot be bundled: it stays in node_modules
    external: /^@node-rs\//,
    output: {
      dir: "dist",
      cleanDir: true,
      // what several parts share would be called after any one module of it
      chunkFileNames: ({ isDynamicEntry }) => (isDynamicEntry ? "[name]-[hash].js" : "shared-[hash].js")
    }
  },
  ...globSync("src/browser/[a-z]*.ts").map((input) => ({
    input,
    platform: "browser" as const,
    output: { dir: "dist/browser", minify: true }
  }))
])
