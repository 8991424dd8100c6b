import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Auth from "@mortise/core/auth/Auth"
import * as Credentials from "@mortise/core/auth/Credentials"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT
} from "jose"
import * as Jwt from "../src/Jwt.ts"

const peer = { transport: "test", address: "192.0.2.1", secure: true, headers: new Map(), path: "", origin: undefined }
const now = () => Math.floor(Date.now() / 1000)
const base64url = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url")
const secret = "a shared secret of more than thirty-two bytes"

const good = { iss: "https://issuer.test", aud: "chat", sub: "ada" }
const claims = (other: JWTPayload = {}): JWTPayload => ({ ...good, exp: now() + 600, ...other })
const rsa = await generateKeyPair("RS256", { extractable: true })
const ed = await generateKeyPair("EdDSA", { extractable: true })
const rsaPem = await exportSPKI(rsa.publicKey)

const sign = (payload: JWTPayload, header: Partial<JWTHeaderParameters> = {}, key: CryptoKey = rsa.privateKey) =>
  Effect.promise(() => new SignJWT(payload).setProtectedHeader({ alg: "RS256", typ: "JWT", ...header }).sign(key))
const signHs = (payload: JWTPayload, header: Partial<JWTHeaderParameters> = {}, key = secret) =>
  Effect.promise(() =>
    new SignJWT(payload).setProtectedHeader({ alg: "HS256", typ: "JWT", ...header }).sign(Buffer.from(key))
  )

const authOf = (options: Partial<Jwt.JwtOptions> = {}) =>
  Effect.flatMap(
    Jwt.make({
      algorithm: "RS256",
      key: Redacted.make(rsaPem),
      issuer: good.iss,
      audience: good.aud,
      ...options
    }),
    (authenticator) => Auth.make([authenticator])
  )
const ask = (auth: Auth.Auth["Service"], token: string) => auth.authenticate(Credentials.bearer(token), peer)
const reasonOf = (auth: Auth.Auth["Service"], token: string) =>
  Effect.map(Effect.flip(ask(auth, token)), (error) =>
    error._tag === "AuthenticationFailed" ? error.reason : error._tag
  )

