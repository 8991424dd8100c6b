import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, it } from "@effect/vitest"
import * as Plugin from "@mortise/core/app/Plugin"
import { Auth } from "@mortise/core/auth/Auth"
import { auth } from "@mortise/core/auth/AuthPlugin"
import * as Credentials from "@mortise/core/auth/Credentials"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { SignJWT } from "jose"
import { jwt } from "../src/index.ts"

const secret = "a shared secret of more than thirty-two bytes"
const config = { jwt: { algorithm: "HS256", key: secret, issuer: "issuer", audience: "chat" } } as const
const peer = { transport: "test", address: "192.0.2.1", secure: true, headers: new Map(), path: "", origin: undefined }

describe("the plugin", () => {
  it.live("contributes its authenticator to the app's Auth", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const app = Plugin.compose(jwt(), auth())
        const context = (yield* Layer.build(app.layer(config))) as Context.Context<Auth>
        const token = yield* Effect.promise(() =>
          new SignJWT({ sub: "ada", iss: "issuer", aud: "chat" })
            .setProtectedHeader({ alg: "HS256", typ: "JWT" })
            .setExpirationTime("1m")
            .sign(Buffer.from(secret))
        )
        const known = yield* Context.get(context, Auth).authenticate(Credentials.bearer(token), peer)
        assert.equal(known?.principal.id, "ada")
      })
    )
  )

  it("is what its manifest says", () => {
    const file = JSON.parse(readFileSync(new URL("../manifest.json", import.meta.url), "utf8"))
    const [entry] = file.plugins
    const { manifest } = jwt
    assert.equal(entry.name, manifest.name)
    assert.deepEqual(
      entry.provides,
      manifest.provides.map(({ key }) => key)
    )
    assert.deepEqual(
      entry.requires,
      manifest.requires.map(({ key }) => key)
    )
    const fields = (manifest.config as unknown as { readonly fields: object }).fields
    assert.ok(entry.config.length > 0)
    for (const { path } of entry.config)
      assert.ok(
        Object.keys(fields).some((name) => path === `jwt.${name}`),
        path
      )
  })
})
