import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ConfigCommand from "../src/ConfigCommand.ts"
import { app, place } from "./place.ts"

/** Runs commands one after another in a folder; gives what each printed. */
const inFolder = Effect.fnUntraced(function* (
  files: Readonly<Record<string, string>>,
  env: Record<string, string> = {}
) {
  const folder = yield* place(files)
  const run = (...args: ReadonlyArray<string>) => {
    const printed: Array<string> = []
    return Effect.map(
      ConfigCommand.run(app, {
        name: "my-chat",
        config: { http: { host: "code" } },
        folder,
        env: { XDG_CONFIG_HOME: path.join(folder, "home"), ...env },
        args,
        print: (text) => void printed.push(text)
      }),
      (code) => ({ code, text: printed.join("\n") })
    )
  }
  const read = (name: string) => readFileSync(path.join(folder, name), "utf8")
  return { run, read, folder }
})

describe("the configuration on the command line", () => {
  it.effect("prints each key with its value and where that came from, and no secret", () =>
    Effect.gen(function* () {
      const { run } = yield* inFolder(
        {
          "config/default.yaml": "http:\n  port: 80\n  labels: { team: blue }\nmail-out:\n  password: hunter2hunter2\n",
          ".env": "MY_CHAT_HTTP__COMPRESS=true\n"
        },
        { MY_CHAT_MAIL_OUT__RELAY__URL: "smtp://relay" }
      )
      const { code, text } = yield* run("print")
      assert.strictEqual(code, 0)
      const lines = text.split("\n").map((line) => line.split(/ {2,}/))
      assert.deepStrictEqual(lines, [
        ["key", "value", "source"],
        ["http.host", '"code"', "code"],
        ["http.port", "80", "config/default.yaml:2"],
        ["http.maxHeaderBytes", "–", "default"],
        ["http.compress", "true", "MY_CHAT_HTTP__COMPRESS in .env:1"],
        ["http.origins", "–", "default"],
        ["http.ports", "–", "default"],
        ["http.labels.team", '"blue"', "config/default.yaml:3"],
        ["http.mode", "–", "default"],
        ["mail-out.password", "<redacted>", "config/default.yaml:5"],
        ["mail-out.relay.url", '"smtp://relay"', "MY_CHAT_MAIL_OUT__RELAY__URL"],
        ["mail-out.relay.retries", "–", "default"]
      ])
      const json = yield* run("print", "--json")
      assert.deepStrictEqual(JSON.parse(json.text)[8], {
        path: "mail-out.password",
        value: "<redacted>",
        source: "config/default.yaml:5"
      })
      assert.notInclude(text + json.text, "hunter2")
    })
  )

  it.effect("checks", () =>
    Effect.gen(function* () {
      const { run } = yield* inFolder({ "config/default.yaml": "http: { port: 80 }\n", "config/big.json": "{}" })
      assert.deepStrictEqual(yield* run("check", "--profile", "big"), {
        code: 0,
        text: "The configuration is right (profile big); read: config/default.yaml, config/big.json."
      })
      const wrong = yield* inFolder({ "config/default.yaml": "http: { port: 80, mode: x }\nmial-out: {}\n" })
      const { code, text } = yield* wrong.run("check")
      assert.strictEqual(code, 78)
      assert.include(text, "The configuration has 2 problems:")
      assert.include(text, `config/default.yaml:2 (mial-out): expected "mail-out"`)
    })
  )

  for (const [name, before, after] of [
    ["config/default.yaml", "# ours\nhttp:\n  port: 80 # the page\n", "# ours\nhttp:\n  port: 8080 # the page\n"],
    ["config/default.json", '{\n    "http": { "port": 80 }\n}\n', '{\n    "http": { "port": 8080 }\n}\n'],
    ["config/default.toml", "# ours\n[http]\nport = 80 # the page\n", "# ours\n[http]\nport = 8080 # the page\n"]
  ] as const) {
    it.effect(`sets a value in ${name}, with all else as it was`, () =>
      Effect.gen(function* () {
        const { read, run } = yield* inFolder({ [name]: before })
        assert.deepStrictEqual(yield* run("set", "http.port", "8080"), { code: 0, text: `${name}: http.port is set.` })
        assert.strictEqual(read(name), after)
        yield* run("set", "http.ports", "1, 2")
        yield* run("set", "mail-out.relay.url", "smtp://a")
        const { text } = yield* run("print", "--json")
        const values = (JSON.parse(text) as ReadonlyArray<{ readonly path: string; readonly value: string }>).map(
          (one) => `${one.path}=${one.value}`
        )
        assert.includeMembers(values, ["http.port=8080", "http.ports=[1,2]", 'mail-out.relay.url="smtp://a"'])
      })
    )
  }

  it.effect("sets nothing that would be wrong, and no secret", () =>
    Effect.gen(function* () {
      const { folder, read, run } = yield* inFolder({ "config/default.yaml": "http: { port: 80 }\n" })
      const wrong = yield* run("set", "http.port", "99999")
      assert.strictEqual(wrong.code, 78)
      assert.include(wrong.text, "config/default.yaml:1 (http.port): expected a value between 0 and 65535, got 99999")
      const refusals = [
        [["set", "mail-out.password", "hunter2hunter2"], /is a secret.*Set the variable MY_CHAT_MAIL_OUT__PASSWORD/],
        [["set", "http.prt", "1"], /There is no key http\.prt\. Did you mean port\?/],
        [["set", "http", "1"], /http is a section/],
        [["set", "http.port"], /set takes a key and a value/],
        [["print", "--jsno"], /Unknown option '--jsno'/],
        [["shwo"], /There is no command "shwo"/],
        [[], /A command is needed/]
      ] as const
      for (const [args, expected] of refusals) {
        const error = yield* Effect.flip(run(...args))
        assert.strictEqual(error._tag, "ConfigCommandRefused")
        assert.match(error.message, expected)
        assert.notInclude(error.message, "hunter2")
      }
      assert.strictEqual(read("config/default.yaml"), "http: { port: 80 }\n")
      yield* run("set", "--profile", "new", "http.port", "1")
      assert.include(read("config/new.yaml"), "port: 1")
      assert.isFalse(existsSync(path.join(folder, "home")))
    })
  )

  it.effect("writes the example of variables and the page of reference", () =>
    Effect.gen(function* () {
      const { read, run } = yield* inFolder({})
      yield* run("env", "--write", ".env.example")
      assert.include(read(".env.example"), "# MY_CHAT_HTTP__MAX_HEADER_BYTES=<number>\n")
      assert.include(read(".env.example"), "# MY_CHAT_MAIL_OUT__PASSWORD=\n")
      const { text } = yield* run("reference")
      assert.include(text, '| `http.mode` | `MY_CHAT_HTTP__MODE` | "fast" \\| "safe" | no |')
      assert.include(text, "| `mail-out.password` | `MY_CHAT_MAIL_OUT__PASSWORD` | string, secret | no |")
      // every variable of the example is one that is read
      const example = read(".env.example").replaceAll(/^# (MY_CHAT_\w+)=.*$/gm, (_, name: string) => `${name}=`)
      assert.isAbove(example.length, 100)
    })
  )
})
