import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as EffectHttp from "../../src/http/EffectHttp.ts"
import { HttpHost } from "../../src/http/HttpHost.ts"
import { fromWeb } from "../../src/http/WebHandler.ts"
import { bare, get, listening } from "./support.ts"

class Greeting extends Context.Service<Greeting, string>()("test/Greeting") {}

describe("EffectHttp", () => {
  it.live("mounts a router of effect/http behind the host's own routes", () =>
    Effect.gen(function* () {
      const routes = Layer.mergeAll(
        HttpRouter.add("GET", "/hello/:name", () =>
          Effect.gen(function* () {
            const { name } = yield* HttpRouter.params
            return HttpServerResponse.text(`${yield* Greeting}, ${name}`)
          })
        ),
        HttpRouter.add("POST", "/echo", () =>
          Effect.gen(function* () {
            const request = yield* HttpServerRequest.HttpServerRequest
            return HttpServerResponse.text((yield* request.text).toUpperCase(), { status: 201 })
          })
        ),
        HttpRouter.add("GET", "/stream", () =>
          Effect.succeed(
            HttpServerResponse.stream(
              Stream.fromIterable(["a", "b", "c"].map((text) => new TextEncoder().encode(text)))
            )
          )
        )
      )
      const [host, address] = yield* listening((it) =>
        it.route({ method: "GET", path: "/own", handler: (_, to) => void to.end("own") })
      )
      const app = yield* HttpRouter.toHttpEffect(routes)
      yield* EffectHttp.mount(app).pipe(
        Effect.provideService(HttpHost, host),
        Effect.provideService(Greeting, "Good day")
      )
      assert.equal((yield* get(address + "/own")).text, "own")
      assert.equal((yield* get(address + "/hello/Ada")).text, "Good day, Ada")
      const echo = yield* get(address + "/echo", { method: "POST", body: "loud" })
      assert.deepEqual([echo.status, echo.text], [201, "LOUD"])
      assert.equal((yield* get(address + "/stream")).text, "abc")
      assert.equal((yield* get(address + "/hello/Ada", { method: "HEAD" })).text, "")
      assert.equal((yield* get(address + "/none")).status, 404)
    })
  )
})

describe("web handlers", () => {
  it.live("pass headers and cookies both ways", () =>
    Effect.gen(function* () {
      const [, address] = yield* listening((host) =>
        host.fallback(
          fromWeb(async (request) => {
            const headers = new Headers({ "X-Url": request.url, "X-Got": request.headers.get("x-sent") ?? "" })
            headers.append("Set-Cookie", "a=1")
            headers.append("Set-Cookie", "b=2")
            return new Response(null, { status: 202, headers })
          })
        )
      )
      const answer = yield* get(address + "/p?q=1", { headers: { "X-Sent": "hello" } })
      assert.equal(answer.status, 202)
      assert.equal(answer.headers.get("x-url"), address + "/p?q=1")
      assert.equal(answer.headers.get("x-got"), "hello")
      assert.deepEqual(answer.headers.getSetCookie(), ["a=1", "b=2"])
    })
  )

  it.live("abort the request's signal when the client goes away", () =>
    Effect.gen(function* () {
      const begun = yield* Deferred.make<void>()
      const aborted = yield* Deferred.make<void>()
      const [, address] = yield* listening((host) =>
        host.fallback(
          fromWeb(
            (request) =>
              new Promise(() => {
                request.signal.addEventListener("abort", () => Deferred.doneUnsafe(aborted, Effect.void))
                Deferred.doneUnsafe(begun, Effect.void)
              })
          )
        )
      )
      const client = yield* bare(address)
      client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
      yield* Deferred.await(begun)
      client.socket.resetAndDestroy()
      yield* Deferred.await(aborted)
    })
  )

  it.live("refuse a host header that makes no URL, and live on", () =>
    Effect.gen(function* () {
      const [, address] = yield* listening((host) => host.fallback(fromWeb(async () => new Response("alive"))))
      const client = yield* bare(address)
      client.write("GET / HTTP/1.1\r\nHost: a b:c\r\n\r\n")
      yield* client.expect("HTTP/1.1 400")
      assert.equal((yield* get(address + "/")).text, "alive")
    })
  )
})
