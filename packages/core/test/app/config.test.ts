import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as AppConfig from "../../src/app/AppConfig.ts"
import * as Plugin from "../../src/app/Plugin.ts"
import { accounts, database, server } from "./services.ts"

const decode = (sections: Record<string, Plugin.AnyConfig | undefined>, input: unknown) =>
  AppConfig.decode(
    Object.entries(sections).map(([name, config]) => ({ name, config })),
    input
  )

const problems = (sections: Record<string, Plugin.AnyConfig | undefined>, input: unknown) =>
  Effect.map(Effect.flip(decode(sections, input)), (error) =>
    error.problems.map(({ expected, got, path }) => `${path}: expected ${expected}, got ${got}`)
  )

const http = Schema.Struct({
  port: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65_535 })),
  host: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("127.0.0.1"))),
  tls: Schema.optionalKey(Schema.Struct({ certificate: Schema.String, key: Schema.String }))
})

describe("the configuration", () => {
  it.effect("is decoded section by section", () =>
    Effect.gen(function* () {
      const decoded = yield* decode({ http, plain: undefined }, { http: { port: 80 } })
      assert.deepStrictEqual([...decoded], [["http", { port: 80, host: "127.0.0.1" }]])
    })
  )

  it.effect("reads a missing section as an empty one", () =>
    Effect.gen(function* () {
      const optional = Schema.Struct({ size: Schema.optionalKey(Schema.Int) })
      assert.deepStrictEqual([...(yield* decode({ optional }, undefined))], [["optional", {}]])
      assert.deepStrictEqual(yield* problems({ http, word: Schema.String }, {}), [
        "http.port: expected number, got nothing",
        "word: expected string, got nothing"
      ])
    })
  )

  it.effect("tells every problem of every plugin at once, before any layer starts", () =>
    Effect.gen(function* () {
      const app = Plugin.compose(accounts(), server(), database())
      // the wrong types are what is tested
      const wrong = { accounts: { issuer: 7 }, server: { port: 1.5 }, databas: {} } as never
      const error = yield* Effect.flip(Effect.scoped(app.build(wrong)))
      assert.strictEqual(error._tag, "ConfigInvalid")
      assert.strictEqual(
        error.message,
        [
          "The configuration has 3 problems:",
          `  databas: expected one of accounts, server, got "databas"`,
          "  accounts.issuer: expected string, got 7",
          "  server.port: expected an integer, got 1.5"
        ].join("\n")
      )
    })
  )

  it.effect("names the key that was probably meant", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* problems(
          { http, chat: http },
          { htpp: {}, chat: { port: 1, tls: { certificat: "a", key: "b" } }, http: { port: 1, colour: 3 } }
        ),
        [
          `htpp: expected "http", got "htpp"`,
          `http.colour: expected no such key, got "colour"`,
          `chat.tls.certificat: expected "certificate", got "certificat"`,
          "chat.tls.certificate: expected string, got nothing"
        ]
      )
      assert.deepStrictEqual(yield* problems({ plain: undefined }, { plain: { a: 1 } }), [
        "plain: expected nothing, this plugin has no configuration, got an object"
      ])
      assert.deepStrictEqual(yield* problems({}, { x: 1 }), [`x: expected no sections at all, got "x"`])
    })
  )

  it.effect("says so when it is not an object, and describes long and deep values by their kind", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* problems({ http }, "port=1"), [`: expected an object of sections, got "port=1"`])
      assert.deepStrictEqual(yield* problems({ http }, [1]), [": expected an object of sections, got an array of 1"])
      assert.deepStrictEqual(yield* problems({ http }, { http: { port: "9".repeat(99), host: { a: 1 } } }), [
        `http.port: expected number, got "${"9".repeat(40)}…"`,
        "http.host: expected string, got an object"
      ])
    })
  )

  it.effect("is no way to reach a prototype", () =>
    Effect.gen(function* () {
      const input: unknown = JSON.parse(`{ "__proto__": { "port": 1 } }`)
      assert.deepStrictEqual(yield* problems({ http }, input), [
        `__proto__: expected one of http, got "__proto__"`,
        "http.port: expected number, got nothing"
      ])
    })
  )

  it.effect("never shows a secret", () =>
    Effect.gen(function* () {
      const secrets = Schema.Struct({
        pepper: Schema.RedactedFromValue(Schema.String.check(Schema.isMinLength(20))),
        salt: Schema.Redacted(Schema.String),
        dbPassword: Schema.Int,
        either: Schema.Union([Schema.RedactedFromValue(Schema.Int), Schema.Boolean]),
        nested: Schema.Struct({ apiKeys: Schema.Array(Schema.Int) })
      })
      const input = {
        pepper: "hunter2",
        salt: "hunter2",
        dbPassword: "hunter2",
        either: "hunter2",
        nested: { apiKeys: ["hunter2"] }
      }
      const error = yield* Effect.flip(decode({ secrets }, { secrets: input }))
      assert.strictEqual(error.problems.length, 5)
      assert.notInclude(JSON.stringify(error) + error.message + String(error.stack), "hunter2")
      assert.include(error.message, "secrets.pepper: expected a value with a length of at least 20, got a string that")
      const redacted = yield* Effect.flip(decode({ secrets: Schema.Int }, { secrets: Redacted.make("hunter2") }))
      assert.strictEqual(redacted.problems[0]?.got, "a redacted value")
    })
  )
})

describe("composition.config", () => {
  it.effect("is one Schema of all sections", () =>
    Effect.gen(function* () {
      const app = Plugin.compose(accounts(), server(), database())
      const good = { accounts: { issuer: "x" }, server: { port: 1 } }
      assert.deepStrictEqual(yield* Schema.decodeUnknownEffect(app.config)(good), good)
      const bad = yield* Effect.flip(Schema.decodeUnknownEffect(app.config)({ accounts: { issuer: "x" } }))
      assert.include(bad.message, `["server"]["port"]`)
      assert.deepStrictEqual(
        Object.keys((Schema.toJsonSchemaDocument(app.config).schema as { properties: object }).properties),
        ["accounts", "server"]
      )
    })
  )
})