describe("a JSON Web Token", () => {
  it.live("that is right makes its subject the principal, until it expires", () =>
    Effect.gen(function* () {
      const auth = yield* authOf()
      const payload = claims({ scope: "read write", name: "Ada", nbf: now() - 1, iat: now() - 1, jti: "1" })
      const known = yield* ask(auth, yield* sign(payload))
      assert.deepEqual(known, {
        principal: { id: "ada", scopes: ["read", "write"], claims: { name: "Ada" } },
        method: "jwt",
        expiresAt: (payload.exp as number) * 1000
      })
    })
  )

  it.live("without a signature is refused, however `none` is spelled", () =>
    Effect.gen(function* () {
      for (const options of [{}, { algorithm: "HS256", key: Redacted.make(secret) }] as const) {
        const auth = yield* authOf(options)
        for (const alg of ["none", "None", "NONE", "nOnE", "", undefined, null, 0, ["RS256"], { toString: "RS256" }]) {
          for (const signature of ["", "AAAA", base64url("none")]) {
            const token = `${base64url({ alg, typ: "JWT" })}.${base64url(claims())}.${signature}`
            assert.match(yield* reasonOf(auth, token), /^(invalid|malformed)$/, `${JSON.stringify(alg)} ${signature}`)
          }
        }
      }
    })
  )

  it.live("signed with the public key as if it were a secret is refused", () =>
    Effect.gen(function* () {
      const auth = yield* authOf()
      for (const key of [rsaPem, rsaPem.trim(), `${rsaPem}\n`])
        for (const alg of ["HS256", "HS512"])
          assert.equal(yield* reasonOf(auth, yield* signHs(claims(), { alg }, key)), "invalid")
    })
  )

  it.live("signed by another key, or by another algorithm of the same key, is refused", () =>
    Effect.gen(function* () {
      const auth = yield* authOf()
      const other = yield* Effect.promise(() => generateKeyPair("RS256"))
      assert.equal(yield* reasonOf(auth, yield* sign(claims(), {}, other.privateKey)), "invalid")
      assert.equal(yield* reasonOf(auth, yield* sign(claims(), { alg: "EdDSA" }, ed.privateKey)), "invalid")
      const rs512 = yield* Effect.promise(async () => {
        const pair = await generateKeyPair("RS512")
        return new SignJWT(claims()).setProtectedHeader({ alg: "RS512", typ: "JWT" }).sign(pair.privateKey)
      })
      assert.equal(yield* reasonOf(auth, rs512), "invalid")
    })
  )

  it.live("cannot choose its key: kid is compared, not followed; jwk, jku, x5u and x5c are not looked at", () =>
    Effect.gen(function* () {
      const jwk = yield* Effect.promise(() => exportJWK(rsa.publicKey))
      const attacker = yield* Effect.promise(() => generateKeyPair("RS256", { extractable: true }))
      const theirs = yield* Effect.promise(() => exportJWK(attacker.publicKey))
      const one = yield* authOf({ key: Redacted.make(JSON.stringify({ keys: [{ ...jwk, kid: "a" }] })) })
      const two = yield* authOf({
        key: Redacted.make(
          JSON.stringify({
            keys: [
              { ...jwk, kid: "a" },
              { ...theirs, kid: "b", alg: "PS256" },
              { ...jwk, kid: "c" }
            ]
          })
        )
      })
      for (const auth of [one, two]) {
        assert.equal((yield* ask(auth, yield* sign(claims(), { kid: "a" })))?.principal.id, "ada")
        for (const kid of [
          "../../../../dev/null",
          "/dev/null",
          "a\0",
          "' OR 1=1",
          "http://127.0.0.1/key",
          "__proto__",
          "constructor",
          "b",
          "x".repeat(1000)
        ])
          assert.equal(yield* reasonOf(auth, yield* sign(claims(), { kid })), "invalid", kid)
        for (const header of [
          { jwk: theirs },
          { jku: "http://127.0.0.1:9/keys" },
          { x5u: "http://127.0.0.1:9/cert" },
          { x5c: ["AAAA"] }
        ]) {
          const token = yield* sign(claims(), { kid: "a", ...header } as never, attacker.privateKey)
          assert.equal(yield* reasonOf(auth, token), "invalid")
        }
      }
      assert.equal((yield* ask(one, yield* sign(claims())))?.principal.id, "ada", "one key needs no name")
      assert.equal(yield* reasonOf(two, yield* sign(claims())), "invalid", "of two, one has to be named")
      const nulled = yield* signHs(claims(), { kid: "/dev/null" }, "\0".repeat(32))
      assert.equal(yield* reasonOf(one, nulled), "invalid")
    })
  )

  it.live("is refused when it has expired, or is not good yet, or has no end", () =>
    Effect.gen(function* () {
      const auth = yield* authOf()
      assert.equal(yield* reasonOf(auth, yield* sign(claims({ exp: now() - 1 }))), "expired")
      assert.equal(yield* reasonOf(auth, yield* sign(claims({ exp: now() }))), "expired")
      assert.equal(yield* reasonOf(auth, yield* sign(claims({ exp: 0 }))), "expired")
      assert.equal(yield* reasonOf(auth, yield* sign(claims({ nbf: now() + 60 }))), "invalid")
      assert.equal(yield* reasonOf(auth, yield* sign(good)), "invalid")
      const lenient = yield* authOf({ clockToleranceSeconds: 60 })
      assert.equal((yield* ask(lenient, yield* sign(claims({ exp: now() - 30 }))))?.principal.id, "ada")
      assert.equal(yield* reasonOf(lenient, yield* sign(claims({ exp: now() - 61 }))), "expired")
    })
  )

  it.live("is refused where issuer, audience, type or subject are of somebody else, or missing", () =>
    Effect.gen(function* () {
      const auth = yield* authOf()
      const wrong: ReadonlyArray<JWTPayload> = [
        { iss: "https://issuer.test.evil" },
        { iss: "https://issuer.test/" },
        { aud: "chat2" },
        { aud: ["other", "another"] },
        { aud: [] },
        { sub: "" },
        { sub: "x".repeat(256) }
      ]
      for (const other of wrong)
        assert.equal(yield* reasonOf(auth, yield* sign(claims(other))), "invalid", JSON.stringify(other))
      for (const missing of ["iss", "aud", "sub"]) {
        const { [missing]: _, ...rest } = claims()
        assert.equal(yield* reasonOf(auth, yield* sign(rest)), "invalid", missing)
      }
      for (const typ of ["at+jwt", "dpop+jwt", "logout+jwt"])
        assert.equal(yield* reasonOf(auth, yield* sign(claims(), { typ })), "invalid")
      const access = yield* authOf({ type: "at+jwt" })
      assert.equal((yield* ask(access, yield* sign(claims(), { typ: "at+jwt" })))?.principal.id, "ada")
      assert.equal(yield* reasonOf(access, yield* sign(claims())), "invalid")
      assert.equal((yield* ask(auth, yield* sign(claims({ aud: ["other", "chat"] }))))?.principal.id, "ada")
    })
  )

  it.live("with claims of wrong types, or critical extensions, is refused", () =>
    Effect.gen(function* () {
      const auth = yield* authOf()
      const odd = [
        { exp: "soon" },
        { nbf: "then" },
        { iss: 1 },
        { aud: 1 },
        { sub: 7 },
        { sub: { id: "ada" } },
        { scope: ["a"] }
      ]
      for (const other of odd)
        assert.match(
          yield* reasonOf(auth, yield* sign(claims(other as never))),
          /^(invalid|malformed)$/,
          JSON.stringify(other)
        )
      const [header, body, signature] = (yield* sign(claims())).split(".")
      const critical = base64url({ alg: "RS256", typ: "JWT", crit: ["evil"], evil: 1 })
      assert.match(yield* reasonOf(auth, `${critical}.${body}.${signature}`), /^(invalid|malformed)$/)
      assert.equal(yield* reasonOf(auth, `${header}.${base64url(claims({ sub: "root" }))}.${signature}`), "invalid")
    })
  )

  it.live("of a megabyte, and any garbage, is refused at once; what is no token is for others", () =>
    Effect.gen(function* () {
      const auth = yield* authOf()
      const huge = yield* sign(claims({ pad: "x".repeat(1 << 20) }))
      assert.equal(yield* reasonOf(auth, huge), "malformed")
      assert.equal(yield* reasonOf(auth, yield* sign(claims({ pad: "x".repeat(9000) }))), "malformed")
      for (const text of [
        "a.b.c",
        "a..",
        "eyJ.eyJ.x",
        `${base64url("[]")}.${base64url("1")}.AA`,
        `${base64url("{")}.${base64url("{")}.AA`,
        `${base64url({ alg: "RS256" })}.${base64url("null")}.`
      ])
        assert.match(yield* reasonOf(auth, text), /^(invalid|malformed)$/, text)
      for (const text of ["a.b", "a.b.c.d", "a.b.c.d.e", "mses_x", "..", "ä.b.c"])
        assert.equal(yield* reasonOf(auth, text), "unrecognized", text)
      const flipped = yield* sign(claims())
      for (let i = 0; i < flipped.length; i += 7) {
        const text = flipped.slice(0, i) + (flipped[i] === "A" ? "B" : "A") + flipped.slice(i + 1)
        // the last letter of a base64url text has bits that say nothing
        if (
          Buffer.from(text.split(".")[2] ?? "", "base64url").equals(
            Buffer.from(flipped.split(".")[2] ?? "", "base64url")
          ) &&
          text.split(".", 2).join() === flipped.split(".", 2).join()
        )
          continue
        const exit = yield* Effect.exit(ask(auth, text))
        assert.equal(exit._tag, "Failure", `letter ${i}`)
      }
    })
  )

  it.live("is not kept out by a principal of one's own, and kept out by one that says no", () =>
    Effect.gen(function* () {
      const auth = yield* authOf({
        principal: ({ sub, email }) =>
          email === "ada@test" ? { id: `user:${sub}`, scopes: [], claims: {} } : undefined
      })
      assert.equal((yield* ask(auth, yield* sign(claims({ email: "ada@test" }))))?.principal.id, "user:ada")
      assert.equal(yield* reasonOf(auth, yield* sign(claims())), "invalid")
    })
  )
})

