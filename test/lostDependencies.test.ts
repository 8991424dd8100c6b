// @module-tag service
/** Readiness of a whole app whose database and event bus go away: cut off, and silent. */
import { once } from "node:events"
import http from "node:http"
import net from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as App from "@mortise/core/app/App"
import * as Plugin from "@mortise/core/app/Plugin"
import { HttpHost } from "@mortise/core/http/HttpHost"
import { http as httpPlugin } from "@mortise/core/http/HttpPlugin"
import { postgres } from "@mortise/orm/PostgresPlugin"
import { postgresAvailable, postgresDatabase } from "@mortise/orm/testing"
import { eventsNats } from "@mortise/plugin-events-nats"
import { health } from "@mortise/plugin-health"
import { HealthConfig } from "@mortise/plugin-health/HealthConfig"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** Stands between client and server; what passes through can be cut off or held back. */
class Proxy {
  readonly server: net.Server
  private readonly pairs = new Set<readonly [net.Socket, net.Socket]>()
  private state: "open" | "cut" | "silent" = "open"

  constructor(to: net.NetConnectOpts) {
    this.server = net.createServer((client) => {
      if (this.state === "cut") return void client.destroy()
      const upstream = net.connect(to)
      const pair = [client, upstream] as const
      this.pairs.add(pair)
      for (const socket of pair) {
        socket.on("error", () => {})
        socket.on("close", () => {
          this.pairs.delete(pair)
          for (const other of pair) other.destroy()
        })
      }
      if (this.state === "open") this.join(pair)
    })
  }
  private join([client, upstream]: readonly [net.Socket, net.Socket]): void {
    client.pipe(upstream)
    upstream.pipe(client)
  }
  get port(): number {
    return (this.server.address() as net.AddressInfo).port
  }
  cut(): void {
    this.state = "cut"
    for (const pair of this.pairs) for (const socket of pair) socket.destroy()
  }
  /** Connections stand, and nothing moves. */
  silence(): void {
    this.state = "silent"
    for (const pair of this.pairs) for (const socket of pair) socket.unpipe().pause()
  }
  restore(): void {
    this.state = "open"
    for (const pair of this.pairs) this.join(pair)
  }
}

const proxyTo = (to: net.NetConnectOpts) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const proxy = new Proxy(to)
      await once(proxy.server.listen(0, "127.0.0.1"), "listening")
      return proxy
    }),
    (proxy) =>
      Effect.sync(() => {
        proxy.cut()
        proxy.server.close()
      })
  )

const nats = new URL(process.env.NATS_URL ?? "nats://127.0.0.1:4222")
const natsAvailable = (): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const socket = net.connect(Number(nats.port || "4222"), nats.hostname)
    socket.once("data", () => {
      socket.destroy()
      resolve(true)
    })
    socket.once("error", () => {
      const what = `No NATS server at ${nats.host}: its tests are not run (set NATS_URL)`
      if (process.env.CI === "true") reject(new Error(what))
      console.warn(what)
      resolve(false)
    })
  })

interface Ready {
  readonly status: number
  readonly message: string
}
const ask = (url: string): Promise<Ready> =>
  new Promise((resolve, reject) => {
    http
      .get(url, { agent: false }, (response) => {
        let text = ""
        response.on("data", (part) => (text += part))
        response.on("end", () => resolve({ status: response.statusCode ?? 0, message: JSON.parse(text).message }))
      })
      .on("error", reject)
  })

const readyOf = (host: HttpHost["Service"]) => {
  const url = `${host.address()}/ready`
  return (status: number): Effect.Effect<string> =>
    Effect.promise(async () => {
      for (;;) {
        const got = await ask(url)
        if (got.status === status) return got.message
      }
    })
}

const common = { http: { port: 0 }, health: { drainDelayMillis: 0 } }

describe("readiness", () => {
  it("needs less than a second to see a check that hangs, as it is configured unless told otherwise", () => {
    const { intervalMillis, timeLimitMillis } = Schema.decodeUnknownSync(HealthConfig)({})
    assert.isBelow(intervalMillis + timeLimitMillis, 1000)
  })
})

describe.skipIf(!(await postgresAvailable()))("readiness of an app on PostgreSQL", { timeout: 30_000 }, () => {
  it.live("is lost and found with the connection, whether it is cut or silent, and shows no password", () =>
    Effect.gen(function* () {
      const url = new URL(yield* postgresDatabase)
      const proxy = yield* proxyTo({ host: url.hostname, port: Number(url.port || "5432") })
      url.host = `127.0.0.1:${proxy.port}`
      url.password = "hunter2"
      const app = Plugin.compose(httpPlugin(), postgres(), health())
      const context = yield* App.build(app, { ...common, postgres: { url: url.href } })
      const becomes = readyOf(Context.get(context, HttpHost))
      yield* becomes(200)
      proxy.cut()
      const cut = yield* becomes(503)
      assert.match(cut, /^Not ready\. postgres: ./)
      assert.notInclude(cut, "hunter2")
      proxy.restore()
      yield* becomes(200)
      proxy.silence()
      assert.match(yield* becomes(503), /^Not ready\. postgres: ./)
      proxy.cut()
      proxy.restore()
      yield* becomes(200)
    })
  )
})

describe.skipIf(!(await natsAvailable()))("readiness of an app on NATS", { timeout: 30_000 }, () => {
  it.live("is lost and found with the connection, whether it is cut or silent", () =>
    Effect.gen(function* () {
      const proxy = yield* proxyTo({ host: nats.hostname, port: Number(nats.port || "4222") })
      const app = Plugin.compose(httpPlugin(), eventsNats(), health())
      const context = yield* App.build(app, {
        ...common,
        "events-nats": { servers: `nats://127.0.0.1:${proxy.port}`, reconnectWaitMillis: 50 }
      })
      const becomes = readyOf(Context.get(context, HttpHost))
      yield* becomes(200)
      proxy.cut()
      assert.match(yield* becomes(503), /^Not ready\. events-nats: The connection to NATS is down/)
      proxy.restore()
      yield* becomes(200)
      proxy.silence()
      assert.match(yield* becomes(503), /^Not ready\. events-nats: ./)
      proxy.restore()
      yield* becomes(200)
    })
  )
})
