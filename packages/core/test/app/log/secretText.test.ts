import { assert, describe, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import { SecretText } from "../../../src/app/internal/log/SecretText.ts"

const clean = (text: string, max = 100_000): string => new SecretText().clean(text, max)

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLW9mLWl0"
const secret = "S3cr3tS3cr3t"

describe("secrets in texts", () => {
  it.each([
    `postgres://ada:${secret}@db:5432/app`,
    `connect to amqp://ada:${secret}@mq failed`,
    `redis://:${secret}@localhost`,
    `postgres://ada:p@${secret}@db/app`,
    `https://${secret}${secret}@example.org/repo.git`,
    `host=db password=${secret} user=ada`,
    `Server=db;Pwd=${secret};Encrypt=yes`,
    `GET /?room=a&api_key=${secret}&b=1`,
    `GET /cb?access_token=${secret}`,
    `{"user":"ada","password":"${secret}"}`,
    `{\\"password\\":\\"${secret}\\"}`,
    `{"password":"a \\"quoted ${secret}`,
    `{ user: 'ada', secret: '${secret}' }`,
    `{"token":${secret}}`,
    `Authorization: Bearer ${secret}`,
    `authorization: Basic ${secret}==`,
    `Cookie: a=b; session=${secret}`,
    `X-Api-Key: ${secret}`,
    `refused Bearer ${secret}`,
    `with ${jwt.replace("c2lnbmF0", secret)}`,
    `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
    `-----BEGIN RSA PRIVATE KEY-----\n${secret}`
  ])("are hidden: %s", (text) => {
    assert.notInclude(clean(text), secret)
    assert.include(clean(text), "<redacted>")
  })

  it.each([
    "http://127.0.0.1:3000/@scope/package",
    "ws://localhost:7420",
    "mailto:ada@example.org",
    `server.password: expected string, got a number that is not shown [APP_CONFIG_INVALID]`,
    "The token has expired",
    "a secret is missing; set it",
    "Basic information about a bearer of news",
    "at file:///srv/ada/app/src/token.ts:12:7",
    "ssh://git@example.org/repo"
  ])("are not seen where there are none: %s", (text) => {
    assert.strictEqual(clean(text), text)
  })

  it("are not cut free by the end of a long text", () => {
    for (const before of [0, 5, 12, 20, 40]) {
      const text = `${"x".repeat(100 - before)} postgres://ada:${secret.repeat(20)}@db/app and more`
      assert.notInclude(clean(text, 120), secret.slice(0, 8))
    }
  })

  it("that were told of are hidden wherever they stand, as JSON and in URLs too", () => {
    const texts = new SecretText()
    texts.add(`open "sésame" now`)
    texts.add("short")
    const seen = texts.clean(
      `it said open "sésame" now, ${JSON.stringify({ a: `open "sésame" now` })}, ${encodeURIComponent(`open "sésame" now`)}; short`,
      1000
    )
    assert.strictEqual(seen, `it said <redacted>, {"a":"<redacted>"}, <redacted>; short`)
  })

  it("of a configuration are found by type, key and form", () => {
    const texts = new SecretText()
    texts.learn({
      jwt: { secret: "key-sounds-secret", keys: [{ secret: "in-a-list-too" }] },
      mail: { login: Redacted.make("redacted-value") },
      database: { url: "postgres://ada:in-the-url@db/app" },
      pin: { password: 12345678 },
      http: { host: "localhost-name" },
      auth: { tokenMillis: 3_600_000, cookieName: "session-name", credentials: { user: "ada-lovelace" } },
      both: Redacted.make({ user: "inside-redacted", list: ["listed-redacted"] })
    })
    const hidden = "key-sounds-secret in-a-list-too redacted-value in-the-url 12345678 inside-redacted listed-redacted"
    assert.strictEqual(texts.clean(hidden, 1000), "<redacted> ".repeat(7).trim())
    const shown = "localhost-name 3600000 session-name ada-lovelace"
    assert.strictEqual(texts.clean(shown, 1000), shown)
  })

  it("cost bounded time, however a text is made", () => {
    // quadratic searching of these would take minutes, and the test's time limit would end it
    for (const piece of [
      "://a:",
      "password=",
      "eyJ",
      "eyJ-",
      "Bearer ",
      "-----BEGIN PRIVATE KEY-----",
      "token:'",
      "a",
      "://",
      "cookie:"
    ]) {
      const text = piece.repeat(2_000_000 / piece.length)
      assert.isAtMost(clean(text, 8192).length, 8300)
    }
  })
})
