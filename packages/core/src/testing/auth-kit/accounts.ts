import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Accounts from "../../auth/Accounts.ts"
import * as Session from "../../auth/Session.ts"
import type { AuthCase } from "./Harness.ts"
import { authCase, elsewhere, home, secret } from "./Stage.ts"

const right = secret("correct horse battery")
const wrong = secret("incorrect horse battery")

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
  )
]
