import { fileURLToPath } from "node:url"
import * as Plugin from "@mortise/core/app/Plugin"
import { routes } from "@mortise/core/http/HttpPlugin"
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

/** Serves the files of `public/`. */
export const page = Plugin.define({
  name: "page",
  contributes: [
    routes(
      Effect.succeed([
        {
          files: {
            path: "/",
            directory: fileURLToPath(new URL("../public", import.meta.url)),
            headers: { "Content-Security-Policy": policy, "Referrer-Policy": "no-referrer" }
          }
        }
      ])
    )
  ]
})
