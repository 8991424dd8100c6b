import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Auth from "@mortise/core/auth/Auth"
import * as Authenticator from "@mortise/core/auth/Authenticator"
import * as Principal from "@mortise/core/auth/Principal"
import * as HttpHost from "@mortise/core/http/HttpHost"
import { until } from "@mortise/core/testing/until"
import * as Contract from "@mortise/core/transport/Contract"
import * as Gateway from "@mortise/core/transport/Gateway"
import * as Transports from "@mortise/core/transport/Transports"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { clientFrame } from "../src/internal/testing/frames.ts"
import { listenerOn } from "../src/WebSocket.ts"
import { handshake } from "./support.ts"

const Desk = Contract.make("desk", {
  auth: { principal: Principal.Principal },
  requests: { whoami: { success: Schema.String } }
})
const DeskLive = Contract.implement(Desk, { whoami: (_, { principal }) => Effect.succeed(principal.id) })

const serving = Effect.gen(function* () {
  const host = yield* HttpHost.make({ port: 0 })
  yield* host.listen
  const listener = listenerOn(host)
  const context = yield* Layer.build(Layer.merge(Gateway.layer(), Transports.layer(listener)))
  const verify = Authenticator.fixed([{ token: Redacted.make("a-token"), principal: Principal.make("ada") }])
  const auth = yield* Auth.make([
    yield* Authenticator.bearer({ verify }),
    yield* Authenticator.apiKey({ header: "x-desk-key", verify })
  ])
  const serve = Effect.provideService(Gateway.serve(DeskLive), Auth.Auth, auth)
  const [address] = yield* Effect.provideContext(serve, context)
  return { address: address ?? "", gateway: Context.get(context, Gateway.Gateway) }
})

describe("credentials in the headers of an upgrade", () => {
  it.live("make the connection somebody's before its first frame", () =>
    Effect.gen(function* () {
      const { address, gateway } = yield* serving
      for (const headers of [{ Authorization: "Bearer a-token" }, { "X-Desk-Key": "a-token" }]) {
        const { answer, socket } = yield* handshake(address, headers)
        assert.equal(answer.status, 101)
        let said = ""
        socket.on("data", (bytes) => void (said += bytes.toString("latin1")))
        socket.write(clientFrame(0x81, Buffer.from(`{"kind":"hello","payload":{"min":1,"max":1}}`)))
        socket.write(clientFrame(0x81, Buffer.from(`{"kind":"request","id":1,"name":"desk.whoami"}`)))
        yield* until("the answer", () => said.includes(`"payload":"ada"`))
      }
      const states = (yield* gateway.connections).map(({ principal, state }) => [principal, state])
      assert.deepEqual(states, [
        ["ada", "authenticated"],
        ["ada", "authenticated"]
      ])
    })
  )

  it.live("are refused with 401 where they are wrong, and needed by nobody who shows none", () =>
    Effect.gen(function* () {
      const { address, gateway } = yield* serving
      for (const headers of [
        { Authorization: "Bearer another" },
        { Authorization: "Basic YTpi" },
        { "X-Desk-Key": "another" },
        { Authorization: `Bearer ${"x".repeat(12_000)}` }
      ]) {
        const { answer } = yield* handshake(address, headers)
        assert.equal(answer.status, 401)
        assert.equal(answer.headers.get("www-authenticate"), "Bearer")
      }
      assert.deepEqual(yield* gateway.connections, [])
      const { answer } = yield* handshake(address)
      assert.equal(answer.status, 101)
    })
  )
})
