import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import type { Upgrade } from "../../src/http/Route.ts"
import { bare, get, listening } from "./support.ts"

const request = (path: string, protocol: string, more = ""): string =>
  `GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n${more}`

const shout: Upgrade = {
  name: "shout",
  path: "/shout",
  protocol: "shout",
  scheme: "shout",
  handler: (upgrade) => {
    const socket = upgrade.accept({ "X-Kind": "loud" })
    socket.on("data", (chunk) => void socket.write(chunk.toString().toUpperCase()))
    socket.on("end", () => void socket.end())
  }
}

describe("HttpHost upgrades", () => {
  it.live("gives the socket away, with the bytes that came behind the request", () =>
    Effect.gen(function* () {
      const [host, address] = yield* listening((it) => it.upgrade(shout))
      const client = yield* bare(address)
      client.write(request("/shout?loud", "Shout", "first "))
      yield* client.expect("FIRST ")
      assert.match(client.received(), /^HTTP\/1\.1 101 Switching Protocols\r\n/)
      assert.match(client.received(), /\r\nX-Kind: loud\r\n/)
      client.write("second")
      yield* client.expect("SECOND")
      assert.deepEqual(
        host.endpoints().map(({ name }) => name),
        ["http", "shout"]
      )
    })
  )

  it.live("answers 404 at an unknown path, 426 to another protocol and to a request without upgrade", () =>
    Effect.gen(function* () {
      const [, address] = yield* listening((host) => host.upgrade(shout))
      const nowhere = yield* bare(address)
      nowhere.write(request("/nowhere", "websocket"))
      yield* nowhere.expect("HTTP/1.1 404")
      yield* nowhere.ended
      const other = yield* bare(address)
      other.write(request("/shout", "websocket"))
      yield* other.expect("HTTP/1.1 426")
      yield* other.expect("Upgrade: shout")
      const plain = yield* get(address + "/shout")
      assert.equal(plain.status, 426)
      assert.equal(plain.headers.get("upgrade"), "shout")
    })
  )

  it.live("ignores an upgrade that nobody speaks, where the platform lets it", () =>
    Effect.gen(function* () {
      const [, address] = yield* listening((host) =>
        Effect.all([
          host.upgrade(shout),
          host.route({ method: "GET", path: "/x", handler: (_, to) => void to.end("plain") })
        ])
      )
      const client = yield* bare(address)
      client.write(request("/x", "h2c"))
      const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
      yield* client.expect(major > 24 || minor >= 9 ? "plain" : "HTTP/1.1 404")
    })
  )

  it.live("refuses with a status, headers and a reason", () =>
    Effect.gen(function* () {
      const refuses: Upgrade = {
        ...shout,
        handler: (upgrade) => upgrade.refuse(429, "Too many.", { "Retry-After": "7" })
      }
      const [, address] = yield* listening((host) => host.upgrade(refuses))
      const client = yield* bare(address)
      client.write(request("/shout", "shout", "x".repeat(1000)))
      yield* client.expect("Too many.")
      assert.match(client.received(), /^HTTP\/1\.1 429 Too Many Requests\r\n/)
      assert.match(client.received(), /\r\nRetry-After: 7\r\n/)
      yield* client.ended
    })
  )

  it.live("answers 500 when the handler of an upgrade throws, and serves on", () =>
    Effect.gen(function* () {
      const [, address] = yield* listening((host) =>
        Effect.all([
          host.upgrade({
            ...shout,
            handler: () => {
              throw new Error("a bug")
            }
          }),
          host.fallback((_, response) => void response.end("alive"))
        ])
      )
      const client = yield* bare(address)
      client.write(request("/shout", "shout"))
      yield* client.expect("HTTP/1.1 500")
      assert.doesNotMatch(client.received(), /a bug/)
      assert.equal((yield* get(address + "/")).text, "alive")
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
  )

  it.live("keeps upgraded connections through a drain and refuses new ones with 503", () =>
    Effect.gen(function* () {
      const [host, address] = yield* listening((it) => it.upgrade(shout))
      const client = yield* bare(address)
      client.write(request("/shout", "shout"))
      yield* client.expect("101")
      const late = yield* bare(address)
      late.write("GET /shout HTTP/1.1\r\n")
      yield* host.drain
      client.write("still here")
      yield* client.expect("STILL HERE")
      late.write("Host: h\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\n")
      yield* late.ended
      assert.match(late.received(), /^(HTTP\/1\.1 503|$)/)
    })
  )

  it.live("cuts upgraded connections when the host's scope closes", () =>
    Effect.gen(function* () {
      const address = yield* Effect.scoped(
        Effect.gen(function* () {
          const [, at] = yield* listening((host) => host.upgrade(shout))
          const client = yield* Effect.provideService(bare(at), References.MinimumLogLevel, "None")
          client.write(request("/shout", "shout"))
          yield* client.expect("101")
          return at
        })
      )
      const refused = yield* Effect.exit(Effect.tryPromise(() => fetch(address)))
      assert.equal(refused._tag, "Failure")
    })
  )
})
