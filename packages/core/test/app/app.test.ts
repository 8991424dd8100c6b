// @module-tag process
import { fileURLToPath } from "node:url"
import { stripVTControlCharacters } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as App from "../../src/app/App.ts"
import { json, pretty } from "../../src/app/internal/banner.ts"
import * as Plugin from "../../src/app/Plugin.ts"
import { Run } from "./processes/Run.ts"
import { Accounts, accounts, database, server } from "./services.ts"

const file = fileURLToPath(new URL("processes/app.ts", import.meta.url))

const ready = `"event":"ready"`

describe.concurrent("App.run", () => {
  it("tells where it listens, drains on SIGTERM, closes, and exits with 0", async () => {
    using run = new Run(file, "well")
    await run.says(ready)
    run.signal("SIGTERM")
    assert.strictEqual(await run.ended, 0)
    const [first, last] = [run.events[0], run.events.at(-1)]
    assert.deepStrictEqual(first?.listening, [{ name: "http", address: "http://127.0.0.1:3000" }])
    assert.strictEqual(first?.name, "testapp")
    assert.isNumber(first?.totalMillis)
    assert.deepStrictEqual(
      (first?.plugins as Array<{ name: string }> | undefined)?.map(({ name }) => name),
      ["base", "server"]
    )
    assert.deepStrictEqual(last, { event: "stopped", name: "testapp", code: 0 })
    assert.deepStrictEqual(
      run.lines.filter((line) => !line.startsWith("{")),
      ["base open", "door shut", "clients told", "base closed"]
    )
    assert.strictEqual(run.err, "")
  })

  it("stays alive with nothing to do, and SIGINT sent twice by a terminal and npm is one SIGINT", async () => {
    using run = new Run(file, "silent")
    await run.says(ready)
    run.signal("SIGINT")
    run.signal("SIGINT")
    assert.strictEqual(await run.ended, 0)
  })

  it("exits with 78 and every problem when the configuration is wrong, without its secrets", async () => {
    using run = new Run(file, "config")
    assert.strictEqual(await run.ended, 78)
    assert.strictEqual(
      run.err,
      [
        "✗ testapp could not start",
        "  The configuration has 3 problems:",
        `    sever: expected "server", got "sever"`,
        `    server.port: expected number, got "eighty"`,
        "    server.password: expected string, got a number that is not shown [APP_CONFIG_INVALID]",
        ""
      ].join("\n")
    )
    assert.strictEqual(run.out, "")
  })

  it("exits with 78 when the configuration cannot be read", async () => {
    using run = new Run(file, "unreadable")
    assert.strictEqual(await run.ended, 78)
    assert.include(run.err, "The configuration could not be read: no such file [APP_CONFIG_UNREADABLE]")
  })

  it("exits with 1 and one block without a stack when a plugin fails with a typed error", async () => {
    using run = new Run(file, "taken")
    assert.strictEqual(await run.ended, 1)
    assert.strictEqual(
      run.err,
      `✗ testapp could not start (plugin "server", layer)\n  Port 80 is taken. Change server.port. [TEST_PORT_TAKEN]\n`
    )
    assert.deepStrictEqual(run.lines, ["base open", "base closed"])
  })

  it("shows where a defect of a layer is", async () => {
    using run = new Run(file, "defect")
    assert.strictEqual(await run.ended, 1)
    assert.match(run.err, /\(plugin "server", layer\)\n {2}TypeError: bug in a layer\n {6}at .*app\.ts:\d+/)
  })

  it("logs an uncaught error, drains, and exits with 1", async () => {
    using run = new Run(file, "uncaught")
    await run.says(ready)
    run.signal("SIGUSR2")
    assert.strictEqual(await run.ended, 1)
    assert.match(run.err, /✗ testapp: uncaught error\n {2}Error: nobody catches this\n/)
    assert.include(run.lines, "clients told")
    assert.include(run.lines, "base closed")
  })

  it("exits with 1 and names what is open when the drain misses its deadline, but closes the layers", async () => {
    for (const scenario of ["stuck", "stubborn"]) {
      using run = new Run(file, scenario)
      await run.says(ready)
      run.signal("SIGTERM")
      assert.strictEqual(await run.ended, 1)
      assert.strictEqual(run.err, "✗ testapp: the drain took longer than 50 ms and was cut off. Still open: clients.\n")
      assert.include(run.lines, "base closed")
    }
  })

  it("exits with 1 when a drain step or a finalizer has a bug", async () => {
    for (const [scenario, text] of [
      ["broken", `✗ drain step "clients" broke\n  Error: bug in a step\n`],
      ["close-broken", "✗ testapp did not close cleanly\n  Error: bug in a finalizer\n"]
    ] as const) {
      using run = new Run(file, scenario)
      await run.says(ready)
      run.signal("SIGTERM")
      assert.strictEqual(await run.ended, 1)
      assert.isTrue(run.err.startsWith(text), run.err)
    }
  })

  it("is ended at once by a second signal, with the code of that signal", async () => {
    using run = new Run(file, "never-drained")
    await run.says(ready)
    run.signal("SIGTERM")
    await run.says("door shut")
    let code: number | string | null | undefined
    const ended = run.ended.then((value) => {
      code = value
    })
    // the first half second counts as one signal, so the second is repeated until it takes effect
    for (let tries = 0; code === undefined && tries < 100; tries++) {
      run.signal("SIGINT")
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))])
    }
    assert.strictEqual(code, 130)
    assert.include(run.err, "stopped at once by a second SIGINT")
  })

  it("gives up a start that a signal interrupts", async () => {
    using run = new Run(file, "slow")
    await run.says("building")
    run.signal("SIGTERM")
    assert.strictEqual(await run.ended, 143)
    assert.include(run.lines, "base closed")
  })

  it("does not wait longer than the deadline for a start that cannot be interrupted", async () => {
    using run = new Run(file, "slow-stubborn")
    await run.says("building")
    run.signal("SIGTERM")
    assert.strictEqual(await run.ended, 143)
    assert.include(run.err, "giving up the start took longer than 50 ms")
  })
})

