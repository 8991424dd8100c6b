import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Accounts from "../../auth/Accounts.ts"
import * as ApiToken from "../../auth/ApiToken.ts"
import * as Auth from "../../auth/Auth.ts"
import { AuthUnavailable } from "../../auth/AuthError.ts"
import * as Authenticator from "../../auth/Authenticator.ts"
import * as Credentials from "../../auth/Credentials.ts"
import * as Principal from "../../auth/Principal.ts"
import * as Session from "../../auth/Session.ts"
import type { PeerInfo } from "../../transport/Transport.ts"
import type { AuthCase } from "./Harness.ts"
import { authCase, home, secret } from "./Stage.ts"
import { admit } from "./sessions.ts"

const peer: PeerInfo = { transport: "kit", ...home, secure: true, headers: new Map(), path: "", origin: undefined }
const ask = (auth: Auth.Auth["Service"], credentials: Credentials.Credentials) => auth.authenticate(credentials, peer)
const reasonOf = (auth: Auth.Auth["Service"], credentials: Credentials.Credentials) =>
  Effect.map(Effect.flip(ask(auth, credentials)), (error) =>
    error._tag === "AuthenticationFailed" ? error.reason : error._tag
  )
const raw = (text: string): Credentials.Credentials => Credentials.fromEntries([["Authorization", text]])
const base64 = (text: string) => Buffer.from(text).toString("base64")
const right = secret("correct horse battery")

/** All authenticators of core, as an app might have them. */
const everybody = Effect.gen(function* () {
  const fixed = Authenticator.fixed([
    { token: secret("a-fixed-token"), principal: Principal.make("fixed") },
    { token: secret("another-fixed-token"), principal: Principal.make("other") }
  ])
  return yield* Auth.make([
    yield* Authenticator.sessions,
    yield* Authenticator.apiTokens,
    yield* Authenticator.apiTokensIn("X-My-Key"),
    yield* Authenticator.bearer({ name: "fixed", verify: fixed }),
    yield* Authenticator.basic({ verify: Accounts.principal })
  ])
})

