/**
 * An `Auth` for tests: whoever shows a bearer token is the principal of that name, whoever shows nothing is nobody. It
 * records what it was asked, and can be told to answer otherwise.
 *
 * @example
 * const test = yield* AuthTest.AuthTest
 * yield* test.simulate(() => Effect.fail(AuthError.failed("test", "expired")))
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Auth from "../auth/Auth.ts"
import type { AuthenticationFailed, AuthUnavailable } from "../auth/AuthError.ts"
import * as Credentials from "../auth/Credentials.ts"
import * as Principal from "../auth/Principal.ts"
import type { PeerInfo } from "../transport/Transport.ts"

/** One question, and what it came to. The credentials are those that were shown: they are redacted. */
export interface Asked {
  readonly credentials: Credentials.Credentials
  readonly peer: PeerInfo
  readonly outcome: Auth.Authenticated | AuthenticationFailed | AuthUnavailable | undefined
}

export type Answer = (
  credentials: Credentials.Credentials,
  peer: PeerInfo
) => Effect.Effect<Auth.Authenticated | undefined, AuthenticationFailed | AuthUnavailable>

export class AuthTest extends Context.Service<
  AuthTest,
  {
    /** What was asked, the oldest first. */
    readonly recorded: Effect.Effect<ReadonlyArray<Asked>>
    /** Answers like this from now on; without an argument, as at the beginning. */
    readonly simulate: (answer?: Answer) => Effect.Effect<void>
  }
>()("@mortise/core/testing/AuthTest") {}

const byName: Answer = (credentials) =>
  Effect.sync(() => {
    const name = Credentials.authorization(credentials, "Bearer")
    if (name === undefined) return undefined
    return { principal: Principal.make(name, { claims: { name } }), method: "test" }
  })

const make = Effect.gen(function* () {
  const recorded: Array<Asked> = []
  let answer = byName
  const auth = yield* Auth.make([
    {
      name: "test",
      reads: [],
      authenticate: (credentials, peer) => {
        const note = (outcome: Asked["outcome"]) =>
          Effect.sync(() => void recorded.push({ credentials, peer, outcome }))
        return Effect.suspend(() => answer(credentials, peer)).pipe(Effect.tap(note), Effect.tapError(note))
      }
    }
  ])
  const test = AuthTest.of({
    recorded: Effect.sync(() => [...recorded]),
    simulate: (next = byName) => Effect.sync(() => void (answer = next))
  })
  return Context.add(Context.make(Auth.Auth, auth), AuthTest, test)
})

export const layer: Layer.Layer<Auth.Auth | AuthTest> = Layer.effectContext(make)