describe("a key", () => {
  const problem = (options: Partial<Jwt.JwtOptions>) =>
    Effect.map(Effect.flip(authOf(options)), ({ message }) => message)

  it.live("of another kind than the algorithm is refused at the start", () =>
    Effect.gen(function* () {
      const key = (text: string) => ({ key: Redacted.make(text) })
      assert.match(yield* problem({ algorithm: "HS256", ...key(rsaPem) }), /key of another kind/)
      assert.match(
        yield* problem({ algorithm: "HS256", ...key(JSON.stringify({ kty: "oct", k: "AAAA" })) }),
        /key of another kind/
      )
      assert.match(yield* problem({ algorithm: "HS256", ...key("short") }), /at least 32/)
      assert.match(yield* problem({ algorithm: "HS512", ...key("x".repeat(63)) }), /at least 64/)
      assert.match(yield* problem({ algorithm: "EdDSA", ...key(rsaPem) }), /no public key for EdDSA/)
      assert.match(yield* problem({ algorithm: "ES256", ...key("nonsense") }), /no public key for ES256/)
      assert.match(yield* problem(key(JSON.stringify({ keys: [] }))), /no key for RS256/)
      const privateJwk = yield* Effect.promise(() => exportJWK(rsa.privateKey))
      assert.match(yield* problem(key(JSON.stringify(privateJwk))), /private key/)
    })
  )

  it.live("of each kind checks what it should", () =>
    Effect.gen(function* () {
      const hs = yield* authOf({ algorithm: "HS256", key: Redacted.make(secret) })
      assert.equal((yield* ask(hs, yield* signHs(claims())))?.principal.id, "ada")
      assert.equal(yield* reasonOf(hs, yield* signHs(claims(), {}, `${secret}!`)), "invalid")
      const pem = yield* Effect.promise(() => exportSPKI(ed.publicKey))
      const eddsa = yield* authOf({ algorithm: "EdDSA", key: Redacted.make(pem) })
      assert.equal((yield* ask(eddsa, yield* sign(claims(), { alg: "EdDSA" }, ed.privateKey)))?.principal.id, "ada")
    })
  )
})