/** Credentials, and who they make their bearer. */
export const authenticators: ReadonlyArray<AuthCase> = [
  authCase("who shows nothing is nobody, and no failure", ({ events }) =>
    Effect.gen(function* () {
      const auth = yield* everybody
      assert.equal(yield* ask(auth, Credentials.none), undefined)
      assert.equal(yield* ask(auth, Credentials.fromEntries([["accept", "text/plain"]])), undefined)
      assert.equal(auth.concerns(["accept", "trace"]), false)
      for (const name of ["authorization", "Authorization", "x-my-key"]) assert.equal(auth.concerns([name]), true)
      assert.deepEqual(events, [])
    })
  ),
  authCase("each kind of credentials finds its authenticator, in whatever order they stand", ({ events }) =>
    Effect.gen(function* () {
      const auth = yield* everybody
      const { session, token } = yield* admit("ada")
      const api = yield* ApiToken.create({ owner: "ada", name: "robot", principal: Principal.make("robot") })
      yield* Accounts.register("Ada", right, home)
      const known = yield* ask(auth, Credentials.bearer(token))
      assert.equal(known?.principal.id, "ada")
      assert.equal(known?.session, session.id)
      assert.equal(known?.expiresAt, session.row.expiresAt)
      assert.equal((yield* ask(auth, Credentials.bearer(api.token)))?.principal.id, "robot")
      assert.equal((yield* ask(auth, Credentials.apiKey("X-My-Key", api.token)))?.principal.id, "robot")
      assert.equal((yield* ask(auth, Credentials.bearer("another-fixed-token")))?.principal.id, "other")
      assert.equal((yield* ask(auth, Credentials.basic("ada", right)))?.principal.claims["name"], "Ada")
      const methods = events.flatMap((event) => (event.type === "succeeded" ? [event.method] : [])).slice(2)
      assert.deepEqual(methods, ["session", "apiToken", "apiToken", "fixed", "basic"])
    })
  ),
  authCase("schemes know no case, and a scheme that nobody reads is refused, not overlooked", () =>
    Effect.gen(function* () {
      const auth = yield* everybody
      const { token } = yield* admit("ada")
      for (const scheme of ["bearer", "BEARER", "Bearer "])
        assert.equal((yield* ask(auth, raw(`${scheme} ${Redacted.value(token)}`)))?.principal.id, "ada")
      for (const text of [
        "Digest x",
        "Negotiate abc",
        "Bearer",
        "Basic",
        "",
        Redacted.value(token),
        `Bearer${Redacted.value(token)}`,
        "Bearer unknown-token"
      ])
        assert.equal(yield* reasonOf(auth, raw(text)), "unrecognized", text)
    })
  ),
  authCase("basic credentials are what RFC 7617 says, and nothing else", () =>
    Effect.gen(function* () {
      const seen: Array<readonly [string, string]> = []
      const auth = yield* Auth.make([
        yield* Authenticator.basic({
          verify: (name, password) =>
            Effect.sync(() => {
              seen.push([name, Redacted.value(password)])
              return Principal.make("somebody")
            })
        })
      ])
      // RFC 7617 §2 and §2.1
      yield* ask(auth, raw("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="))
      yield* ask(auth, raw("Basic dGVzdDoxMjPCow=="))
      yield* ask(auth, Credentials.basic("", ""))
      yield* ask(auth, Credentials.basic("a", "b:c:"))
      assert.deepEqual(seen, [
        ["Aladdin", "open sesame"],
        ["test", "123£"],
        ["", ""],
        ["a", "b:c:"]
      ])
      const bad = [
        base64("no colon"),
        base64("nul:\0"),
        base64("line\n:x"),
        "dGVz dDox",
        "====",
        "a:b",
        Buffer.from([0x61, 0x3a, 0xff]).toString("base64")
      ]
      for (const text of bad) assert.equal(yield* reasonOf(auth, raw(`Basic ${text}`)), "malformed", text)
      assert.equal(seen.length, 4)
    })
  ),
  authCase("basic credentials go through the lockout", () =>
    Effect.gen(function* () {
      const auth = yield* everybody
      yield* Accounts.register("Ada", right, home)
      const wrong = Credentials.basic("ada", "incorrect horse battery")
      const reasons = yield* Effect.all(
        Array.from({ length: 50 }, () => reasonOf(auth, wrong)),
        { concurrency: "unbounded" }
      )
      assert.equal(reasons.filter((reason) => reason === "invalid").length, 5)
      assert.equal(reasons.filter((reason) => reason === "locked").length, 45)
      assert.equal(yield* reasonOf(auth, Credentials.basic("ada", right)), "locked")
    })
  ),
  authCase("what is known and wrong ends the search: no other authenticator is asked", () =>
    Effect.gen(function* () {
      let asked = false
      const last: Authenticator.Authenticator = {
        name: "last",
        reads: ["authorization"],
        authenticate: () => Effect.sync(() => void (asked = true))
      }
      const auth = yield* Auth.make([yield* Authenticator.sessions, last])
      assert.equal(yield* reasonOf(auth, Credentials.bearer(`mses_${"A".repeat(43)}`)), "invalid")
      assert.equal(asked, false)
      assert.equal(yield* reasonOf(auth, Credentials.bearer("something else")), "unrecognized")
      assert.equal(asked, true)
    })
  ),
  authCase("an authenticator that cannot answer ends the search, too: it fails closed", ({ events }) =>
    Effect.gen(function* () {
      const down: Authenticator.Authenticator = {
        name: "down",
        reads: ["authorization"],
        authenticate: () => Effect.fail(new AuthUnavailable({ operation: "kit", message: "down" }))
      }
      const auth = yield* Auth.make([down, Authenticator.none(Principal.make("everybody"))])
      assert.equal(yield* reasonOf(auth, Credentials.bearer("x")), "AuthUnavailable")
      assert.deepEqual(events, [])
    })
  ),
  authCase("a megabyte of credentials is not looked at", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const curious: Authenticator.Authenticator = {
        name: "curious",
        reads: ["authorization", "x-key"],
        authenticate: (credentials) => Effect.sync(() => void asked.push(...credentials.keys()))
      }
      const auth = yield* Auth.make([curious])
      const long = "x".repeat(1 << 20)
      for (const credentials of [
        Credentials.bearer(long),
        Credentials.apiKey("x-key", long),
        Credentials.basic(long, long)
      ])
        assert.equal(yield* reasonOf(auth, credentials), "malformed")
      assert.deepEqual(asked, [])
      // what is none is not measured either
      assert.equal(yield* ask(auth, Credentials.fromEntries([["cookie", long]])), undefined)
    })
  ),
  authCase("with `none` everybody is somebody, unless others know better, and wrong credentials stay wrong", () =>
    Effect.gen(function* () {
      const auth = yield* Auth.make([yield* Authenticator.sessions, Authenticator.none(Principal.make("everybody"))])
      const { token } = yield* admit("ada")
      assert.equal((yield* ask(auth, Credentials.none))?.principal.id, "everybody")
      assert.equal((yield* ask(auth, Credentials.bearer(token)))?.principal.id, "ada")
      assert.equal(yield* reasonOf(auth, Credentials.bearer(`mses_${"A".repeat(43)}`)), "invalid")
    })
  ),
  authCase("failures tell the listeners what was tried and why not, and never the secret", ({ events }) =>
    Effect.gen(function* () {
      const auth = yield* everybody
      yield* Effect.flip(ask(auth, Credentials.basic("Ada", "a very secret phrase")))
      yield* Effect.flip(ask(auth, Credentials.bearer("a very secret token")))
      assert.deepEqual(events, [
        { type: "failed", method: "basic", reason: "invalid", account: "Ada", address: home.address },
        { type: "failed", method: "credentials", reason: "unrecognized", account: undefined, address: home.address }
      ])
    })
  ),
  authCase("credentials do not show themselves to whoever prints them", () =>
    Effect.gen(function* () {
      const { session, token } = yield* admit("ada")
      const shown = `${JSON.stringify([...Credentials.basic("ada", right), ...Credentials.bearer(token)])} ${String(token)} ${JSON.stringify(session)}`
      assert.ok(!shown.includes(Redacted.value(token)))
      assert.ok(!shown.includes(base64("ada:correct horse battery")))
      yield* Session.verify(token)
    })
  )
]
