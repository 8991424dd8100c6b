import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Auth } from "../../src/auth/Auth.ts"
import * as AuthError from "../../src/auth/AuthError.ts"
import * as Credentials from "../../src/auth/Credentials.ts"
import * as AuthTest from "../../src/testing/AuthTest.ts"

const peer = { transport: "test", address: "192.0.2.1", secure: true, headers: new Map(), path: "", origin: undefined }

describe("the Auth of tests", () => {
  it.effect("takes a token for a name, records what it is asked, and answers as it is told", () =>
    Effect.gen(function* () {
      const auth = yield* Auth
      const test = yield* AuthTest.AuthTest
      const ada = Credentials.bearer("ada")
      assert.strictEqual((yield* auth.authenticate(ada, peer))?.principal.id, "ada")
      assert.isUndefined(yield* auth.authenticate(Credentials.none, peer).pipe(Effect.map((known) => known?.principal)))
      yield* test.simulate(() => Effect.fail(AuthError.failed("test", "expired")))
      const error = yield* Effect.flip(auth.authenticate(ada, peer))
      assert.ok(error._tag === "AuthenticationFailed" && error.reason === "expired")
      yield* test.simulate()
      assert.strictEqual((yield* auth.authenticate(ada, peer))?.principal.id, "ada")
      const outcomes = (yield* test.recorded).map(({ outcome }) =>
        outcome === undefined ? "nobody" : "principal" in outcome ? outcome.principal.id : outcome._tag
      )
      assert.deepStrictEqual(outcomes, ["ada", "nobody", "AuthenticationFailed", "ada"])
    }).pipe(Effect.provide(AuthTest.layer))
  )
})
