import path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as AppConfig from "@mortise/core/app/AppConfig"
import * as ConfigOrigin from "@mortise/core/app/ConfigOrigin"
import * as Environment from "@mortise/core/app/Environment"
import * as Effect from "effect/Effect"
import * as ConfigSources from "../src/ConfigSources.ts"
import { app, place } from "./place.ts"

interface Given {
  readonly files?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly args?: ReadonlyArray<string>
  readonly config?: NonNullable<ConfigSources.Options<Parameters<typeof app.build>[0]>["config"]>
  readonly profile?: string
}

const load = Effect.fnUntraced(function* ({ args = [], env = {}, files = {}, ...rest }: Given) {
  const folder = yield* place(files)
  return yield* ConfigSources.all(app, {
    name: "my-chat",
    folder,
    args,
    env: { XDG_CONFIG_HOME: path.join(folder, "home"), ...env },
    ...rest
  })
})

const message = (given: Given) =>
  Effect.flatMap(load(given), ({ config }) =>
    Effect.map(Effect.flip(AppConfig.decode(app.plugins, config)), (error) => error.message)
  )

describe("sources of the configuration", () => {
  it.effect("go before each other in the documented order", () =>
    Effect.gen(function* () {
      const files = {
        "config/default.yaml":
          "http: { host: file, port: 2, maxHeaderBytes: 2, ports: [2, 2], mode: fast, compress: false }\n",
        "config/test.json": `{ "http": { "port": 3, "maxHeaderBytes": 3, "ports": [3], "compress": false } }`,
        "home/my-chat/config.toml": `[http]\nmaxHeaderBytes = 4\nports = [4]\ncompress = false\n`,
        ".env": "MY_CHAT_HTTP__PORTS=5,55\nMY_CHAT_HTTP__COMPRESS=false\nMY_CHAT_HTTP__MODE=fast\n"
      }
      const {
        config,
        files: read,
        profile
      } = yield* load({
        config: { http: { host: "code", origins: ["code"] } },
        files,
        env: { MY_CHAT_PROFILE: "test", MY_CHAT_HTTP__COMPRESS: "true", MY_CHAT_HTTP__MODE: "fast" },
        args: ["serve", "--http.mode", "safe"]
      })
      assert.deepStrictEqual(config, {
        http: {
          host: "file",
          port: 3,
          maxHeaderBytes: 4,
          ports: [5, 55],
          compress: true,
          mode: "safe",
          origins: ["code"]
        }
      })
      assert.strictEqual(profile, "test")
      assert.deepStrictEqual(
        read.map((file) => path.basename(file)),
        [".env", "default.yaml", "test.json", "config.toml"]
      )
      const origin = (key: string) => ConfigOrigin.originOf(config, ["http", key])
      assert.deepInclude(origin("host"), { kind: "file", file: "config/default.yaml", line: 1 })
      assert.deepInclude(origin("maxHeaderBytes"), { kind: "file", line: 2 })
      assert.deepInclude(origin("ports"), { kind: "variable", name: "MY_CHAT_HTTP__PORTS", file: ".env", line: 1 })
      assert.deepInclude(origin("mode"), { kind: "flag", name: "--http.mode", text: "safe" })
      assert.deepInclude(origin("origins"), { kind: "default" })
    })
  )

  it.effect("take variables that code names: set ones before files, defaults behind them", () =>
    Effect.gen(function* () {
      const files = {
        "config/default.json": `{ "http": { "port": 2, "host": "file" } }`,
        ".env": "CHAT_TEST_HOST=env-file\n"
      }
      const read = (set: Readonly<Record<string, string | undefined>>) => {
        for (const [name, value] of Object.entries(set)) {
          if (value === undefined) delete process.env[name]
          else process.env[name] = value
        }
        const config = Environment.config({
          http: { host: Environment.string("CHAT_TEST_HOST", "code"), port: Environment.number("CHAT_TEST_PORT", 1) }
        })
        return Effect.map(load({ config, files }), (loaded) => loaded.config.http)
      }
      assert.deepStrictEqual(yield* read({ CHAT_TEST_PORT: undefined, CHAT_TEST_HOST: undefined }), {
        host: "env-file",
        port: 2
      })
      assert.deepStrictEqual(yield* read({ CHAT_TEST_PORT: "3", CHAT_TEST_HOST: "set" }), { host: "set", port: 3 })
      yield* read({ CHAT_TEST_PORT: undefined, CHAT_TEST_HOST: undefined })
    })
  )

  it.effect("find the key whatever the case, and with dashes and underscores between words", () =>
    Effect.gen(function* () {
      const { config } = yield* load({
        env: {
          MY_CHAT_MAIL_OUT__RELAY__URL: "smtp://a",
          MY_CHAT_HTTP__MAX_HEADER_BYTES: "100",
          MY_CHAT_HTTP__LABELS__TEAM: "blue",
          MY_CHAT_HTTP__HOST: "",
          MY_CHAT_PORT_7420_TCP: "tcp://10.0.0.1",
          OTHER_HTTP__PORT: "1"
        },
        args: [
          "--mail-out.relay.retries=3",
          "--no-http.compress",
          "--http.origins",
          '["https://a, b"]',
          "--",
          "--http.port=9"
        ]
      })
      assert.deepStrictEqual(config, {
        http: { maxHeaderBytes: 100, labels: { team: "blue" }, compress: false, origins: ["https://a, b"] },
        "mail-out": { relay: { url: "smtp://a", retries: 3 } }
      })
      const built = yield* AppConfig.decode(app.plugins, config)
      assert.isTrue(built.has("mail-out"))
    })
  )

  it.effect("put variables in, with what goes without them", () =>
    Effect.gen(function* () {
      const files = {
        "config/default.toml": `[http]\nhost = "a-\${ZONE}"\nport = "\${THE_PORT}"\nlabels = { price = "$\${ZONE}", none = "\${NOT_SET:-no:ne}" }\nports = ["\${THE_PORT}", 7]\n`,
        ".env": `ZONE=\${REGION}-1\n`
      }
      const { config } = yield* load({ files, env: { THE_PORT: "80", REGION: "eu" } })
      assert.deepStrictEqual(config, {
        http: { host: "a-eu-1", port: 80, labels: { price: `\${ZONE}`, none: "no:ne" }, ports: [80, 7] }
      })
      const missing = (line: number, key: string) =>
        `  config/default.toml:${line} (${key}): expected the variable THE_PORT, got nothing. Set THE_PORT, or write \${THE_PORT:-…} with what goes without it.`
      assert.deepStrictEqual((yield* message({ files, env: { REGION: "eu" } })).split("\n"), [
        "The configuration has 2 problems:",
        missing(3, "http.port"),
        missing(5, "http.ports.0")
      ])
    })
  )

  it.effect("tell everything that is wrong at once: five errors are five, by file and line, variable or flag", () =>
    Effect.gen(function* () {
      const lines = yield* message({
        files: {
          "config/default.yaml": "http:\n  port: 99999\n  hosts: x # misspelt\nmail-out:\n  password: hunter2\n",
          "config/test.json": `{\n  "http": {\n    "mode": "fats"\n  }\n}`
        },
        profile: "test",
        env: { MY_CHAT_HTTP__COMPRES: "true" },
        args: ["--http.maxHeaderBytes", "many"]
      })
      assert.deepStrictEqual(lines.split("\n"), [
        "The configuration has 6 problems:",
        "  MY_CHAT_HTTP__COMPRES (http.compres): expected MY_CHAT_HTTP__COMPRESS, got MY_CHAT_HTTP__COMPRES",
        '  config/default.yaml:3 (http.hosts): expected "host", got "hosts"',
        "  config/default.yaml:2 (http.port): expected a value between 0 and 65535, got 99999",
        '  --http.maxHeaderBytes (http.maxHeaderBytes): expected number, got "many"',
        '  config/test.json:3 (http.mode): expected "fast" | "safe", got "fats"',
        "  config/default.yaml:5 (mail-out.password): expected a value with a length of at least 8, got a string that is not shown"
      ])
      assert.notInclude(lines, "hunter2")
    })
  )

  const broken: ReadonlyArray<readonly [what: string, given: Given, expected: RegExp]> = [
    [
      "YAML that is none",
      { files: { "config/default.yaml": "http:\n  port: [1\n" } },
      /config\/default\.yaml:\d .*expected YAML/
    ],
    [
      "JSON with a comma too many",
      { files: { "config/default.json": '{\n  "http": {},\n}' } },
      /default\.json:3 .*expected JSON/
    ],
    [
      "JSON with a key twice",
      { files: { "config/default.json": '{\n "http": {},\n "http": {}\n}' } },
      /default\.json:3 .*twice/
    ],
    ["an empty JSON file", { files: { "config/default.json": "" } }, /default\.json:1 .*it is empty/],
    [
      "TOML that is none",
      { files: { "config/default.toml": "[http]\nport = = 1\n" } },
      /default\.toml:2 .*expected TOML/
    ],
    [
      "a list instead of sections",
      { files: { "config/default.yml": "- 1\n" } },
      /default\.yml .*an object of sections/
    ],
    [
      "two files of one name",
      { files: { "config/default.yml": "{}", "config/default.toml": "" } },
      /config\/default\.toml .*config\/default\.yml is there, too/
    ],
    ["a folder in the place of a file", { files: { "config/default.json/x": "" } }, /default\.json .*it is no file/],
    [
      "a file that is too large",
      { files: { "config/default.json": `{"a":"${"x".repeat(1024 * 1024)}"}` } },
      /may have 1048576/
    ],
    [
      "a file that is nested too deep",
      { files: { "config/default.json": `{"http":{"labels":${"[".repeat(40)}${"]".repeat(40)}}}` } },
      /nested deeper than 32/
    ],
    [
      "aliases that multiply",
      {
        files: {
          "config/default.yaml": `a: &a [${"x,".repeat(20)}]\nb: &b [${"*a,".repeat(20)}]\nc: [${"*b,".repeat(20)}]\n`
        }
      },
      /expected YAML/
    ],
    [
      "a profile that has no file",
      { profile: "staging" },
      /a file config\/staging\.yaml, \.json or \.toml for the profile "staging"/
    ],
    [
      "a profile that leads elsewhere",
      { env: { MY_CHAT_PROFILE: "../secrets" } },
      /MY_CHAT_PROFILE .*expected a profile of up to 64 letters/
    ],
    [
      "a section that nobody has",
      { env: { MY_CHAT_HTPP__PORT: "1" } },
      /MY_CHAT_HTPP__PORT \(htpp\): expected MY_CHAT_HTTP, got MY_CHAT_HTPP__PORT/
    ],
    ["a flag that nobody has", { args: ["--http.prt", "1"] }, /--http\.prt \(http\.prt\): expected --http\.port/],
    [
      "a section of a file that nobody has",
      { files: { "config/default.yaml": "\nhttpp:\n  port: 1\n" } },
      /config\/default\.yaml:2 \(httpp\): expected "http"/
    ],
    ["__proto__", { files: { "config/default.json": `{"http":{"__proto__":{"port":1}}}` } }, /__proto__/]
  ]
  for (const [what, given, expected] of broken) {
    it.effect(`refuse ${what}`, () => Effect.map(message(given), (text) => void assert.match(text, expected)))
  }

  it.effect("are silent about NODE_ENV without a file", () =>
    Effect.gen(function* () {
      const { config, profile } = yield* load({ env: { NODE_ENV: "production" } })
      assert.strictEqual(profile, "production")
      assert.strictEqual((yield* AppConfig.decode(app.plugins, config)).size, 2)
    })
  )
})
