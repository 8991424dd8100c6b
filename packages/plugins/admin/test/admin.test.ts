// @module-tag process
import { spawnSync } from "node:child_process"
import { chmodSync, mkdirSync, statSync } from "node:fs"
import path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Client from "@mortise/core/client/Client"
import { until } from "@mortise/core/testing/until"
import { Tcp } from "@mortise/transport-socket"
import * as Effect from "effect/Effect"
import * as AdminCommand from "../src/AdminCommand.ts"
import * as AdminSocket from "../src/AdminSocket.ts"
import { Echo } from "./processes/contract.ts"
import { running } from "./running.ts"
import { temporary } from "./waiting.ts"

const app = path.join(import.meta.dirname, "processes/app.ts")

describe("the admin socket", () => {
  it.live("tells its owner what the app does, and does what the owner says", () =>
    Effect.gen(function* () {
      const { admin, ended, child, port, run } = yield* running(app)
      const client = yield* Client.make(Echo, Tcp.connector({ host: "127.0.0.1", port }))

      const info = JSON.parse((yield* run("info", "--json")).text)
      assert.strictEqual(info.pid, child.pid)
      assert.deepStrictEqual(info.plugins, ["gateway", "tcp", "admin", "echo"])
      assert.strictEqual(info.connections, 1)
      assert.isFalse(info.draining)
      assert.deepStrictEqual(
        info.listening.map(({ name }: { readonly name: string }) => name),
        ["admin", "tcp"]
      )
      const { text } = yield* run("info")
      assert.match(text, new RegExp(`^process +${child.pid}, Node 24\\.`))
      assert.match(text, /\nplugins +gateway, tcp, admin, echo\n/)

      const clients = JSON.parse((yield* run("clients", "--json")).text)
      assert.deepInclude(clients[0], { id: client.connection.id, transport: "tcp", state: "open", wire: "binary" })

      // nothing is said of a message until its category is let through; a secret is not said then either
      const listening = admin("listen")
      yield* until("it listens", () => listening.said() !== "" || listening.child.pid !== undefined)
      assert.strictEqual((yield* run("level", "request", "Debug")).code, 0)
      yield* until("the line comes", () => {
        Effect.runFork(Effect.ignore(client.request.echo({ text: "to be seen" })))
        return listening.said().includes("to be seen")
      })
      assert.match(listening.said(), /DEBUG request +echoed +text="to be seen" apiToken=<redacted>/)
      assert.notInclude(listening.said(), "hunter2")
      listening.child.kill("SIGINT")
      assert.strictEqual(yield* Effect.promise(() => listening.ended), 130)

      assert.deepInclude(yield* run("close", client.connection.id, "bye"), {
        code: 0,
        text: `${client.connection.id} is closed.\n`
      })
      // TCP has no close codes: that the connection ends is all that it tells
      assert.strictEqual((yield* client.connection.closed)._tag, "ConnectionClosed")

      assert.deepInclude(yield* run("stop"), { code: 0, text: "The app has stopped.\n" })
      assert.strictEqual(yield* Effect.promise(() => ended), 0)
      const gone = yield* run("info")
      assert.strictEqual(gone.code, 2)
      assert.match(gone.text, /^✗ No app that has the plugin admin runs in /)
    })
  )

  it.live("shows whoever listens the frames of the app, and not those by which it is shown", () =>
    Effect.gen(function* () {
      const { admin, log, port, run } = yield* running(app, ":", "--debug")
      const client = yield* Client.make(Echo, Tcp.connector({ host: "127.0.0.1", port }))
      const listening = admin("listen")
      yield* until("the frames come", () => {
        Effect.runFork(Effect.ignore(client.request.echo({ text: "to be seen" })))
        return listening.said().includes("→ response echo.echo")
      })
      assert.match(
        listening.said(),
        /TRACE request +← request echo\.echo {2}#\d+ \d+ B {2}{"text":"to be seen"} {2}tcp-\d+ binary/
      )
      // what the owner asks is shown nowhere; at this level every other line is
      assert.strictEqual((yield* run("info")).code, 0)
      assert.notMatch(log(), /admin\.(listen|info)|"transport":"admin"/)
      assert.notMatch(listening.said(), /admin[.-]/)

      assert.strictEqual((yield* run("level", "request", "Info")).code, 0)
      const before = log()
      assert.strictEqual(yield* client.request.echo({ text: "not to be seen" }), "not to be seen")
      assert.strictEqual((yield* run("info")).code, 0)
      assert.notInclude(log().slice(before.length), "← request")
      listening.child.kill("SIGINT")
      yield* Effect.promise(() => listening.ended)
    })
  )

  it.live("refuses in words what it does not understand", () =>
    Effect.gen(function* () {
      const { run } = yield* running(app)
      for (const [args, expected] of [
        [[], /A command is needed/],
        [["inof"], /There is no command "inof"/],
        [["info", "--jsno"], /Unknown option '--jsno'/],
        [["level", "nothing", "Debug"], /the category: Expected "operation" \|/],
        [["level", "all", "loud"], /the level: Expected "All" \|/],
        [["close"], /close takes the id of a connection/],
        [["close", "nobody"], /There is no connection nobody/]
      ] as const) {
        const { code, text } = yield* run(...args)
        assert.strictEqual(code, 2, text)
        assert.match(text, expected)
      }
    })
  )

  it.live("refuses what a command does not take", () =>
    Effect.gen(function* () {
      const { env, folder } = yield* running(app)
      const socket = yield* AdminSocket.pathOf(folder, env)
      const options = { folder, input: process.stdin, print: () => {}, colours: false }
      for (const [args, expected] of [
        [["info", "--token", "x"], /--token is for call/],
        [["call", "echo.echo", "--seconds", "3"], /--seconds is for profile/],
        [["call", "echo.echo", "{text:1}"], /The payload is no JSON: .*\nQuote it for your shell/],
        [["call", "echo.echo", '{"text":', '"a"}'], /as one word.*There is "a"} behind it/],
        [["call", "echo.echo", "--timeout", "soon"], /--timeout takes seconds/],
        [["call", "echo.echo", "--timeout", "0"], /--timeout takes seconds/],
        [["profile"], /profile takes one word: cpu, heap or allocations/],
        [["profile", "disk"], /profile takes one word/],
        [["profile", "cpu", "--seconds", "301"], /--seconds takes a whole number from 1 to 300/],
        [["profile", "cpu", "--seconds", "0.5"], /--seconds takes a whole number from 1 to 300/],
        [["profile", "heap", "--seconds", "3"], /leave --seconds out/]
      ] as const) {
        const refused = yield* Effect.flip(AdminCommand.run({ ...options, args: ["--socket", socket, ...args] }))
        assert.strictEqual(refused._tag, "AdminCommandRefused", args.join(" "))
        assert.match(refused.message, expected)
      }
    })
  )

  it.live.skipIf(process.getuid?.() !== 0)("lets no other user in", () =>
    Effect.gen(function* () {
      const { env, folder, run } = yield* running(app)
      const socket = Effect.runSync(AdminSocket.pathOf(folder, env))
      assert.strictEqual(statSync(socket).mode & 0o777, 0o600)
      assert.strictEqual(statSync(path.dirname(socket)).mode & 0o777, 0o700)
      assert.strictEqual((yield* run("info")).code, 0)
      // all doors before it stand open
      for (const each of [folder, path.join(folder, "run")]) chmodSync(each, 0o755)
      chmodSync(path.dirname(socket), 0o755)
      const script = `require("node:net").connect(${JSON.stringify(socket)}).on("connect",()=>process.exit(0)).on("error",(e)=>{console.log(e.code);process.exit(3)})`
      const nobody = spawnSync(process.execPath, ["-e", script], {
        uid: 65_534,
        gid: 65_534,
        cwd: "/",
        encoding: "utf8"
      })
      assert.strictEqual(nobody.status, 3, nobody.stderr)
      assert.strictEqual(nobody.stdout.trim(), "EACCES")
    })
  )
})

describe("the folder of the admin socket", () => {
  const problem = (folder: string) =>
    Effect.map(Effect.flip(AdminSocket.pathOf("/", { XDG_RUNTIME_DIR: folder })), ({ code, problem }) => [
      code,
      problem
    ])

  it.effect("is refused where others may enter it, or where it is none", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      mkdirSync(path.join(folder, "mortise"), { mode: 0o700 })
      assert.match(yield* AdminSocket.pathOf("/", { XDG_RUNTIME_DIR: folder }), /mortise\/[0-9a-f]{16}\.sock$/)
      chmodSync(path.join(folder, "mortise"), 0o777)
      assert.deepStrictEqual(yield* problem(folder), ["ADMIN_FOLDER_UNSAFE", "others may enter it"])
      assert.strictEqual((yield* problem("/dev/null"))[0], "ADMIN_FOLDER_UNSAFE")
    })
  )
})
