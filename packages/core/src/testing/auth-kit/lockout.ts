import assert from "node:assert/strict"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Accounts from "../../auth/Accounts.ts"
import * as Auth from "../../auth/Auth.ts"
import { AuthUnavailable, failed } from "../../auth/AuthError.ts"
import * as Authenticator from "../../auth/Authenticator.ts"
import * as Credentials from "../../auth/Credentials.ts"
import * as Lockout from "../../auth/Lockout.ts"
import { why } from "./accounts.ts"
import type { AuthCase } from "./Harness.ts"
import { authCase, elsewhere, HOUR, home, secret } from "./Stage.ts"

const peer = { transport: "kit", ...home, secure: true, headers: new Map(), path: "", origin: undefined }
const right = secret("correct horse battery")
const wrong = secret("incorrect horse battery")
const at = (account: string, { address } = home) => ({ account, address, method: "kit" })
const bad = (account = "ada", from = home) => Lockout.attempt(at(account, from), Effect.fail(failed("kit", "invalid")))
const good = (account = "ada", from = home) => Lockout.attempt(at(account, from), Effect.void)
const retryOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), (error) => {
    const { reason, retryAfterMillis } = error as { readonly reason?: string; readonly retryAfterMillis?: number }
    return reason === "locked" ? retryAfterMillis : reason
  })

