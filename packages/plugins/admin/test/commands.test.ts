/** The commands in the process of the app, where their outcomes are values; admin.test.ts runs them as people do. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as AdminCommand from "../src/AdminCommand.ts"
import { AdminCallFailed, AdminCommandRefused } from "../src/AdminError.ts"
import { inProcess, withLog } from "./inProcess.ts"
import { eventually } from "./waiting.ts"

describe("the owner's commands", () => {
  it.live("tell what the app is, who is connected, and change its levels", () =>
    Effect.gen(function* () {
      const { fails, says } = yield* inProcess
      const info = JSON.parse(yield* says("info", "--json")) as { readonly pid: number; readonly plugins: unknown }
      assert.strictEqual(info.pid, process.pid)
      assert.includeMembers(info.plugins as Array<string>, ["gateway", "tcp", "auth", "admin", "desk"])
      assert.match(yield* says("info"), /^process +\d+, Node .*\nplugins .*\n.*tcp:\/\/127\.0\.0\.1:\d+/s)
      assert.strictEqual(yield* says("clients"), "Nobody is connected.")
      assert.strictEqual(yield* says("clients", "--json"), "[]")
      assert.match(yield* says("level", "integration", "Debug"), /^integration +Debug$/m)
      assert.match(yield* says("level", "all", "Info"), /^integration +Info$/m)
      for (const [args, reason] of [
        [["level", "everything", "Info"], /^the category: /],
        [["level", "all", "Loud"], /^the level: /],
        [["close"], /takes the id/],
        [["close", "tcp-77"], /There is no connection tcp-77/],
        [["call", "--seconds", "1"], /--seconds is for profile/],
        [["sotp"], /There is no command "sotp"/],
        [[], /A command is needed/],
        [["info", "--nonsense"], /Unknown option '--nonsense'/]
      ] as const) {
        const error = yield* fails(...args)
        assert.instanceOf(error, AdminCommandRefused)
        assert.match(error.message, reason)
      }
      assert.strictEqual(yield* says("--help"), AdminCommand.usage)
    }).pipe(withLog)
  )

  it.live("show the lines of the log as they come", () =>
    Effect.gen(function* () {
      const { command } = yield* inProcess
      const lines: Array<string> = []
      const listening = yield* Effect.forkChild(command(["listen"], "", lines))
      yield* eventually(
        "the line comes",
        Effect.map(Effect.logWarning("the roof leaks", { room: "attic", password: "hunter22" }), () =>
          lines.join("\n")
        ),
        (seen) => seen.includes("the roof leaks")
      )
      assert.match(lines.join("\n"), /WARN +operation +the roof leaks {2}room=attic password=<redacted>/)
      yield* Fiber.interrupt(listening)
    }).pipe(withLog)
  )

  it.live("call messages of every kind", () =>
    Effect.gen(function* () {
      const { command, fails, says } = yield* inProcess
      const listed = yield* says("call")
      assert.match(listed, /^desk\.add +request$/m)
      assert.match(listed, /^desk\.count +stream$/m)
      assert.match(listed, /^desk\.who +request {2}with --token$/m)
      assert.match(listed, /^desk\.rule +request {2}with --token of scope rule$/m)
      assert.match(listed, /^local\.ping +request {2}on tcp only$/m)
      assert.strictEqual(yield* says("call", "desk.add", '{"a":1,"b":2}'), "3")
      assert.strictEqual(yield* says("call", "desk.add", '{"a":1,"b":2}', "--json"), "3")
      assert.strictEqual(yield* says("call", "desk.nothing"), "desk.nothing is done; it answers with no data.")
      assert.strictEqual(yield* says("call", "desk.nothing", "--json"), "null")
      assert.strictEqual(yield* says("call", "desk.count", '{"to":2}'), '{"n":1}\n{"n":2}')
      assert.strictEqual(yield* says("call", "desk.note", '{"text":"x"}'), "desk.note was sent.")
      assert.strictEqual(yield* says("call", "desk.who", "--token", "ada-99"), '"ada-99"')
      assert.strictEqual(yield* says("call", "desk.from"), '"admin"')
      const from: Array<string> = []
      yield* command(["call", "desk.size", "-"], JSON.stringify({ text: "four" }), from)
      assert.deepStrictEqual(from, ["4"])
      for (const [args, reason] of [
        [["call", "desk.find", '{"name":"x"}'], /"NotFound"/],
        [["call", "desk.count", '{"to":-1}'], /"NotFound"/],
        [["call", "desk.ad"], /did you mean desk\.add\?.*\[UNKNOWN_MESSAGE\]/s],
        [["call", "desk.add", '{"a":1}'], /\[BAD_PAYLOAD\]/],
        [["call", "desk.who"], /\[UNAUTHENTICATED\]/],
        [["call", "desk.never", "--timeout", "0.05"], /\[DEADLINE_EXCEEDED\]/],
        [["call", "desk.rang"], /is an event/],
        [["call", "local.ping"], /served on tcp only/]
      ] as const) {
        const error = yield* fails(...args)
        assert.instanceOf(error, AdminCallFailed, args.join(" "))
        assert.match(error.message, reason)
      }
      for (const [args, reason] of [
        [["call", "desk.add", "{a:1}"], /The payload is no JSON/],
        [["call", "desk.add", "{}", "more"], /There is more behind it/],
        [["call", "desk.add", "{}", "--timeout", "soon"], /--timeout takes seconds/],
        [["call", "desk.add", `"${"x".repeat(1_048_577)}"`], /A payload has at most/]
      ] as const) {
        const error = yield* fails(...args)
        assert.instanceOf(error, AdminCommandRefused)
        assert.match(error.message, reason)
      }
      const large = yield* Effect.flip(command(["call", "desk.size", "-"], "x".repeat(1_100_000)))
      assert.match(large.message, /Standard input has more than/)
    }).pipe(withLog)
  )
})
