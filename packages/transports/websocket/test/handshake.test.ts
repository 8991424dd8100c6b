import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as HttpHost from "@mortise/core/http/HttpHost"
import { until } from "@mortise/core/testing/until"
import type { Admission, PeerInfo } from "@mortise/core/transport/Transport"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as References from "effect/References"
import * as Scope from "effect/Scope"
import { acceptOf } from "../src/internal/handshake.ts"
import { clientFrame } from "../src/internal/testing/frames.ts"
import { listenerOn } from "../src/WebSocket.ts"
import { type Accepted, echoing, handshake, serving } from "./support.ts"

const accepting =
  (accepted: Array<Accepted> = []) =>
  () =>
    Effect.succeed(echoing(accepted))

describe("the opening handshake", () => {
  it("computes the accept key of RFC 6455 §1.3", () => {
    assert.equal(acceptOf("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
  })

  it.live("is answered with 101 and the accept key", () =>
    Effect.gen(function* () {
      const address = yield* serving(accepting())
      const { answer } = yield* handshake(address)
      assert.equal(answer.status, 101)
      assert.equal(answer.headers.get("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
      assert.equal(answer.headers.get("upgrade"), "websocket")
      assert.equal(answer.headers.has("sec-websocket-protocol"), false)
      assert.equal(answer.headers.has("sec-websocket-extensions"), false)
    })
  )

  it.live("offers no extension, whatever the client would like", () =>
    Effect.gen(function* () {
      const address = yield* serving(accepting())
      const { answer } = yield* handshake(address, {
        "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"
      })
      assert.equal(answer.status, 101)
      assert.equal(answer.headers.has("sec-websocket-extensions"), false)
    })
  )

  it.live("takes tokens and headers in any case", () =>
    Effect.gen(function* () {
      const address = yield* serving(accepting())
      const { answer } = yield* handshake(address, { Upgrade: "WebSocket", Connection: "keep-alive, UPGRADE" })
      assert.equal(answer.status, 101)
    })
  )

  const broken: ReadonlyArray<
    readonly [what: string, headers: Record<string, string | undefined>, status: number, text: RegExp]
  > = [
    ["without a key", { "Sec-WebSocket-Key": undefined }, 400, /Sec-WebSocket-Key/],
    ["with an empty key", { "Sec-WebSocket-Key": "" }, 400, /Sec-WebSocket-Key/],
    ["with a key of 15 bytes", { "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAA" }, 400, /16 bytes/],
    ["with a key that is no base64", { "Sec-WebSocket-Key": "!!!!!!!!!!!!!!!!!!!!!!==" }, 400, /base64/],
    ["without a version", { "Sec-WebSocket-Version": undefined }, 426, /13/],
    ["with version 8", { "Sec-WebSocket-Version": "8" }, 426, /13/],
    ["to another protocol", { Upgrade: "h2c" }, 426, /websocket/],
    ["without Upgrade", { Upgrade: undefined, Connection: "close" }, 426, /websocket/],
    ["from another origin", { Origin: "https://evil.example" }, 403, /evil\.example/],
    ["from an origin without a name", { Origin: "null" }, 403, /null/],
    ["with subprotocols that nobody speaks", { "Sec-WebSocket-Protocol": "chat, superchat" }, 400, /mortise\.v1\.json/]
  ]
  for (const [what, headers, status, text] of broken) {
    it.live(`is refused ${what}`, () =>
      Effect.gen(function* () {
        const accepted: Array<Accepted> = []
        const address = yield* serving(accepting(accepted))
        const { answer, body } = yield* handshake(address, headers)
        assert.equal(answer.status, status)
        assert.match(body, text)
        if (status === 426 && headers.Upgrade === undefined && headers.Connection === undefined) {
          assert.equal(answer.headers.get("sec-websocket-version"), "13")
        }
        assert.equal(accepted.length, 0)
      })
    )
  }

  it.live("is refused with another method, over HTTP/1.0 and at another path", () =>
    Effect.gen(function* () {
      const address = yield* serving(accepting())
      const post = yield* handshake(address, {}, (request) => request.replace("GET", "POST"))
      assert.equal(post.answer.status, 405)
      assert.equal(post.answer.headers.get("allow"), "GET")
      const old = yield* handshake(address, {}, (request) => request.replace("HTTP/1.1", "HTTP/1.0"))
      assert.equal(old.answer.status, 400)
      const elsewhere = yield* handshake(address.replace("/ws", "/other"))
      assert.equal(elsewhere.answer.status, 404)
    })
  )

  it.live("chooses the first subprotocol of the client that is spoken, and says which to admit", () =>
    Effect.gen(function* () {
      const peers: Array<PeerInfo> = []
      const address = yield* serving((peer) => {
        peers.push(peer)
        return Effect.succeed(echoing())
      })
      const { answer } = yield* handshake(address, {
        "Sec-WebSocket-Protocol": "other, mortise.v1.binary , mortise.v1.json"
      })
      assert.equal(answer.headers.get("sec-websocket-protocol"), "mortise.v1.binary")
      assert.equal(peers[0]?.headers.get("sec-websocket-protocol"), "mortise.v1.binary")
      yield* handshake(address)
      assert.equal(peers[1]?.headers.has("sec-websocket-protocol"), false)
    })
  )

  it.live("lets in the same origin by default, those of a list, or any", () =>
    Effect.gen(function* () {
      const statusOf = (origin: "same" | "any" | ReadonlyArray<string>, sent: (host: string) => string | undefined) =>
        Effect.gen(function* () {
          const address = yield* serving(accepting(), { origin })
          const { answer } = yield* handshake(address, { Origin: sent(new URL(address).host) })
          return answer.status
        })
      assert.equal(yield* statusOf("same", (host) => `http://${host}`), 101)
      // a proxy in front may end TLS: the scheme does not count
      assert.equal(yield* statusOf("same", (host) => `https://${host}`), 101)
      assert.equal(yield* statusOf("same", () => undefined), 101)
      assert.equal(yield* statusOf("same", (host) => `http://${host}0`), 403)
      assert.equal(yield* statusOf("same", (host) => `http://${host}.evil.example`), 403)
      assert.equal(yield* statusOf("same", () => "not a url"), 403)
      assert.equal(yield* statusOf(["https://a.example", "https://b.example"], () => "https://b.example"), 101)
      assert.equal(yield* statusOf(["https://a.example"], () => "https://b.example"), 403)
      assert.equal(yield* statusOf("any", () => "https://evil.example"), 101)
      assert.equal(yield* statusOf("any", () => "null"), 101)
    })
  )

  it.live("takes an origin with the default port for the host without one", () =>
    Effect.gen(function* () {
      const address = yield* serving(accepting())
      const same = yield* handshake(address, { Host: "app.example", Origin: "http://app.example:80" })
      assert.equal(same.answer.status, 101)
      const other = yield* handshake(address, { Host: "app.example", Origin: "http://app.example:8080" })
      assert.equal(other.answer.status, 403)
    })
  )

  it.live("tells admit who asks", () =>
    Effect.gen(function* () {
      const peers: Array<PeerInfo> = []
      const address = yield* serving((peer) => {
        peers.push(peer)
        return Effect.succeed(echoing())
      })
      yield* handshake(`${address}?token=1`, {
        "X-Custom": "yes",
        Origin: new URL(address.replace("ws", "http")).origin
      })
      const [peer] = peers
      assert.equal(peer?.transport, "websocket")
      assert.equal(peer.address, "127.0.0.1")
      assert.equal(peer.path, "/ws?token=1")
      assert.equal(peer.secure, false)
      assert.equal(peer.headers.get("x-custom"), "yes")
      assert.match(peer.origin ?? "", /^http:\/\/127\.0\.0\.1:\d+$/)
    })
  )

  it.live("is refused by admit with status, reason and Retry-After, before the 101", () =>
    Effect.gen(function* () {
      const refuse: Admission = { _tag: "Refuse", status: 429, reason: "too many of you", retryAfterMillis: 1500 }
      const address = yield* serving(() => Effect.succeed(refuse))
      const { answer, body } = yield* handshake(address)
      assert.equal(answer.status, 429)
      assert.equal(answer.headers.get("retry-after"), "2")
      assert.equal(body, "too many of you")
    })
  )

  it.live("is refused with 401 and the scheme that would help, where credentials are not taken", () =>
    Effect.gen(function* () {
      const refuse: Admission = { _tag: "Refuse", status: 401, reason: "not right" }
      const address = yield* serving(() => Effect.succeed(refuse))
      const { answer } = yield* handshake(address)
      assert.equal(answer.status, 401)
      assert.equal(answer.headers.get("www-authenticate"), "Bearer")
      assert.equal(answer.headers.get("retry-after"), undefined)
    })
  )

  it.live("is refused with 503 when admit does not decide in time, and the decision is given up", () =>
    Effect.gen(function* () {
      const givenUp = yield* Deferred.make<void>()
      const never = Effect.never.pipe(Effect.onInterrupt(() => Deferred.succeed(givenUp, undefined)))
      const address = yield* serving(() => never, { handshakeTimeoutMillis: 30 })
      const { answer } = yield* handshake(address)
      assert.equal(answer.status, 503)
      assert.equal(answer.headers.get("retry-after"), "1")
      yield* Deferred.await(givenUp)
    })
  )

  it.live("is refused with 500 when admit dies, and the next is served", () =>
    Effect.gen(function* () {
      let asked = 0
      const address = yield* serving(() => (++asked === 1 ? Effect.die("a bug") : Effect.succeed(echoing())))
      const first = yield* handshake(address)
      assert.equal(first.answer.status, 500)
      assert.doesNotMatch(first.body, /a bug/)
      assert.equal((yield* handshake(address)).answer.status, 101)
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
  )

  it.live("that is never finished is ended with 408, and holds up nobody", () =>
    Effect.gen(function* () {
      const address = yield* serving(accepting())
      const slow = yield* Effect.forkChild(
        handshake(address, {}, (request) => request.slice(0, 60)),
        { startImmediately: true }
      )
      assert.equal((yield* handshake(address)).answer.status, 101)
      assert.equal((yield* Fiber.join(slow)).answer.status, 408)
    })
  )

  it.live("frees its connection from the timeouts of HTTP", () =>
    Effect.gen(function* () {
      const accepted: Array<Accepted> = []
      const address = yield* serving(accepting(accepted))
      const { socket } = yield* handshake(address)
      // by the time this one gets its 408 the idle connection is older than a request may be
      yield* handshake(address, {}, (request) => request.slice(0, 60))
      socket.write(clientFrame(0x81, Buffer.from("still here")))
      yield* until("the frame", () => accepted[0]?.frames.length === 1)
      assert.equal(accepted[0]?.closes.length, 0)
    })
  )

  it.live("loses no frame that came with the request or while admit was deciding", () =>
    Effect.gen(function* () {
      const accepted: Array<Accepted> = []
      const gate = yield* Deferred.make<void>()
      const address = yield* serving(() => Effect.as(Deferred.await(gate), echoing(accepted)))
      const frames = ["early", "", "x".repeat(300)].map((text) => clientFrame(0x81, Buffer.from(text)))
      const client = yield* Effect.forkChild(
        handshake(address, {}, (request) => request + Buffer.concat(frames).toString("latin1")),
        { startImmediately: true }
      )
      yield* Deferred.succeed(gate, undefined)
      const { socket } = yield* Fiber.join(client)
      yield* until("the early frames", () => accepted[0]?.frames.length === 3)
      socket.write(clientFrame(0x81, Buffer.from("late")))
      yield* until("the late frame", () => accepted[0]?.frames.length === 4)
      assert.deepEqual(
        accepted[0]?.frames.map(([, bytes]) => bytes.length),
        [5, 0, 300, 4]
      )
    })
  )

  it.live("opens nothing for a client that left while admit was deciding", () =>
    Effect.gen(function* () {
      const accepted: Array<Accepted> = []
      const asked = yield* Deferred.make<void>()
      const gate = yield* Deferred.make<void>()
      let decided = false
      const address = yield* serving((peer) =>
        peer.path === "/ws?leaves"
          ? Deferred.succeed(asked, undefined).pipe(
              Effect.andThen(Deferred.await(gate)),
              Effect.tap(
                Effect.sync(() => {
                  decided = true
                })
              ),
              Effect.as(echoing(accepted))
            )
          : Effect.succeed(echoing(accepted))
      )
      yield* Effect.scoped(
        Effect.gen(function* () {
          const client = yield* Effect.forkChild(handshake(`${address}?leaves`), { startImmediately: true })
          yield* Deferred.await(asked)
          yield* Fiber.interrupt(client)
        })
      )
      yield* Deferred.succeed(gate, undefined)
      yield* until("the decision", () => decided)
      yield* handshake(address)
      yield* until("that one is closed, if it was opened", () =>
        accepted.slice(0, -1).every(({ closes }) => closes.length === 1)
      )
      assert.equal(accepted.at(-1)?.connection.peer.path, "/ws")
    })
  )

  it.live("is refused with 503 once the listener is closing, even when it was admitted", () =>
    Effect.gen(function* () {
      const accepted: Array<Accepted> = []
      const asked = yield* Deferred.make<void>()
      const scope = yield* Scope.make()
      const admit = () => Effect.andThen(Deferred.succeed(asked, undefined), Effect.never)
      const address = yield* Scope.provide(serving(admit), scope)
      const client = yield* Effect.forkChild(handshake(address), { startImmediately: true })
      yield* Deferred.await(asked)
      yield* Scope.close(scope, Exit.void)
      assert.equal((yield* Fiber.join(client)).answer.status, 503)
      assert.equal(accepted.length, 0)
    })
  )

  it.live("names the option when its path is taken", () =>
    Effect.gen(function* () {
      const host = yield* HttpHost.make({ port: 0 })
      const admit = () => Effect.succeed(echoing())
      assert.deepEqual(yield* listenerOn(host).listen(admit), [])
      const error = yield* Effect.flip(listenerOn(host, { name: "second" }).listen(admit))
      assert.equal(error.code, "TRANSPORT_LISTEN")
      assert.match(error.message, /second\.path/)
      yield* host.listen
      assert.equal(host.endpoints()[1]?.name, "websocket")
    })
  )
})