/** Guessing, and what it costs. */
export const lockout: ReadonlyArray<AuthCase> = [
  authCase(
    "of 200 bad logins at once exactly the free ones are evaluated, the rest is told when to come back",
    ({ hashes }) =>
      Effect.gen(function* () {
        yield* Accounts.register("Ada", right, home)
        const before = hashes()
        const tries = Array.from({ length: 200 }, () => Effect.flip(Accounts.login("Ada", wrong, elsewhere)))
        const errors = yield* Effect.all(tries, { concurrency: "unbounded" })
        assert.equal(hashes() - before, 5)
        let locked = 0
        for (const error of errors) {
          assert.ok(error._tag === "AuthenticationFailed")
          if (error.reason === "locked") {
            locked++
            assert.ok((error.retryAfterMillis ?? 0) > 0)
          } else assert.equal(error.reason, "invalid")
        }
        assert.equal(locked, 195)
        // the owner is at home
        yield* Accounts.login("Ada", right, home)
        assert.equal(yield* why(Accounts.login("Ada", right, elsewhere)), "locked")
      })
  ),
  authCase(
    "the delay doubles with each failure, up to its bound",
    ({ turn }) =>
      Effect.gen(function* () {
        for (let i = 0; i < 5; i++) yield* Effect.flip(bad())
        for (const delay of [1000, 2000, 4000, 8000, 10_000, 10_000]) {
          assert.equal(yield* retryOf(good()), delay)
          turn.advance(delay - 1)
          assert.equal(yield* retryOf(good()), 1)
          turn.advance(1)
          assert.equal(yield* retryOf(bad()), "invalid")
        }
      }),
    { lockout: { maxDelayMillis: 10_000 } }
  ),
  authCase("a success forgets the failures", ({ turn }) =>
    Effect.gen(function* () {
      for (let i = 0; i < 5; i++) yield* Effect.flip(bad())
      turn.advance(1000)
      yield* good()
      for (let i = 0; i < 5; i++) assert.equal(yield* retryOf(bad()), "invalid")
      assert.equal(yield* retryOf(good()), 1000)
    })
  ),
  authCase("registering a name that is taken forgets no failures of its account", () =>
    Effect.gen(function* () {
      yield* Accounts.register("Ada", right, home)
      const reasons: Array<string> = []
      for (let i = 0; i < 8; i++) {
        reasons.push(yield* why(Accounts.login("Ada", wrong, elsewhere)))
        assert.equal(yield* why(Accounts.register("ada", right, elsewhere)), i < 4 ? "NameTaken" : "locked")
      }
      assert.deepEqual(reasons.slice(5), ["locked", "locked", "locked"])
    })
  ),
  authCase("all spellings of a name and all ways to log in by it have one count", () =>
    Effect.gen(function* () {
      const auth = yield* Auth.make([yield* Authenticator.basic({ verify: Accounts.principal })])
      const basic = (name: string) => auth.authenticate(Credentials.basic(name, "incorrect horse battery"), peer)
      const reasons = [
        yield* why(basic("Ada")),
        yield* why(basic("ADA")),
        yield* why(Accounts.login("aDa", wrong, home)),
        yield* why(basic("Ａda")),
        yield* why(Accounts.login("adA", wrong, home)),
        yield* why(basic("aDA")),
        yield* why(Accounts.login("ADa", wrong, home))
      ]
      assert.deepEqual(reasons, ["invalid", "invalid", "invalid", "invalid", "invalid", "locked", "locked"])
    })
  ),
  authCase("failures are forgotten when the last one is long ago", ({ turn }) =>
    Effect.gen(function* () {
      for (let i = 0; i < 7; i++) {
        yield* Effect.flip(bad())
        turn.advance(i < 4 ? 0 : 60_000)
      }
      turn.advance(HOUR)
      for (let i = 0; i < 5; i++) assert.equal(yield* retryOf(bad()), "invalid")
    })
  ),
  authCase("other accounts and other addresses are not touched", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 6; i++) yield* Effect.flip(bad())
      assert.equal(yield* retryOf(good()), 1000)
      yield* good("ada", elsewhere)
      yield* good("bob")
    })
  ),
  authCase("an IPv6 address counts by its first 64 bits, and an IPv4 address in its clothes by itself", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 5; i++) yield* Effect.flip(bad("ada", { address: `2001:db8:0:1::${i + 1}` }))
      for (const address of ["2001:db8:0:1:ffff::9", "2001:0DB8:0000:0001:1:2:3:4"])
        assert.equal(yield* retryOf(good("ada", { address })), 1000, address)
      yield* good("ada", { address: "2001:db8:0:2::1" })
      for (let i = 0; i < 5; i++) yield* Effect.flip(bad("bob", { address: "::ffff:192.0.2.9" }))
      assert.equal(yield* retryOf(good("bob", { address: "192.0.2.9" })), 1000)
      yield* good("bob", { address: "::ffff:192.0.2.10" })
    })
  ),
  authCase("the clock of the day may jump: a lock is as long as it was", ({ clock, turn }) =>
    Effect.gen(function* () {
      for (let i = 0; i < 5; i++) yield* Effect.flip(bad())
      clock.shift(HOUR)
      assert.equal(yield* retryOf(good()), 1000)
      clock.shift(-3 * HOUR)
      assert.equal(yield* retryOf(good()), 1000)
      turn.advance(1000)
      yield* good()
    })
  ),
  authCase("who hangs up has had a try", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 5; i++) {
        const begun = yield* Deferred.make<void>()
        const check = Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
        const fiber = yield* Effect.forkChild(Lockout.attempt(at("ada"), check))
        yield* Deferred.await(begun)
        yield* Fiber.interrupt(fiber)
      }
      assert.equal(yield* retryOf(good()), 1000)
    })
  ),
  authCase("what could not be evaluated does not count", () =>
    Effect.gen(function* () {
      const down = new AuthUnavailable({ operation: "kit", message: "down" })
      const errors = [down, failed("kit", "overloaded"), failed("kit", "locked")]
      for (let i = 0; i < 10; i++)
        for (const error of errors) yield* Effect.flip(Lockout.attempt(at("ada"), Effect.fail(error)))
      for (let i = 0; i < 10; i++) yield* Effect.exit(Lockout.attempt(at("ada"), Effect.die("a bug")))
      yield* good()
    })
  ),
  authCase(
    "a flood of names keeps the bound: the pair that failed the longest ago is forgotten first",
    () =>
      Effect.gen(function* () {
        for (let i = 0; i < 5; i++) yield* Effect.flip(bad("old"))
        for (let i = 0; i < 5; i++) yield* Effect.flip(bad("young"))
        for (let i = 0; i < 99; i++) yield* Effect.flip(bad(`name ${i}`))
        assert.equal(yield* retryOf(good("young")), 1000)
        yield* good("old")
      }),
    { lockout: { maxEntries: 100 } }
  ),
  authCase(
    "where as many are trying as are kept, further ones wait",
    () =>
      Effect.gen(function* () {
        const go = yield* Deferred.make<void>()
        const fibers = yield* Effect.forEach(["a", "b", "c"], (name) =>
          Effect.forkChild(Lockout.attempt(at(name), Deferred.await(go)), { startImmediately: true })
        )
        assert.equal(yield* retryOf(good("d")), 1000)
        yield* Deferred.succeed(go, undefined)
        for (const fiber of fibers) yield* Fiber.join(fiber)
        yield* good("d")
      }),
    { lockout: { maxEntries: 3 } }
  ),
  authCase("a name of a megabyte costs no more memory than a short one, and counts", () =>
    Effect.gen(function* () {
      const long = "x".repeat(1 << 20)
      for (let i = 0; i < 5; i++) yield* Effect.flip(bad(long))
      assert.equal(yield* retryOf(good(long)), 1000)
      yield* good(long.slice(1))
    })
  )
]
