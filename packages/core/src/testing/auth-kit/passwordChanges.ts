import assert from "node:assert/strict"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { AccountStore } from "../../auth/AccountStore.ts"
import * as Accounts from "../../auth/Accounts.ts"
import { AuthUnavailable } from "../../auth/AuthError.ts"
import { Password } from "../../auth/Password.ts"
import * as Session from "../../auth/Session.ts"
import { SessionStore } from "../../auth/SessionStore.ts"
import type { AuthCase } from "./Harness.ts"
import { authCase, elsewhere, HOUR, home, secret } from "./Stage.ts"

const right = secret("correct horse battery")
const wrong = secret("incorrect horse battery")
const next = secret("a wholly other phrase")

import { why } from "./accounts.ts"

/** How passwords change, and what accounts are after that. */
export const passwordChanges: ReadonlyArray<AuthCase> = [
  authCase("a new password lets in, the old one does not, and all other sessions end", ({ events }) =>
    Effect.gen(function* () {
      const mine = yield* Accounts.register("Ada", right, home)
      const other = yield* Accounts.login("Ada", right, elsewhere)
      assert.equal(yield* Accounts.changePassword(mine.session, right, next, home), 1)
      yield* Session.verify(mine.token)
      assert.equal(yield* why(Session.verify(other.token)), "invalid")
      assert.equal(yield* why(Accounts.login("Ada", right, home)), "invalid")
      yield* Accounts.login("Ada", next, home)
      assert.ok(events.some((event) => event.type === "revoked" && event.ids.includes(other.session.id)))
    })
  ),
  authCase("a wrong current password changes nothing, and counts as a failed login", () =>
    Effect.gen(function* () {
      const mine = yield* Accounts.register("Ada", right, home)
      const other = yield* Accounts.login("Ada", right, elsewhere)
      for (let i = 0; i < 5; i++)
        assert.equal(yield* why(Accounts.changePassword(mine.session, wrong, next, home)), "invalid")
      assert.equal(yield* why(Accounts.changePassword(mine.session, right, next, home)), "locked")
      assert.equal(yield* why(Accounts.login("Ada", right, home)), "locked")
      yield* Session.verify(other.token)
      yield* Accounts.login("Ada", right, elsewhere)
    })
  ),
  authCase("a bad new password changes nothing", () =>
    Effect.gen(function* () {
      const mine = yield* Accounts.register("Ada", right, home)
      const other = yield* Accounts.login("Ada", right, home)
      assert.equal(yield* why(Accounts.changePassword(mine.session, right, secret("short"), home)), "too-short")
      yield* Session.verify(other.token)
      yield* Accounts.login("Ada", right, home)
    })
  ),
  authCase("of two changes at once, one holds", () =>
    Effect.gen(function* () {
      const mine = yield* Accounts.register("Ada", right, home)
      const changes = ["the first of two", "the second of two"].map((text) =>
        Effect.as(Accounts.changePassword(mine.session, right, secret(text), home), text)
      )
      const results = yield* Effect.all(changes.map(Effect.result), { concurrency: "unbounded" })
      const held = results.filter(({ _tag }) => _tag === "Success")
      assert.equal(held.length, 1)
      assert.ok(held[0]?._tag === "Success")
      yield* Accounts.login("Ada", secret(held[0].success), home)
    })
  ),
  authCase("who was checking the old password while it changed is not let in", () =>
    Effect.gen(function* () {
      const mine = yield* Accounts.register("Ada", right, home)
      const passwords = yield* Password
      const checked = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const slow = Password.of({
        ...passwords,
        verify: (text, hash) =>
          Effect.tap(passwords.verify(text, hash), () =>
            Effect.andThen(Deferred.succeed(checked, undefined), Deferred.await(go))
          )
      })
      const login = Effect.provideService(Accounts.login("Ada", right, elsewhere), Password, slow)
      const fiber = yield* Effect.forkChild(Effect.result(login))
      yield* Deferred.await(checked)
      yield* Accounts.changePassword(mine.session, right, next, home)
      yield* Deferred.succeed(go, undefined)
      const result = yield* Fiber.join(fiber)
      assert.ok(result._tag === "Failure" && result.failure._tag === "AuthenticationFailed")
      assert.equal(result.failure.reason, "invalid")
      assert.equal((yield* Session.list(mine.session.account)).length, 1)
    })
  ),
  authCase("where the session cannot be written, there is no account either", ({ stores }) =>
    Effect.gen(function* () {
      const before = yield* stores.dump
      const sessions = yield* SessionStore
      const broken = SessionStore.of({
        ...sessions,
        insert: () => Effect.fail(new AuthUnavailable({ operation: "SessionStore.insert", message: "broken" }))
      })
      const register = Effect.provideService(Accounts.register("Ada", right, home), SessionStore, broken)
      assert.equal(yield* why(register), "AuthUnavailable")
      if (stores.reopen !== undefined) assert.equal(yield* stores.dump, before)
      assert.equal(yield* why(Accounts.login("Bob", right, home)), "invalid")
    })
  ),
  authCase("a hash of yesterday's costs becomes one of today's at the next login", ({ stores }) =>
    Effect.gen(function* () {
      const { session } = yield* Accounts.register("Ada", right, home)
      const store = yield* AccountStore
      const row = yield* store.byId(session.account)
      assert.ok(row)
      const weak = row.passwordHash
      const passwords = yield* Password
      const picky = Password.of({ ...passwords, needsRehash: (hash) => hash === weak })
      yield* Effect.provideService(Accounts.login("Ada", right, home), Password, picky)
      const after = (yield* store.byId(session.account))?.passwordHash
      assert.notEqual(after, weak)
      assert.ok(!(yield* stores.dump).includes(weak))
      yield* Accounts.login("Ada", right, home)
    })
  ),
  authCase("setting a password is refused where it is no longer the one it was", () =>
    Effect.gen(function* () {
      const { session } = yield* Accounts.register("Ada", right, home)
      const store = yield* AccountStore
      const row = yield* store.byId(session.account)
      assert.equal(yield* store.setPassword(session.account, "another", "x"), false)
      assert.equal(yield* store.setPassword("nobody", "another", "x"), false)
      assert.deepEqual(yield* store.byId(session.account), row)
      assert.deepEqual(yield* store.byKey("ada"), row)
    })
  ),
  authCase("a principal of a name and a password needs no session", ({ stores }) =>
    Effect.gen(function* () {
      const { session } = yield* Accounts.register("Ada", right, home)
      const before = yield* stores.dump
      assert.equal((yield* Accounts.principal("ada", right))?.id, session.account)
      assert.equal(yield* Accounts.principal("ada", wrong), undefined)
      assert.equal(yield* Accounts.principal("nobody", right), undefined)
      assert.equal(yield* stores.dump, before)
    })
  ),
  authCase("clocks that jump by an hour let in whoever is right, before and after", ({ clock }) =>
    Effect.gen(function* () {
      yield* Accounts.register("Ada", right, home)
      for (const jump of [HOUR, -2 * HOUR, HOUR]) {
        clock.shift(jump)
        const { token } = yield* Accounts.login("Ada", right, home)
        yield* Session.verify(token)
      }
    })
  ),
  authCase(
    "accounts outlive the process",
    ({ over, stores }) =>
      Effect.gen(function* () {
        const { session } = yield* Accounts.register("Ada", right, home)
        const other = yield* stores.reopen as NonNullable<typeof stores.reopen>
        assert.equal((yield* over(other, Accounts.login("ada", right, home))).session.account, session.account)
        assert.equal(yield* over(other, why(Accounts.register("ADA", right, home))), "NameTaken")
      }),
    { needs: ["durable"] }
  ),
  authCase(
    "two processes that want one name: one gets it",
    ({ over, stores }) =>
      Effect.gen(function* () {
        const other = yield* stores.reopen as NonNullable<typeof stores.reopen>
        const here = Accounts.register("Ada", right, home)
        const there = over(other, Accounts.register("ada", right, elsewhere))
        const results = yield* Effect.all([Effect.result(here), Effect.result(there)], { concurrency: "unbounded" })
        assert.equal(results.filter(({ _tag }) => _tag === "Success").length, 1)
        for (const result of results) if (result._tag === "Failure") assert.equal(result.failure._tag, "NameTaken")
      }),
    { needs: ["durable"] }
  ),
  authCase(
    "where the store does not answer, a right password is neither taken nor called wrong, and counts for nothing",
    ({ events, stores }) =>
      Effect.gen(function* () {
        yield* Accounts.register("Ada", right, home)
        yield* stores.break as NonNullable<typeof stores.break>
        for (let i = 0; i < 10; i++) assert.equal(yield* why(Accounts.login("Ada", right, home)), "AuthUnavailable")
        assert.equal(events.filter(({ type }) => type === "failed").length, 0)
      }),
    { needs: ["breaks"] }
  )
]
