import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import { failed } from "../../auth/AuthError.ts"
import * as Principal from "../../auth/Principal.ts"
import * as Session from "../../auth/Session.ts"
import type { AuthCase } from "./Harness.ts"
import { authCase, elsewhere, HOUR, home } from "./Stage.ts"
import { admit, reasonOf } from "./sessions.ts"

/** How sessions are seen and ended, and what is left where one was not issued. */
export const sessionEnds: ReadonlyArray<AuthCase> = [
  authCase("an account sees its sessions, the newest first, and nobody else's", ({ clock }) =>
    Effect.gen(function* () {
      yield* admit("ada", home, "first")
      clock.shift(1000)
      yield* admit("ada", elsewhere, "second")
      yield* admit("bob")
      const listed = yield* Session.list("ada")
      assert.deepEqual(
        listed.map(({ device }) => device),
        ["second", "first"]
      )
      assert.deepEqual(
        listed.map(({ address }) => address),
        [elsewhere.address, home.address]
      )
      assert.ok(!JSON.stringify(listed).includes("tokenHash"))
    })
  ),
  authCase(
    "what has expired is not listed",
    ({ clock }) =>
      Effect.gen(function* () {
        yield* admit("ada")
        clock.shift(HOUR)
        yield* admit("ada", home, "young")
        clock.shift(HOUR)
        assert.deepEqual(
          (yield* Session.list("ada")).map(({ device }) => device),
          ["young"]
        )
      }),
    { policy: { absoluteMillis: 2 * HOUR } }
  ),
  authCase("a revoked session lets nobody in, at once, and the others stay", ({ events }) =>
    Effect.gen(function* () {
      const one = yield* admit("ada")
      const other = yield* admit("ada")
      assert.equal(yield* Session.revoke("ada", one.session.id), true)
      assert.equal(yield* reasonOf(Session.verify(one.token)), "invalid")
      yield* Session.verify(other.token)
      assert.equal(yield* Session.revoke("ada", one.session.id), false)
      assert.deepEqual(
        events.filter(({ type }) => type === "revoked"),
        [{ type: "revoked", ids: [one.session.id] }]
      )
    })
  ),
  authCase("nobody revokes the session of another account", () =>
    Effect.gen(function* () {
      const { session, token } = yield* admit("ada")
      assert.equal(yield* Session.revoke("bob", session.id), false)
      yield* Session.verify(token)
    })
  ),
  authCase("revoking all but one leaves that one, and the sessions of others", ({ events }) =>
    Effect.gen(function* () {
      const kept = yield* admit("ada")
      const gone = [yield* admit("ada"), yield* admit("ada")]
      const other = yield* admit("bob")
      assert.equal(yield* Session.revokeAll("ada", kept.session.id), 2)
      for (const { token } of gone) assert.equal(yield* reasonOf(Session.verify(token)), "invalid")
      yield* Session.verify(kept.token)
      yield* Session.verify(other.token)
      const revoked = events.flatMap((event) => (event.type === "revoked" ? event.ids : []))
      assert.deepEqual(new Set(revoked), new Set(gone.map(({ session }) => session.id)))
      assert.equal(yield* Session.revokeAll("ada"), 1)
      assert.equal(yield* Session.revokeAll("ada"), 0)
    })
  ),
  authCase(
    "an account has no more sessions than it may: the longest unseen make room, the new one stays",
    ({ clock }) =>
      Effect.gen(function* () {
        const tokens: Array<Redacted.Redacted<string>> = []
        for (let i = 0; i < 4; i++) {
          clock.shift(120_000)
          // the first is in use, the second is not
          if (tokens[0] !== undefined) yield* Session.verify(tokens[0])
          tokens.push((yield* admit("ada")).token)
        }
        assert.equal((yield* Session.list("ada")).length, 3)
        yield* Session.verify(tokens[0] as Redacted.Redacted<string>)
        assert.equal(yield* reasonOf(Session.verify(tokens[1] as Redacted.Redacted<string>)), "invalid")
        yield* Session.verify(tokens[3] as Redacted.Redacted<string>)
      }),
    { policy: { maxPerAccount: 3 } }
  ),
  authCase(
    "sweeping removes what is over, and that only",
    ({ clock, stores }) =>
      Effect.gen(function* () {
        const old = yield* admit("ada")
        clock.shift(2 * HOUR)
        const idle = yield* admit("bob")
        clock.shift(HOUR)
        const young = yield* admit("eve")
        clock.shift(90 * 60_000)
        assert.equal(yield* Session.sweep, 2)
        assert.equal(yield* Session.sweep, 0)
        const dump = yield* stores.dump
        for (const { session } of [old, idle]) assert.ok(!dump.includes(session.row.tokenHash))
        assert.ok(dump.includes(young.session.row.tokenHash))
      }),
    { policy: { absoluteMillis: 4 * HOUR, idleMillis: 2 * HOUR } }
  ),
  authCase("a flow that does not verify leaves no session", ({ stores }) =>
    Effect.gen(function* () {
      const before = yield* stores.dump
      const attempt = { account: "ada", ...home, method: "kit", verify: Effect.fail(failed("kit", "invalid")) }
      assert.equal(yield* reasonOf(Session.issue(attempt)), "invalid")
      assert.equal(yield* stores.dump, before)
    })
  ),
  authCase("a flow that takes back its commit leaves no session", ({ stores }) =>
    Effect.gen(function* () {
      const before = yield* stores.dump
      const verify = Effect.succeed({ account: "ada", principal: Principal.make("ada") })
      const attempt = {
        account: "ada",
        ...home,
        method: "kit",
        verify,
        commit: () => Effect.fail(failed("kit", "revoked"))
      }
      assert.equal(yield* reasonOf(Session.issue(attempt)), "revoked")
      assert.equal(yield* stores.dump, before)
    })
  ),
  authCase("two at once have two sessions", () =>
    Effect.gen(function* () {
      const all = yield* Effect.all(
        Array.from({ length: 20 }, () => admit("ada")),
        { concurrency: "unbounded" }
      )
      assert.equal(new Set(all.map(({ session }) => session.id)).size, 20)
      for (const { token } of all) yield* Session.verify(token)
    })
  ),
  authCase(
    "a session outlives the process that issued it, and is revoked for all of them",
    ({ over, stores }) =>
      Effect.gen(function* () {
        const { session, token } = yield* admit("ada")
        const other = yield* stores.reopen as NonNullable<typeof stores.reopen>
        assert.equal((yield* over(other, Session.verify(token))).id, session.id)
        yield* over(other, Session.revoke("ada", session.id))
        assert.equal(yield* reasonOf(Session.verify(token)), "invalid")
      }),
    { needs: ["durable"] }
  ),
  authCase(
    "where the store does not answer, nobody gets in and nobody is told that the token is wrong",
    ({ stores }) =>
      Effect.gen(function* () {
        const { token } = yield* admit("ada")
        yield* stores.break as NonNullable<typeof stores.break>
        assert.equal(yield* reasonOf(Session.verify(token)), "AuthUnavailable")
        assert.equal(yield* reasonOf(admit("bob")), "AuthUnavailable")
        assert.equal(yield* reasonOf(Session.list("ada")), "AuthUnavailable")
      }),
    { needs: ["breaks"] }
  )
]
