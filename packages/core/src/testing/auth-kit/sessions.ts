import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { hashToken } from "../../auth/internal/tokens.ts"
import * as Principal from "../../auth/Principal.ts"
import * as Session from "../../auth/Session.ts"
import { SessionStore } from "../../auth/SessionStore.ts"
import type { AuthCase } from "./Harness.ts"
import { authCase, HOUR, home, secret } from "./Stage.ts"

/** Lets `account` in, as a flow that has verified it does. */
export const admit = (account: string, from = home, device?: string) =>
  Session.issue({
    account,
    ...from,
    method: "kit",
    ...(device === undefined ? {} : { device }),
    verify: Effect.succeed({
      account,
      principal: Principal.make(account, { scopes: ["chat"], claims: { name: account } })
    })
  })
export const reasonOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), (error) => (error as unknown as { readonly reason?: string }).reason ?? error._tag)

/** Sessions: issued once, known by their token, ended by time and by wish. */
export const sessions: ReadonlyArray<AuthCase> = [
  authCase("a session is known by its token, with all that was said of its principal", () =>
    Effect.gen(function* () {
      const { session, token } = yield* admit("ada", home, "a phone")
      const known = yield* Session.verify(token)
      assert.equal(known.id, session.id)
      assert.equal(known.account, "ada")
      assert.deepEqual(known.principal, { id: "ada", scopes: ["chat"], claims: { name: "ada" } })
      assert.equal(known.row.address, home.address)
      assert.equal(known.row.device, "a phone")
    })
  ),
  authCase("a token has 256 bits of its own, and says what it is", () =>
    Effect.gen(function* () {
      const texts = new Set<string>()
      for (let i = 0; i < 20; i++) texts.add(Redacted.value((yield* admit(`account ${i}`)).token))
      assert.equal(texts.size, 20)
      for (const text of texts) assert.match(text, /^mses_[\w-]{43}$/)
    })
  ),
  authCase("neither the token nor its bytes are kept, but its hash; a stolen store lets nobody in", ({ stores }) =>
    Effect.gen(function* () {
      const { token } = yield* admit("ada")
      const text = Redacted.value(token)
      const dump = yield* stores.dump
      assert.ok(dump.includes(hashToken(text)), "the hash is there")
      assert.ok(!dump.includes(text))
      assert.ok(!dump.includes(text.slice("mses_".length)))
      const bytes = Buffer.from(text.slice("mses_".length), "base64url")
      assert.ok(!dump.includes(bytes.toString("hex")))
      for (const kept of dump.match(/[\w-]{16,}/g) ?? []) {
        for (const guess of [kept, `mses_${kept}`, `mses_${Buffer.from(kept, "hex").toString("base64url")}`]) {
          assert.notEqual((yield* Effect.exit(Session.verify(secret(guess))))._tag, "Success", guess)
        }
      }
    })
  ),
  authCase("a token that nobody was given is invalid, and a text of another form is unrecognized", () =>
    Effect.gen(function* () {
      const { token } = yield* admit("ada")
      const text = Redacted.value(token)
      const last = text.at(-1) === "A" ? "B" : "A"
      assert.equal(yield* reasonOf(Session.verify(secret(text.slice(0, -1) + last))), "invalid")
      for (const other of [
        "",
        "mses_",
        `${text} `,
        ` ${text}`,
        text.slice(1),
        `${text}\0`,
        text.toUpperCase(),
        "mtok_" + text.slice(5),
        "x".repeat(1 << 20)
      ])
        assert.equal(yield* reasonOf(Session.verify(secret(other))), "unrecognized")
    })
  ),
  authCase("texts that would be SQL somewhere find nothing and break nothing", () =>
    Effect.gen(function* () {
      const { token } = yield* admit("ada")
      const store = yield* SessionStore
      for (const text of ["' OR '1'='1", `"; DROP TABLE sessions; --`, "\\", "%", "$1", "?", "\u0000", "🪵"]) {
        assert.equal(yield* store.find(text), undefined)
        assert.deepEqual(yield* Session.list(text), [])
        assert.equal(yield* Session.revoke("ada", text), false)
        assert.equal(yield* Session.revokeAll(text), 0)
      }
      assert.equal((yield* Session.verify(token)).account, "ada")
    })
  ),
  authCase("names and claims come back as they were, whatever their letters", () =>
    Effect.gen(function* () {
      const name = `Zoë "O'Neil" 名前 🪵 \\ %`
      const { token } = yield* Session.issue({
        account: "zoe",
        ...home,
        method: "kit",
        device: name,
        verify: Effect.succeed({
          account: "zoe",
          principal: Principal.make("zoe", { claims: { name, deep: [{ a: null, b: 1.5, c: true }] } })
        })
      })
      const known = yield* Session.verify(token)
      assert.deepEqual(known.principal.claims, { name, deep: [{ a: null, b: 1.5, c: true }] })
      assert.equal(known.row.device, name)
    })
  ),
  authCase(
    "it expires at its absolute end, to the millisecond, however much it is used",
    ({ clock }) =>
      Effect.gen(function* () {
        const { token } = yield* admit("ada")
        for (let i = 0; i < 9; i++) {
          clock.shift(HOUR)
          yield* Session.verify(token)
        }
        clock.shift(HOUR - 1)
        yield* Session.verify(token)
        clock.shift(1)
        assert.equal(yield* reasonOf(Session.verify(token)), "expired")
        assert.equal(yield* reasonOf(Session.verify(token)), "invalid")
      }),
    { policy: { absoluteMillis: 10 * HOUR, idleMillis: 5 * HOUR } }
  ),
  authCase(
    "unused, it expires after its idle time; used, it does not",
    ({ clock }) =>
      Effect.gen(function* () {
        const { token } = yield* admit("ada")
        for (let i = 0; i < 5; i++) {
          clock.shift(HOUR)
          yield* Session.verify(token)
        }
        clock.shift(HOUR + 1)
        assert.equal(yield* reasonOf(Session.verify(token)), "expired")
      }),
    { policy: { idleMillis: HOUR } }
  ),
  authCase(
    "a clock that is set back by an hour ends no session, and makes none last longer than its absolute end",
    ({ clock }) =>
      Effect.gen(function* () {
        const { token } = yield* admit("ada")
        clock.shift(-HOUR)
        yield* Session.verify(token)
        clock.shift(HOUR)
        yield* Session.verify(token)
        clock.shift(2 * HOUR)
        assert.equal(yield* reasonOf(Session.verify(token)), "expired")
      }),
    { policy: { absoluteMillis: 2 * HOUR, idleMillis: 2 * HOUR } }
  ),
  authCase(
    "a clock that is set forward by an hour ends what has less than an hour left, and nothing else",
    ({ clock }) =>
      Effect.gen(function* () {
        const { token } = yield* admit("ada")
        clock.shift(2 * HOUR)
        const { token: late } = yield* admit("bob")
        clock.shift(HOUR)
        assert.equal(yield* reasonOf(Session.verify(token)), "expired")
        assert.equal((yield* Session.verify(late)).account, "bob")
      }),
    { policy: { absoluteMillis: 3 * HOUR, idleMillis: 3 * HOUR } }
  )
]
