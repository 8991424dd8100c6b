import { globSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as Plugin from "@mortise/core/app/Plugin"
import { type Registration, routes } from "@mortise/core/http/HttpPlugin"
import * as Effect from "effect/Effect"

/** Nothing but the page's own files, and nothing inline: what a message says can never run. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'"
].join("; ")
const headers = { "Content-Security-Policy": policy, "Referrer-Policy": "no-referrer" }

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * What the page loads beside its own files: one module for each file of `src/browser/`, which `npm run build` puts into
 * `dist/browser/`.
 */
const parts = Effect.sync((): ReadonlyArray<Registration> => {
  const directory = folder("../dist/browser")
  const files = globSync("*.js", { cwd: directory }).sort()
  const list: Registration = {
    route: {
      method: "GET",
      path: "/parts.json",
      handler: (_, response) => {
        response.writeHead(200, { ...headers, "Content-Type": "application/json" }).end(JSON.stringify(files))
      }
    }
  }
  return files.length === 0 ? [list] : [list, { files: { path: "/parts/", directory, headers } }]
})

/** Serves the files of `public/` and the page's parts. */
export const page = Plugin.define({
  name: "page",
  contributes: [
    routes(Effect.map(parts, (parts) => [...parts, { files: { path: "/", directory: folder("../public"), headers } }]))
  ]
})
