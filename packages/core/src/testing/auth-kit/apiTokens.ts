import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as ApiToken from "../../auth/ApiToken.ts"
import { hashToken } from "../../auth/internal/tokens.ts"
import * as Principal from "../../auth/Principal.ts"
import type { AuthCase } from "./Harness.ts"
import { authCase, HOUR, secret } from "./Stage.ts"

const robot = Principal.make("ada", { scopes: ["read"] })
const make = (name: string, lifetimeMillis?: number) =>
  ApiToken.create({ owner: "ada", name, principal: robot, ...(lifetimeMillis === undefined ? {} : { lifetimeMillis }) })
const reasonOf = (token: Redacted.Redacted<string>) =>
  Effect.map(Effect.flip(ApiToken.verify(token)), (error) =>
    error._tag === "AuthenticationFailed" ? error.reason : error._tag
  )

/** Tokens for programs. */
export const apiTokens: ReadonlyArray<AuthCase> = [
  authCase("an API token is its principal, with its scopes", () =>
    Effect.gen(function* () {
      const { id, token } = yield* make("robot")
      const row = yield* ApiToken.verify(token)
      assert.equal(row.id, id)
      assert.deepEqual(row.principal, robot)
      assert.equal(row.name, "robot")
      assert.equal(row.expiresAt, undefined)
    })
  ),
  authCase("of an API token only the hash is kept", ({ stores }) =>
    Effect.gen(function* () {
      const text = Redacted.value((yield* make("robot")).token)
      const dump = yield* stores.dump
      assert.ok(dump.includes(hashToken(text)))
      assert.ok(!dump.includes(text.slice("mtok_".length)))
      assert.equal(yield* reasonOf(secret(`mtok_${hashToken(text).slice(0, 43)}`)), "invalid")
    })
  ),
  authCase("an API token is no session token, and the other way round", () =>
    Effect.gen(function* () {
      const text = Redacted.value((yield* make("robot")).token)
      assert.equal(yield* reasonOf(secret(text.replace("mtok_", "mses_"))), "unrecognized")
    })
  ),
  authCase("an API token expires, to the millisecond, and does not where it has no end", ({ clock }) =>
    Effect.gen(function* () {
      const short = yield* make("short", HOUR)
      const long = yield* make("long")
      clock.shift(HOUR - 1)
      yield* ApiToken.verify(short.token)
      clock.shift(1)
      assert.equal(yield* reasonOf(short.token), "expired")
      clock.shift(100_000 * HOUR)
      yield* ApiToken.verify(long.token)
    })
  ),
  authCase("an owner lists and revokes its tokens, and nobody else's", ({ clock }) =>
    Effect.gen(function* () {
      const first = yield* make("first")
      clock.shift(1)
      yield* make("second", HOUR)
      const listed = yield* ApiToken.list("ada")
      assert.deepEqual(
        listed.map(({ name }) => name),
        ["second", "first"]
      )
      assert.ok(!JSON.stringify(listed).includes("tokenHash"))
      assert.deepEqual(yield* ApiToken.list("bob"), [])
      assert.equal(yield* ApiToken.revoke("bob", first.id), false)
      yield* ApiToken.verify(first.token)
      assert.equal(yield* ApiToken.revoke("ada", first.id), true)
      assert.equal(yield* reasonOf(first.token), "invalid")
    })
  ),
  authCase(
    "an API token outlives the process",
    ({ over, stores }) =>
      Effect.gen(function* () {
        const { id, token } = yield* make("robot", HOUR)
        const other = yield* stores.reopen as NonNullable<typeof stores.reopen>
        const row = yield* over(other, ApiToken.verify(token))
        assert.equal(row.id, id)
        assert.deepEqual(row.principal, robot)
      }),
    { needs: ["durable"] }
  ),
  authCase(
    "where the store does not answer, an API token lets nobody in",
    ({ stores }) =>
      Effect.gen(function* () {
        const { token } = yield* make("robot")
        yield* stores.break as NonNullable<typeof stores.break>
        assert.equal(yield* reasonOf(token), "AuthUnavailable")
      }),
    { needs: ["breaks"] }
  )
]
