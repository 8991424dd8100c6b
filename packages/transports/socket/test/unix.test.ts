// @module-tag process
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "@effect/vitest"
import { Recorder } from "@mortise/core/testing/transport-kit/Recorder"
import { until } from "@mortise/core/testing/until"
import type { Admit } from "@mortise/core/transport/Transport"
import * as Effect from "effect/Effect"
import * as Unix from "../src/Unix.ts"

const refuse: Admit = () => Effect.succeed({ _tag: "Refuse", status: 503, reason: "full" })

const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "mortise-"))),
  (made) => Effect.promise(() => rm(made, { recursive: true, force: true }))
)

/** A socket file whose process was killed before it could remove it. */
const stale = (path: string) =>
  Effect.callback<void>((resume) => {
    const script = `require("node:net").createServer().listen(${JSON.stringify(path)},()=>process.kill(process.pid,"SIGKILL"))`
    spawn(process.execPath, ["-e", script], { stdio: "ignore" }).on("exit", () => resume(Effect.void))
  })

describe("Unix.listener", () => {
  it.live("makes its file for the user alone, and removes it", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "s.sock")
      const mask = process.umask()
      yield* Effect.scoped(
        Effect.gen(function* () {
          assert.deepEqual(yield* Unix.listener({ path }).listen(refuse), [`unix:${path}`])
          assert.equal(statSync(path).mode & 0o777, 0o600)
          assert.equal(process.umask(), mask, "the process's mask is as it was")
        })
      )
      assert.equal(existsSync(path), false)
    })
  )

  it.live("makes its file with the permissions it is given", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "s.sock")
      yield* Unix.listener({ path, mode: 0o666 }).listen(refuse)
      assert.equal(statSync(path).mode & 0o777, 0o666)
    })
  )

  it.live("takes the place of a socket that a killed process left", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "s.sock")
      yield* stale(path)
      assert.ok(existsSync(path), "nothing was left")
      const server = new Recorder()
      yield* Unix.listener({ path }).listen(() => Effect.succeed({ _tag: "Accept", open: server.open }))
      assert.equal(statSync(path).mode & 0o777, 0o600)
      const client = new Recorder()
      yield* Unix.connector({ path }).connect(client.open)
      client.connection.send(Uint8Array.of(1, 2), "binary")
      yield* until("the frame", () => server.count === 1)
      assert.equal(server.connection.peer.address, path)
    })
  )

  it.live("leaves a socket alone behind which somebody listens", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "s.sock")
      const server = new Recorder()
      yield* Unix.listener({ path }).listen(() => Effect.succeed({ _tag: "Accept", open: server.open }))
      const error = yield* Effect.flip(Unix.listener({ path, name: "control" }).listen(refuse))
      assert.equal(error.reason, "listen")
      assert.equal(error.message, `Another process listens on ${path}. Stop it, or set control.path to another path.`)
      const client = new Recorder()
      yield* Unix.connector({ path }).connect(client.open)
      client.connection.send(Uint8Array.of(1, 2), "binary")
      yield* until("the first still serves", () => server.count === 1)
    })
  )

  it.live("leaves files and folders alone", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const file = join(root, "file")
      const directory = join(root, "directory")
      writeFileSync(file, "precious")
      mkdirSync(directory)
      for (const path of [file, directory]) {
        const error = yield* Effect.flip(Unix.listener({ path }).listen(refuse))
        assert.equal(error.reason, "listen")
        assert.match(error.message, /is not a socket and is left alone/)
      }
      assert.equal(readFileSync(file, "utf8"), "precious")
      assert.ok(statSync(directory).isDirectory())
    })
  )

  it.live("says what is wrong with a path", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const long = join(root, "x".repeat(120))
      for (const [path, message] of [
        ["", /no path for a socket\. Set unix\.path/],
        ["\0abstract", /no path for a socket/],
        [
          long,
          new RegExp(
            `has ${Buffer.byteLength(long)} bytes; a socket's path may have \\d+ \\(sun_path\\)\\. Set unix\\.path`
          )
        ],
        [join(root, "missing", "s.sock"), /The folder of .* does not exist\. Make it, or set unix\.path/]
      ] as const) {
        const error = yield* Effect.flip(Unix.listener({ path }).listen(refuse))
        assert.equal(error.reason, "listen")
        assert.match(error.message, message)
      }
    })
  )

  it.live("counts the bytes of a path, not its letters", () =>
    Effect.gen(function* () {
      const root = yield* folder
      const max = process.platform === "linux" ? 107 : 103
      const fits = join(root, "x".repeat(max - Buffer.byteLength(root) - 1))
      assert.equal(Buffer.byteLength(fits), max)
      yield* Unix.listener({ path: fits }).listen(refuse)
      assert.ok(existsSync(fits), "listens under the name that was given")
      const error = yield* Effect.flip(Unix.listener({ path: `${fits.slice(0, -1)}é` }).listen(refuse))
      assert.match(error.message, /sun_path/)
    })
  )
})

describe("Unix.connector", () => {
  it.live("says that nobody listens", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "s.sock")
      yield* stale(path)
      for (const where of [path, `${path}.none`]) {
        const error = yield* Effect.flip(
          Effect.asVoid(Unix.connector({ path: where }).connect(() => assert.fail("open was called")))
        )
        assert.equal(error.reason, "connect")
        assert.match(error.message, /Nothing listens on/)
      }
    })
  )

  it.live("says that a path is too long", () =>
    Effect.gen(function* () {
      const path = `/${"x".repeat(200)}`
      const error = yield* Effect.flip(Effect.asVoid(Unix.connector({ path }).connect(() => assert.fail("open"))))
      assert.equal(error.reason, "connect")
      assert.match(error.message, /sun_path/)
    })
  )

  it.live("reaches a server that is no Mortise at all", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "s.sock")
      const server = new Recorder()
      yield* Unix.listener({ path, framing: "newline" }).listen(() =>
        Effect.succeed({ _tag: "Accept", open: server.open })
      )
      const socket = yield* Effect.acquireRelease(
        Effect.sync(() => connect(path)),
        (made) => Effect.sync(() => void made.destroy())
      )
      socket.write("hello\r\nworld\n")
      yield* until("two lines", () => server.count === 2)
      assert.deepEqual(
        server.frames.map((frame) => Buffer.from(frame).toString()),
        ["hello", "world"]
      )
    })
  )
})
