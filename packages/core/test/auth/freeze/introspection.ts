/**
 * A throw-away authenticator of another nature than those of core: it keeps nothing and asks a server about each token
 * (RFC 7662), which may be slow, wrong or gone. See docs/decisions/0050.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { AuthUnavailable, failed } from "../../../src/auth/AuthError.ts"
import * as Authenticator from "../../../src/auth/Authenticator.ts"
import * as Principal from "../../../src/auth/Principal.ts"

const Answer = Schema.Struct({
  active: Schema.Boolean,
  sub: Schema.optionalKey(Schema.String),
  scope: Schema.optionalKey(Schema.String),
  exp: Schema.optionalKey(Schema.Int)
})

export const introspection = (url: string) =>
  Authenticator.bearer({
    name: "introspection",
    verify: (token) =>
      Effect.gen(function* () {
        const json = yield* Effect.tryPromise(async (signal) => {
          const body = new URLSearchParams({ token: Redacted.value(token) })
          const response = await fetch(url, { method: "POST", body, signal })
          if (!response.ok) throw new Error(`status ${response.status}`)
          return response.json()
        })
        const { active, exp, scope, sub } = yield* Schema.decodeUnknownEffect(Answer)(json)
        if (!active || sub === undefined) return yield* failed("introspection", "invalid")
        const principal = Principal.make(sub, { scopes: scope?.split(" ") ?? [] })
        return exp === undefined ? { principal } : { principal, expiresAt: exp * 1000 }
      }).pipe(
        Effect.catchIf(
          (error) => error._tag !== "AuthenticationFailed",
          (cause) => Effect.fail(new AuthUnavailable({ operation: "introspection", message: String(cause), cause }))
        )
      )
  })
