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

/** The reason, or the tag where there is none. */
export const why = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), (error) => (error as unknown as { readonly reason?: string }).reason ?? error._tag)

/** Accounts: names, passwords, and what is told of them. */
export const accounts: ReadonlyArray<AuthCase> = [
  authCase("who registers is let in, and may log in again", () =>
    Effect.gen(function* () {
      const { session, token } = yield* Accounts.register("Ada", right, home)
      assert.equal(session.principal.claims["name"], "Ada")
      assert.equal((yield* Session.verify(token)).account, session.account)
      const again = yield* Accounts.login("Ada", right, elsewhere)
      assert.equal(again.session.account, session.account)
      assert.notEqual(again.session.id, session.id)
      assert.equal((yield* Session.list(session.account)).length, 2)
    })
  ),
  authCase("a name is taken in every spelling, and is known in every spelling", () =>
    Effect.gen(function* () {
      const { session } = yield* Accounts.register("Zoë", right, home)
      for (const other of ["Zoë", "zoë", "ZOË", "Zoe\u0308", "Ｚoë"]) {
        assert.equal(yield* why(Accounts.register(other, right, home)), "NameTaken", other)
        assert.equal((yield* Accounts.login(other, right, home)).session.account, session.account, other)
      }
      yield* Accounts.register("Zoe", right, home)
    })
  ),
  authCase("of many who want one name at once, one gets it", ({ stores }) =>
    Effect.gen(function* () {
      const all = Array.from({ length: 5 }, (_, i) =>
        Effect.result(Accounts.register("Ada", right, { address: `192.0.2.${i}` }))
      )
      const results = yield* Effect.all(all, { concurrency: "unbounded" })
      assert.equal(results.filter(({ _tag }) => _tag === "Success").length, 1)
      for (const result of results) if (result._tag === "Failure") assert.equal(result.failure._tag, "NameTaken")
      const won = results.find(({ _tag }) => _tag === "Success")
      assert.ok(won?._tag === "Success")
      assert.equal((yield* Session.list(won.success.session.account)).length, 1)
      assert.equal(yield* stores.dump.pipe(Effect.map((dump) => dump.split("argon2id").length - 1)), 1)
    })
  ),
  authCase("names are letters and digits, 3 to 50 of them", () =>
    Effect.gen(function* () {
      for (const name of [
        "",
        "ab",
        "x".repeat(51),
        "a b c",
        "../etc",
        "a\0bc",
        "ada\n",
        "' OR 1=1",
        "-ada",
        "<b>ada",
        "a\u202eda",
        "x".repeat(1 << 20)
      ])
        assert.equal(yield* why(Accounts.register(name, right, home)), "NameRefused", JSON.stringify(name.slice(0, 60)))
      for (const name of ["abc", "x".repeat(50), "名前三", "a.b-c_d", "42nd"])
        yield* Accounts.register(name, right, home)
    })
  ),
  authCase(
    "an unknown name and a wrong password have the same answer, for the same number of hashes",
    ({ events, hashes }) =>
      Effect.gen(function* () {
        yield* Accounts.register("Ada", right, home)
        const ask = (name: string) =>
          Effect.gen(function* () {
            const before = hashes()
            const error = yield* Effect.flip(Accounts.login(name, wrong, elsewhere))
            assert.ok(error._tag === "AuthenticationFailed")
            return { reason: error.reason, message: error.message, method: error.method, hashes: hashes() - before }
          })
        assert.deepEqual(yield* ask("Ada"), yield* ask("Nobody"))
        assert.deepEqual(yield* ask("Ada"), yield* ask("a name that none can have"))
        const failed = events.filter(({ type }) => type === "failed")
        assert.deepEqual(
          failed.map((event) => event.type === "failed" && event.account),
          ["ada", "nobody", "ada", "a name that none can have"]
        )
      })
  ),
  authCase("passwords of every kind of text: Unicode in any form, NUL, 4 KiB", () =>
    Effect.gen(function* () {
      const passwords = [
        "pässwörd",
        "密碼密碼密碼密碼",
        "with\0nul\0inside",
        " leading and trailing ",
        "🪵🪵🪵🪵🪵🪵🪵🪵",
        "x".repeat(4096),
        "ß".repeat(2048)
      ]
      for (const [i, text] of passwords.entries()) {
        yield* Accounts.register(`user${i}`, secret(text), home)
        yield* Accounts.login(`user${i}`, secret(text), home)
        const cut = text.includes("\0") ? text.slice(0, text.indexOf("\0")) : text.slice(0, -1)
        assert.equal(yield* why(Accounts.login(`user${i}`, secret(cut), home)), "invalid", "nothing is cut off")
      }
      yield* Accounts.login("user0", secret("pa\u0308sswo\u0308rd"), home)
    })
  ),
  authCase("passwords that are too short, too long or no text are refused, and log nobody in", () =>
    Effect.gen(function* () {
      const bad = [
        ["seven77", "too-short"],
        ["", "too-short"],
        ["🪵".repeat(7), "too-short"],
        ["x".repeat(4097), "too-long"],
        ["ß".repeat(2049), "too-long"],
        ["x".repeat(1 << 20), "too-long"],
        ["lone surrogate \ud800", "not-text"]
      ] as const
      for (const [text, reason] of bad) assert.equal(yield* why(Accounts.register("Ada", secret(text), home)), reason)
      yield* Accounts.register("Ada", right, home)
      for (const [text] of bad.slice(3))
        assert.equal(yield* why(Accounts.login("Ada", secret(text), { address: text.slice(-9) })), "invalid")
    })
  ),
  authCase("no password and no token is kept as it is", ({ stores }) =>
    Effect.gen(function* () {
      yield* Accounts.register("Ada", right, home)
      const dump = yield* stores.dump
      assert.ok(!dump.includes("correct horse"))
      assert.match(dump, /\$argon2id\$v=19\$m=64,t=1,p=1\$/)
    })
  ),
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
