import assert from "node:assert/strict"
import { argon2Sync } from "node:crypto"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Password } from "../../auth/Password.ts"
import * as PasswordEngine from "../../auth/PasswordEngine.ts"
import { turns } from "../until.ts"
import type { AuthCase } from "./Harness.ts"
import { authCase, cheap, secret } from "./Stage.ts"

const slowly =
  (go: Deferred.Deferred<void>, running: { now: number; most: number }): PasswordEngine.Derive =>
  () =>
    Effect.sync(() => {
      running.now++
      running.most = Math.max(running.most, running.now)
    }).pipe(
      Effect.andThen(Deferred.await(go)),
      Effect.andThen(Effect.sync(() => running.now--)),
      Effect.as(new Uint8Array(32))
    )

/** Hashes, and what many of them at once cost. */
export const passwords: ReadonlyArray<AuthCase> = [
  authCase("a hash says how it was made, and is another each time", () =>
    Effect.gen(function* () {
      const password = yield* Password
      const one = yield* password.hash(secret("correct horse"))
      const other = yield* password.hash(secret("correct horse"))
      assert.notEqual(one, other)
      assert.match(one, /^\$argon2id\$v=19\$m=64,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
      for (const hash of [one, other]) assert.equal(yield* password.verify(secret("correct horse"), hash), true)
      assert.equal(yield* password.verify(secret("correct hors"), one), false)
      assert.equal(password.needsRehash(one), false)
    })
  ),
  authCase("it takes the hashes that others made with argon2id (RFC 9106)", () =>
    Effect.gen(function* () {
      const password = yield* Password
      const nonce = Buffer.from("0123456789abcdef")
      const parameters = { message: "correct horse", nonce, memory: 256, passes: 3, parallelism: 2, tagLength: 32 }
      const hash = argon2Sync("argon2id", parameters).toString("base64").replaceAll("=", "")
      const text = `$argon2id$v=19$m=256,t=3,p=2$${nonce.toString("base64").replaceAll("=", "")}$${hash}`
      assert.equal(yield* password.verify(secret("correct horse"), text), true)
      assert.equal(password.needsRehash(text), true)
    })
  ),
  authCase("what is no hash, or one that would cost too much, lets nobody in and breaks nothing", () =>
    Effect.gen(function* () {
      const password = yield* Password
      const salt = "MDEyMzQ1Njc4OWFiY2RlZg"
      const hash = "A".repeat(43)
      for (const text of [
        "",
        "$",
        "plain",
        `$2b$12$${"a".repeat(53)}`,
        `$argon2id$v=19$m=9999999,t=99,p=99$${salt}$${hash}`,
        `$argon2i$v=19$m=64,t=1,p=1$${salt}$${hash}`,
        `$argon2id$v=19$m=0,t=0,p=0$${salt}$${hash}`,
        `$argon2id$v=19$m=64,t=1,p=1$${salt}$AAAA`,
        "x".repeat(1 << 20)
      ]) {
        assert.equal(yield* password.verify(secret("correct horse"), text), false)
        assert.equal(password.needsRehash(text), true)
      }
    })
  ),
  authCase("without an account as much is hashed as with one", () =>
    Effect.gen(function* () {
      const asked: Array<unknown> = []
      const derive: PasswordEngine.Derive = (_, salt, parameters) => {
        asked.push([salt.length, parameters])
        return Effect.succeed(new Uint8Array(32))
      }
      const password = yield* PasswordEngine.make(derive, cheap)
      const hash = yield* password.hash(secret("correct horse"))
      yield* password.verify(secret("incorrect horse"), hash)
      assert.equal(yield* password.verify(secret("incorrect horse"), undefined), false)
      assert.deepEqual(asked[1], asked[2])
      assert.equal(asked.length, 3)
    })
  ),
  authCase("so many are hashed at a time, so many wait, and the rest is sent away at once", () =>
    Effect.gen(function* () {
      const go = yield* Deferred.make<void>()
      const running = { now: 0, most: 0 }
      const password = yield* PasswordEngine.make(slowly(go, running), { concurrency: 2, maxWaiting: 3 })
      const verify = Effect.result(password.verify(secret("correct horse"), undefined))
      const fibers = yield* Effect.forEach(Array.from({ length: 8 }), () =>
        Effect.forkChild(verify, { startImmediately: true })
      )
      yield* turns(5)
      assert.equal(running.most, 2)
      yield* Deferred.succeed(go, undefined)
      const results = yield* Effect.forEach(fibers, Fiber.join)
      const refused = results.filter(({ _tag }) => _tag === "Failure")
      assert.equal(refused.length, 3)
      for (const result of refused) {
        assert.ok(result._tag === "Failure" && result.failure.reason === "overloaded")
        assert.ok((result.failure.retryAfterMillis ?? 0) > 0)
      }
      assert.equal(running.most, 2)
      assert.equal((yield* verify)._tag, "Success")
    })
  ),
  authCase("who hangs up leaves the queue, and gets no more threads by it", () =>
    Effect.gen(function* () {
      const go = yield* Deferred.make<void>()
      const running = { now: 0, most: 0 }
      const password = yield* PasswordEngine.make(slowly(go, running), { concurrency: 1, maxWaiting: 1 })
      const verify = password.verify(secret("correct horse"), undefined)
      const first = yield* Effect.forkChild(verify, { startImmediately: true })
      const second = yield* Effect.forkChild(verify, { startImmediately: true })
      yield* turns(2)
      yield* Fiber.interrupt(second)
      const hangUp = yield* Effect.forkChild(Fiber.interrupt(first), { startImmediately: true })
      const third = yield* Effect.forkChild(verify, { startImmediately: true })
      yield* turns(5)
      assert.equal(running.now, 1, "the thread of who hung up is still at work")
      yield* Deferred.succeed(go, undefined)
      yield* Fiber.join(hangUp)
      assert.equal(yield* Fiber.join(third), false)
      assert.equal(running.most, 1)
    })
  )
]
