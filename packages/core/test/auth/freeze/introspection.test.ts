import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Auth from "../../../src/auth/Auth.ts"
import * as Credentials from "../../../src/auth/Credentials.ts"
import { introspection } from "./introspection.ts"

const peer = { transport: "test", address: "192.0.2.1", secure: true, headers: new Map(), path: "", origin: undefined }

/** A server that knows three tokens, and breaks for two others. */
const server = Effect.acquireRelease(
  Effect.callback<ReturnType<typeof createServer>>((resume) => {
    const made = createServer((request, response) => {
      let body = ""
      request.on("data", (chunk) => void (body += chunk))
      request.on("end", () => {
        const token = new URLSearchParams(body).get("token")
        if (token === "breaks") response.writeHead(500).end()
        else if (token === "nonsense") response.end("[]")
        else if (token === "ada")
          response.end(JSON.stringify({ active: true, sub: "ada", scope: "a b", exp: 2_000_000_000 }))
        else response.end(JSON.stringify({ active: false }))
      })
    })
    made.listen(0, "127.0.0.1", () => resume(Effect.succeed(made)))
  }),
  (made) =>
    Effect.callback<void>((resume) => {
      made.closeAllConnections()
      made.close(() => resume(Effect.void))
    })
)

describe("an authenticator that asks another server", () => {
  it.live("knows, refuses, and fails closed where there is no answer", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const made = yield* server
        const url = `http://127.0.0.1:${(made.address() as AddressInfo).port}/`
        const auth = yield* Auth.make([yield* introspection(url)])
        const ask = (token: string) => auth.authenticate(Credentials.bearer(token), peer)
        assert.deepStrictEqual(yield* ask("ada"), {
          principal: { id: "ada", scopes: ["a", "b"], claims: {} },
          method: "introspection",
          expiresAt: 2_000_000_000_000
        })
        const wrong = yield* Effect.flip(ask("eve"))
        assert.ok(wrong._tag === "AuthenticationFailed" && wrong.reason === "invalid")
        for (const token of ["breaks", "nonsense"])
          assert.strictEqual((yield* Effect.flip(ask(token)))._tag, "AuthUnavailable")
        const gone = yield* Auth.make([yield* introspection("http://127.0.0.1:1/")])
        const error = yield* Effect.flip(gone.authenticate(Credentials.bearer("ada"), peer))
        assert.strictEqual(error._tag, "AuthUnavailable")
      })
    )
  )
})
