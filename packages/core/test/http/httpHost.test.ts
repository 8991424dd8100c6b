import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as References from "effect/References"
import * as Scope from "effect/Scope"
import { Turn } from "../../src/app/Turn.ts"
import * as HttpHost from "../../src/http/HttpHost.ts"
import { Host } from "../../src/http/internal/host.ts"
import type { RouteHandler } from "../../src/http/Route.ts"
import { until } from "../../src/testing/until.ts"
import { bare, get, listening } from "./support.ts"

const says =
  (text: string): RouteHandler =>
  (_, response) =>
    void response.end(text)

const quietly = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provideService(effect, References.MinimumLogLevel, "None")

describe("HttpHost", () => {
  it.live("prefers exact routes, then the longest prefix, then the fallback", () =>
    Effect.gen(function* () {
      const [, address] = yield* listening((host) =>
        Effect.all(
          [
            host.fallback(says("fallback")),
            host.route({ method: "GET", path: "/*", handler: says("root prefix") }),
            host.route({ method: "GET", path: "/a/*", handler: says("a prefix") }),
            host.route({ method: "GET", path: "/a/b/*", handler: says("a/b prefix") }),
            host.route({ method: "GET", path: "/a/b", handler: says("exact") }),
            host.route({ method: "POST", path: "/a/b", handler: says("posted") })
          ],
          { discard: true }
        )
      )
      const expected = {
        "/a/b": "exact",
        "/a/b?x=1": "exact",
        "/a/b/c": "a/b prefix",
        "/a/x": "a prefix",
        "/z": "root prefix"
      }
      for (const [path, text] of Object.entries(expected)) assert.equal((yield* get(address + path)).text, text)
      assert.equal((yield* get(address + "/a/b", { method: "POST" })).text, "posted")
    })
  )

  it.live("gives what no route took to the fallback, else answers 404", () =>
    Effect.gen(function* () {
      const [host, address] = yield* listening()
      assert.equal((yield* get(address + "/x")).status, 404)
      yield* host.fallback(says("anything"))
      assert.equal((yield* get(address + "/x")).text, "anything")
    })
  )

  it.live("answers 405 with Allow, OPTIONS with Allow, and HEAD through GET", () =>
    Effect.gen(function* () {
      const [, address] = yield* listening((host) =>
        Effect.all([
          host.route({ method: "GET", path: "/x", handler: says("hello") }),
          host.route({ method: "PUT", path: "/x", handler: says("put") })
        ])
      )
      const refused = yield* get(address + "/x", { method: "DELETE" })
      assert.equal(refused.status, 405)
      assert.equal(refused.headers.get("allow"), "GET, PUT, HEAD, OPTIONS")
      const options = yield* get(address + "/x", { method: "OPTIONS" })
      assert.equal(options.status, 204)
      assert.equal(options.headers.get("allow"), "GET, PUT, HEAD, OPTIONS")
      const head = yield* get(address + "/x", { method: "HEAD" })
      assert.equal(head.status, 200)
      assert.equal(head.text, "")
    })
  )

  it.live("takes a request target in absolute form and refuses nonsense with 400", () =>
    Effect.gen(function* () {
      const [, address] = yield* listening((host) => host.route({ method: "GET", path: "/x", handler: says("found") }))
      const proxied = yield* bare(address)
      proxied.write(`GET ${address}/x?q HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`)
      yield* proxied.expect("found")
      const nonsense = yield* bare(address)
      nonsense.write("GET x HTTP/1.1\r\nHost: h\r\n\r\n")
      yield* nonsense.expect(" 400 ")
      const garbage = yield* bare(address)
      garbage.write("\u0016\u0003\u0001 hello\r\n\r\n")
      yield* garbage.expect("HTTP/1.1 400 Bad Request")
      yield* garbage.ended
    })
  )

  it.live("answers a head that is too large with 431 and one that does not come with 408", () =>
    Effect.gen(function* () {
      const [, address] = yield* listening(undefined, {
        maxHeaderBytes: 2048,
        headersTimeoutMillis: 100,
        timeoutCheckMillis: 20
      })
      const large = yield* bare(address)
      large.write(`GET / HTTP/1.1\r\nHost: h\r\nX-Large: ${"x".repeat(4000)}\r\n\r\n`)
      yield* large.expect("HTTP/1.1 431")
      yield* large.ended
      const slow = yield* bare(address)
      slow.write("GET / HTTP/1.1\r\nHost: h\r\n")
      yield* slow.expect("HTTP/1.1 408")
      yield* slow.ended
    })
  )

  it.live("closes a request whose body does not come in time", () =>
    Effect.gen(function* () {
      const [, address] = yield* listening(
        (host) => host.route({ method: "POST", path: "/x", handler: (request) => void request.resume() }),
        { headersTimeoutMillis: 100, requestTimeoutMillis: 150, timeoutCheckMillis: 20 }
      )
      const slow = yield* bare(address)
      slow.write("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc")
      yield* slow.ended
    })
  )

  it.live("runs an Effect as the handler and interrupts it when the client goes away", () =>
    Effect.gen(function* () {
      const begun = yield* Deferred.make<void>()
      const interrupted = yield* Deferred.make<void>()
      const waits = Effect.andThen(Deferred.succeed(begun, undefined), Effect.never).pipe(
        Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))
      )
      const [, address] = yield* listening((host) =>
        Effect.all([
          host.route({ method: "GET", path: "/wait", handler: () => waits }),
          host.route({ method: "GET", path: "/now", handler: (_, to) => Effect.sync(() => void to.end("done")) })
        ])
      )
      assert.equal((yield* get(address + "/now")).text, "done")
      const client = yield* bare(address)
      client.write("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n")
      yield* Deferred.await(begun)
      client.socket.resetAndDestroy()
      yield* Deferred.await(interrupted)
    })
  )

  it.live("answers a handler that throws, fails or dies with 500 and a correlation id, without the detail", () =>
    quietly(
      Effect.gen(function* () {
        const [, address] = yield* listening((host) =>
          Effect.all([
            host.route({
              method: "GET",
              path: "/throws",
              handler: () => {
                throw new Error("secret")
              }
            }),
            host.route({ method: "GET", path: "/fails", handler: () => Effect.fail("secret") }),
            host.route({ method: "GET", path: "/dies", handler: () => Effect.die("secret") })
          ])
        )
        for (const path of ["/throws", "/fails", "/dies"]) {
          const answer = yield* get(address + path)
          assert.equal(answer.status, 500)
          assert.match(answer.text, /[0-9a-f-]{36}/)
          assert.doesNotMatch(answer.text, /secret/)
        }
      })
    )
  )

  it.live("cuts an answer that fails after it has begun", () =>
    quietly(
      Effect.gen(function* () {
        const [, address] = yield* listening((host) =>
          host.route({
            method: "GET",
            path: "/x",
            handler: (_, response) => {
              response.writeHead(200, { "Content-Length": 100 })
              response.write("begun")
              return Effect.fail("broken")
            }
          })
        )
        const client = yield* bare(address)
        client.write("GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
        yield* client.ended
        assert.doesNotMatch(client.received(), /Internal/)
      })
    )
  )

  it.live("refuses a second registration of one place, and frees it with its scope", () =>
    Effect.gen(function* () {
      const [host, address] = yield* listening()
      const scope = yield* Scope.make()
      const route = { method: "GET", path: "/x", handler: says("first") } as const
      yield* Scope.provide(host.route(route), scope)
      const conflict = yield* Effect.flip(host.route({ ...route, handler: says("second") }))
      assert.equal(conflict.code, "HTTP_ROUTE_CONFLICT")
      assert.match(conflict.message, /GET \/x/)
      assert.equal((yield* get(address + "/x")).text, "first")
      yield* Scope.close(scope, Exit.void)
      assert.equal((yield* get(address + "/x")).status, 404)
      yield* host.route({ ...route, handler: says("second") })
      assert.equal((yield* get(address + "/x")).text, "second")
      yield* host.fallback(says("last"))
      assert.equal((yield* Effect.flip(host.fallback(says("other")))).kind, "fallback")
    })
  )

  it.live("says which option changes a port that is in use, or an address that is not ours", () =>
    Effect.gen(function* () {
      const [, address] = yield* listening()
      const port = Number(new URL(address).port)
      const second = yield* HttpHost.make({ port })
      const error = yield* Effect.flip(second.listen)
      assert.equal(error.reason, "listen")
      assert.equal(error.code, "TRANSPORT_LISTEN")
      assert.match(error.message, new RegExp(`Port ${port} on 127.0.0.1 is in use.*http\\.port`))
      const elsewhere = yield* HttpHost.make({ host: "192.0.2.1", port: 0 })
      assert.match((yield* Effect.flip(elsewhere.listen)).message, /http\.host/)
    })
  )

  it.live("frees its port with its scope, and does not listen twice", () =>
    Effect.gen(function* () {
      const host = yield* HttpHost.make({ port: 0 })
      assert.equal(host.address(), undefined)
      const scope = yield* Scope.make()
      const address = yield* Scope.provide(host.listen, scope)
      assert.equal(host.address(), address)
      assert.match(host.address("ws", "/ws") ?? "", /^ws:\/\/127\.0\.0\.1:\d+\/ws$/)
      assert.match((yield* Effect.flip(host.listen)).message, /already/)
      yield* Scope.close(scope, Exit.void)
      assert.equal(host.address(), undefined)
      yield* listening(undefined, { port: Number(new URL(address).port) })
    })
  )

  it.live("drains: frees the port, finishes what runs, keeps no connection alive", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const begun = yield* Deferred.make<void>()
      const [host, address] = yield* listening((it) =>
        it.route({
          method: "GET",
          path: "/slow",
          handler: (_, response) =>
            Effect.andThen(
              Deferred.succeed(begun, undefined),
              Effect.andThen(
                Deferred.await(gate),
                Effect.sync(() => void response.end("finished"))
              )
            )
        })
      )
      const idle = yield* bare(address)
      idle.write("GET /none HTTP/1.1\r\nHost: h\r\n\r\n")
      yield* idle.expect("404")
      assert.equal(idle.isEnded(), false)
      const busy = yield* bare(address)
      busy.write("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
      yield* Deferred.await(begun)
      const draining = yield* Effect.forkChild(host.drain, { startImmediately: true })
      yield* idle.ended
      assert.equal(busy.isEnded(), false)
      assert.equal(host.address(), undefined)
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(draining)
      yield* busy.expect("finished")
      yield* busy.ended
      assert.match(busy.received(), /connection: close/i)
    })
  )

  it.live("cuts what still runs when its time to close is over", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const [, address] = yield* Scope.provide(
        listening((host) => host.route({ method: "GET", path: "/x", handler: () => Effect.never }), {
          closeTimeoutMillis: 50
        }),
        scope
      )
      const client = yield* bare(address)
      client.write("GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
      yield* until("the request runs", () => client.socket.bytesWritten > 0)
      yield* Scope.close(scope, Exit.void)
      yield* client.ended
    })
  )

  it.live("lives on when a connection cannot be accepted", () =>
    quietly(
      Effect.gen(function* () {
        const run = Effect.runForkWith(yield* Effect.context<never>())
        const host = new Host({ port: 0 }, yield* Turn, run)
        const address = yield* Effect.acquireRelease(host.start, () => host.stop(100))
        host.server.emit("error", new Error("accept EMFILE"))
        assert.equal((yield* get(address + "/")).status, 404)
      })
    )
  )

  it.live("survives a thousand connections that say nothing and reset", () =>
    Effect.gen(function* () {
      const [, address] = yield* listening((host) => host.fallback(says("alive")))
      for (let i = 0; i < 20; i++) {
        yield* Effect.scoped(
          Effect.gen(function* () {
            const clients = yield* Effect.all(
              Array.from({ length: 50 }, () => bare(address)),
              { concurrency: "unbounded" }
            )
            for (const client of clients) {
              client.write("GET / HT")
              client.socket.resetAndDestroy()
            }
          })
        )
      }
      assert.equal((yield* get(address + "/")).text, "alive")
    })
  )
})