describe("App.build", () => {
  it.effect("gives the services of an app in the caller's scope", () =>
    Effect.gen(function* () {
      const app = Plugin.compose(accounts(), server(), database())
      const context = yield* App.build(app, { accounts: { issuer: "a" }, server: { port: 1 } })
      const accountsService = yield* Effect.provideContext(Effect.service(Accounts), context)
      assert.strictEqual(accountsService.find("b"), "a/b@memory")
    }).pipe(Effect.scoped)
  )
})

describe("the banner", () => {
  const told = {
    name: "chat",
    listening: [
      { name: "http", address: "http://127.0.0.1:3000" },
      { name: "chat-tcp", address: "tcp://127.0.0.1:4000" }
    ],
    timings: [
      { plugin: "http", layerMillis: 1.25, activationMillis: 12 },
      { plugin: "rooms", layerMillis: 0.1, activationMillis: 0 }
    ],
    totalMillis: 143.21
  }

  it("is for people at a terminal", () => {
    assert.strictEqual(
      stripVTControlCharacters(pretty(told)),
      [
        "",
        "  chat is ready after 143 ms",
        "",
        "  http      http://127.0.0.1:3000",
        "  chat-tcp  tcp://127.0.0.1:4000",
        "",
        "  http 13 ms",
        "",
        ""
      ].join("\n")
    )
    assert.include(pretty({ ...told, listening: [] }), "nothing listens")
    assert.include(
      stripVTControlCharacters(pretty({ ...told, debugging: true })),
      "\n  debugging: every line of the log"
    )
  })

  it("is one line of JSON elsewhere", () => {
    const line = json(told)
    assert.strictEqual(line.indexOf("\n"), line.length - 1)
    const { listening, pid, plugins, totalMillis } = JSON.parse(line) as Record<string, unknown>
    assert.deepStrictEqual([listening, pid, totalMillis], [told.listening, process.pid, 143.21])
    assert.deepStrictEqual(plugins, [
      { name: "http", layerMillis: 1.25, activationMillis: 12 },
      { name: "rooms", layerMillis: 0.1, activationMillis: 0 }
    ])
  })
})
