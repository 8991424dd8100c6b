// @module-tag process
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Client from "@mortise/core/client/Client"
import { until } from "@mortise/core/testing/until"
import { Tcp } from "@mortise/transport-socket"
import * as Effect from "effect/Effect"
import * as AdminSocket from "../src/AdminSocket.ts"
import { Echo } from "./processes/contract.ts"

const app = path.join(import.meta.dirname, "processes/app.ts")
const bin = path.join(import.meta.dirname, "../src/internal/bin.ts")

const temporary = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(path.join(tmpdir(), "mortise-admin-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** An app that runs in a folder of its own, and the commands of its owner, who stands in the same folder. */
const start = Effect.fnUntraced(function* (...given: ReadonlyArray<string>) {
  const folder = yield* temporary
  const env = { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: path.join(folder, "run"), NO_COLOR: "1" }
  let said = ""
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, [app, ...given], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] })
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  const ended = once(child, "close").then(([code]) => code as number | null)
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text))
  yield* until("the app is ready", () => said.includes(`"event":"ready"`), 30_000)
  const port = Number(/tcp:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1])
  const admin = (
    ...args: ReadonlyArray<string>
  ): ChildProcess & { said: () => string; ended: Promise<number | null> } => {
    const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] })
    let text = ""
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
    return Object.assign(child, {
      said: () => text,
      ended: once(child, "close").then(([code]) => code as number | null)
    })
  }
  const run = (...args: ReadonlyArray<string>) =>
    Effect.promise(async () => {
      const child = admin(...args)
      return { code: await child.ended, text: child.said() }
    })
  return { folder, env, ended, port, admin, run, pid: child.pid, said: () => said }
})
const running = start()

describe("the admin socket", () => {
  it.live("tells its owner what the app does, and does what the owner says", () =>
    Effect.gen(function* () {
      const { admin, ended, pid, port, run } = yield* running
      const client = yield* Client.make(Echo, Tcp.connector({ host: "127.0.0.1", port }))

      const info = JSON.parse((yield* run("info", "--json")).text)
      assert.strictEqual(info.pid, pid)
      assert.deepStrictEqual(info.plugins, ["gateway", "tcp", "admin", "echo"])
      assert.strictEqual(info.connections, 1)
      assert.isFalse(info.draining)
      assert.deepStrictEqual(
        info.listening.map(({ name }: { readonly name: string }) => name),
        ["admin", "tcp"]
      )
      const { text } = yield* run("info")
      assert.match(text, new RegExp(`^process +${pid}, Node 24\\.`))
      assert.match(text, /\nplugins +gateway, tcp, admin, echo\n/)

      const clients = JSON.parse((yield* run("clients", "--json")).text)
      assert.deepInclude(clients[0], { id: client.connection.id, transport: "tcp", state: "open", wire: "binary" })

      // nothing is said of a message until its category is let through; a secret is not said then either
      const listening = admin("listen")
      yield* until("it listens", () => listening.said() !== "" || listening.pid !== undefined)
      assert.strictEqual((yield* run("level", "request", "Debug")).code, 0)
      yield* until("the line comes", () => {
        Effect.runFork(Effect.ignore(client.request.echo({ text: "to be seen" })))
        return listening.said().includes("to be seen")
      })
      assert.match(listening.said(), /DEBUG request +echoed +text="to be seen" apiToken=<redacted>/)
      assert.notInclude(listening.said(), "hunter2")
      listening.kill("SIGINT")
      assert.strictEqual(yield* Effect.promise(() => listening.ended), 130)

      assert.deepStrictEqual(yield* run("close", client.connection.id, "bye"), {
        code: 0,
        text: `${client.connection.id} is closed.\n`
      })
      // TCP has no close codes: that the connection ends is all that it tells
      assert.strictEqual((yield* client.connection.closed)._tag, "ConnectionClosed")

      assert.deepStrictEqual(yield* run("stop"), { code: 0, text: "The app has stopped.\n" })
      assert.strictEqual(yield* Effect.promise(() => ended), 0)
      const gone = yield* run("info")
      assert.strictEqual(gone.code, 2)
      assert.match(gone.text, /^✗ No app that has the plugin admin runs in /)
    })
  )

  it.live("shows whoever listens the frames of the app, and not those by which it is shown", () =>
    Effect.gen(function* () {
      const { admin, port, run, said } = yield* start("--debug")
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
      assert.notMatch(said(), /admin\.(listen|info)|"transport":"admin"/)
      assert.notMatch(listening.said(), /admin[.-]/)

      assert.strictEqual((yield* run("level", "request", "Info")).code, 0)
      const before = said()
      assert.strictEqual(yield* client.request.echo({ text: "not to be seen" }), "not to be seen")
      assert.strictEqual((yield* run("info")).code, 0)
      assert.notInclude(said().slice(before.length), "← request")
      listening.kill("SIGINT")
      yield* Effect.promise(() => listening.ended)
    })
  )

  it.live("refuses in words what it does not understand", () =>
    Effect.gen(function* () {
      const { run } = yield* running
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

  it.live.skipIf(process.getuid?.() !== 0)("lets no other user in", () =>
    Effect.gen(function* () {
      const { env, folder, run } = yield* running
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
