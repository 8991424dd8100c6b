import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as AppConfig from "../../src/app/AppConfig.ts"
import * as Environment from "../../src/app/Environment.ts"

afterEach(() => {
  vi.unstubAllEnvs()
})

const set = (variables: Readonly<Record<string, string | undefined>>) => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
}

const sections = [
  {
    name: "tcp",
    config: Schema.Struct({
      host: Schema.String,
      port: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65_535 })),
      deep: Schema.optionalKey(Schema.Struct({ strict: Schema.Boolean }))
    })
  },
  { name: "postgres", config: Schema.Struct({ url: Schema.RedactedFromValue(Schema.NonEmptyString) }) }
]
const read = () =>
  Environment.config({
    tcp: {
      host: Environment.string("TEST_HOST", "127.0.0.1"),
      port: Environment.number("TEST_PORT", 4000),
      deep: { strict: Environment.boolean("TEST_STRICT") }
    },
    postgres: { url: Environment.string("TEST_URL") }
  })
const message = (config: unknown) =>
  Effect.map(Effect.flip(AppConfig.decode(sections, config)), (error) => error.message)

describe("Environment", () => {
  it("puts what variables say into the configuration, and defaults where they are empty or not set", () => {
    set({ TEST_HOST: "0.0.0.0", TEST_PORT: "80", TEST_STRICT: "true", TEST_URL: "postgres://a" })
    const config: {
      readonly tcp: { readonly host: string; readonly port: number; readonly deep: { readonly strict: boolean } }
      readonly postgres: { readonly url: string }
    } = read()
    assert.deepStrictEqual(config, {
      tcp: { host: "0.0.0.0", port: 80, deep: { strict: true } },
      postgres: { url: "postgres://a" }
    })
    set({ TEST_HOST: "", TEST_PORT: "", TEST_STRICT: "", TEST_URL: undefined })
    assert.deepStrictEqual(read(), {
      tcp: { host: "127.0.0.1", port: 4000, deep: { strict: false } },
      postgres: { url: "" }
    })
  })

  it("leaves all else as it is", () => {
    const secret = Redacted.make("hunter2")
    set({ TEST_PORT: "80" })
    assert.deepStrictEqual(Environment.config({ a: { secret, list: [1, Environment.number("TEST_PORT")] } }), {
      a: { secret, list: [1, 80] }
    })
  })

  it.effect("has wrong values told once, by variable and key, as they were typed", () =>
    Effect.gen(function* () {
      set({ TEST_HOST: "h", TEST_PORT: "abc", TEST_STRICT: "yes", TEST_URL: "" })
      assert.strictEqual(
        yield* message(read()),
        [
          "The configuration has 3 problems:",
          '  TEST_PORT (tcp.port): expected an integer and a value between 0 and 65535, got "abc"',
          `  TEST_STRICT (tcp.deep.strict): expected boolean, got "yes"`,
          "  TEST_URL (postgres.url): expected a value with a length of at least 1, got nothing"
        ].join("\n")
      )
      set({ TEST_PORT: "99999", TEST_STRICT: "false", TEST_URL: "x" })
      // also where a test or a program took the sections over into another object
      assert.strictEqual(
        yield* message({ ...read(), other: undefined }),
        [
          "The configuration has 2 problems:",
          `  other: expected one of tcp, postgres, got "other"`,
          `  TEST_PORT (tcp.port): expected a value between 0 and 65535, got "99999"`
        ].join("\n")
      )
    })
  )

  it.effect("tells a default that is wrong as it is, and no secret", () =>
    Effect.gen(function* () {
      set({ TEST_PORT: undefined, TEST_URL: "hunter2" })
      const port = Environment.config({ tcp: { host: "h", port: Environment.number("TEST_PORT", -1) } })
      assert.include(yield* message({ ...port, postgres: { url: "x" } }), "TEST_PORT (tcp.port): expected")
      assert.include(yield* message({ ...port, postgres: { url: "x" } }), "got -1")
      const short = {
        name: "jwt",
        config: Schema.Struct({ key: Schema.RedactedFromValue(Schema.String.check(Schema.isMinLength(20))) })
      }
      const wrong = Environment.config({ jwt: { key: Environment.string("TEST_URL") } })
      const error = yield* Effect.flip(AppConfig.decode([short], wrong))
      assert.include(error.message, "TEST_URL (jwt.key): expected a value with a length of at least 20")
      assert.notInclude(JSON.stringify(error) + error.message, "hunter2")
    })
  )
})
