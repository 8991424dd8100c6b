import { mkdtemp, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as App from "@mortise/core/app/App"
import * as Listening from "@mortise/core/app/Listening"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Client from "@mortise/core/client/Client"
import * as Contract from "@mortise/core/transport/Contract"
import { contract, gateway } from "@mortise/core/transport/GatewayPlugin"
import type { Connector, Listener } from "@mortise/core/transport/Transport"
import { Tcp, TcpListener, tcp, Unix, unix } from "@mortise/transport-socket"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const Where = Contract.make("where", { requests: { am: { success: Schema.String } } })
const WhereLive = Contract.implement(Where, { am: (_, { connection }) => Effect.succeed(connection.peer.transport) })
const where = Plugin.define({ name: "where", contributes: [contract(WhereLive)] })

/** The name of the listener through which a client came. */
const ask = (connector: Connector) =>
  Effect.scoped(Effect.flatMap(Client.make(Where, connector), (client) => client.request.am()))
const portOf = (entry: Listening.Entry | undefined) => Number(new URL(entry?.address ?? "").port)

const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "mortise-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

const withTcp = Plugin.compose(gateway(), tcp(), where())
const withUnix = Plugin.compose(gateway(), unix(), where())
const problemsWith = (config: object) =>
  Effect.map(Effect.flip(App.build(withTcp, { tcp: config })), (error) =>
    error._tag === "ConfigInvalid" ? error.problems.map(({ expected, path }) => [path, expected]) : error
  )

describe("tcp()", () => {
  it.live("listens where the configuration says", () =>
    Effect.gen(function* () {
      const app = yield* App.build(withTcp, { tcp: { port: 0 } })
      const [entry] = yield* Effect.provideContext(Listening.entries, app)
      assert.match(entry?.address ?? "", /^tcp:\/\/127\.0\.0\.1:\d+$/)
      assert.strictEqual(yield* ask(Tcp.connector({ port: portOf(entry) })), "tcp")
    })
  )

  it.live("takes the first free port of a range", () =>
    Effect.gen(function* () {
      const first = yield* App.build(withTcp, { tcp: { port: 0 } })
      const taken = portOf((yield* Effect.provideContext(Listening.entries, first))[0])
      const last = Math.min(taken + 20, 65_535)
      const app = yield* App.build(withTcp, { tcp: { portRange: [taken, last] } })
      const port = portOf((yield* Effect.provideContext(Listening.entries, app))[0])
      assert.isTrue(port > taken && port <= last, `${port}`)
    })
  )

  it.live("refuses a configuration that contradicts itself", () =>
    Effect.gen(function* () {
      const both = yield* problemsWith({ port: 1, portRange: [1, 2] })
      assert.deepStrictEqual(both, [["tcp.portRange", "either port or portRange, not both"]])
      const backwards = yield* problemsWith({ portRange: [2, 1] })
      assert.deepStrictEqual(backwards, [["tcp.portRange", "the smaller port first"]])
    })
  )

  it.live("stands twice in an app, each with its name and its section", () =>
    Effect.gen(function* () {
      class AdminListener extends Context.Service<AdminListener, Listener>()("test/AdminListener") {}
      const admin = Plugin.as(tcp({ name: "admin" }), "admin", TcpListener, AdminListener)
      const config = { tcp: { port: 0 }, admin: { port: 0 } }
      const app = yield* App.build(Plugin.compose(gateway(), tcp(), admin, where()), config)
      const entries = yield* Effect.provideContext(Listening.entries, app)
      const heard = yield* Effect.forEach(entries, (entry) => ask(Tcp.connector({ port: portOf(entry) })))
      assert.deepStrictEqual(heard, ["tcp", "admin"])
    })
  )
})

describe("unix()", () => {
  it.live("makes its socket with the permissions of the configuration", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "s.sock")
      for (const [mode, bits] of [
        [undefined, 0o600],
        ["0660", 0o660]
      ] as const) {
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* App.build(withUnix, { unix: { path, ...(mode === undefined ? {} : { mode }) } })
            const stats = yield* Effect.promise(() => stat(path))
            assert.strictEqual(stats.mode & 0o777, bits)
            assert.strictEqual(yield* ask(Unix.connector({ path })), "unix")
          })
        )
      }
    })
  )

  it.live("takes no number for permissions, whose digits would be misread", () =>
    Effect.gen(function* () {
      const unix: object = { path: "s.sock", mode: 660 }
      const error = yield* Effect.flip(App.build(withUnix, { unix: unix as { path: string } }))
      assert.deepStrictEqual(error._tag === "ConfigInvalid" && error.problems.map(({ path }) => path), ["unix.mode"])
    })
  )
})
