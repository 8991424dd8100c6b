import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Auth from "../../auth/Auth.ts"
import { AuthUnavailable } from "../../auth/AuthError.ts"
import * as Authenticator from "../../auth/Authenticator.ts"
import * as Credentials from "../../auth/Credentials.ts"
import * as Principal from "../../auth/Principal.ts"
import * as Session from "../../auth/Session.ts"
import { JsonWire } from "../../transport/JsonWire.ts"
import { until } from "../until.ts"
import { serve, tagOf } from "./desk.ts"
import type { AuthCase } from "./Harness.ts"
import { authCase, home } from "./Stage.ts"
import { admit } from "./sessions.ts"
/** Who is let in over a connection, and what they may. */
export const gateway: ReadonlyArray<AuthCase> = [
  ...[undefined, JsonWire].map((wire) =>
    authCase(
      `credentials in the hello make a principal that handlers see, typed (${wire?.name ?? "binary"} wire)`,
      () =>
        Effect.gen(function* () {
          const world = yield* serve(wire === undefined ? {} : { wire })
          const { token } = yield* admit("ada")
          const client = yield* world.client(Credentials.bearer(token))
          assert.equal(yield* client.request.whoami(), "ada/ada")
          assert.equal(yield* client.request.maybe(), "ada")
          assert.deepEqual(yield* Stream.runCollect(client.request.count()), [1, 2, 3])
          const [connection] = yield* world.gateway.connections
          assert.equal(connection?.state, "authenticated")
          assert.equal(connection?.principal, "ada")
          yield* until("the hooks", () => world.log.length === 2)
          assert.deepEqual(world.log, ["opened ada", "in ada"])
        })
    )
  ),
  authCase("who shows nothing gets what is for everybody, and nothing else", () =>
    Effect.gen(function* () {
      const world = yield* serve()
      const client = yield* world.client()
      assert.equal(yield* client.request.open({ text: "hi" }), "hi")
      assert.equal(yield* client.request.maybe(), "nobody")
      for (const refused of [
        client.request.whoami(),
        client.request.admin(),
        client.request.logout(),
        Stream.runDrain(client.request.count()),
        client.relay.pass("x", new Uint8Array(1))
      ])
        assert.equal(yield* tagOf(refused), "Unauthenticated")
      yield* client.signal.nudge()
      yield* client.request.open({ text: "a turn later" })
      assert.ok(!world.log.includes("nudge"))
      assert.equal((yield* world.gateway.connections)[0]?.state, "open")
    })
  ),
  authCase("what is refused is refused before its payload is looked at", () =>
    Effect.gen(function* () {
      const world = yield* serve({ wire: JsonWire })
      let answer = ""
      const connection = yield* world.memory.connector.connect(() => ({
        onFrame: (bytes, start, end) => void (answer += new TextDecoder().decode(bytes.subarray(start, end))),
        onDrain: () => {},
        onClose: () => {}
      }))
      const say = (frame: object) => connection.send(new TextEncoder().encode(JSON.stringify(frame)), "text")
      say({ kind: "hello", payload: { min: 1, max: 1 } })
      say({ kind: "request", id: 1, name: "desk.secretly", payload: { text: 7 } })
      yield* until("the answer", () => answer.includes(`"id":1`))
      assert.ok(answer.includes("UNAUTHENTICATED"))
      assert.ok(!answer.includes("BAD_PAYLOAD"))
    })
  ),
  authCase("scopes are asked for, all of them", () =>
    Effect.gen(function* () {
      const world = yield* serve()
      const { token } = yield* admit("ada")
      const client = yield* world.client(Credentials.bearer(token))
      const error = yield* Effect.flip(client.request.admin())
      assert.equal(error._tag, "Forbidden")
      assert.match(error.message, /scope admin/)
      assert.equal(error.message.split("desk.admin").length - 1, 1, "the message's name, once")
      const boss = yield* Session.issue({
        account: "boss",
        ...home,
        method: "kit",
        verify: Effect.succeed({
          account: "boss",
          principal: Principal.make("boss", { scopes: ["chat", "admin"], claims: { name: "B" } })
        })
      })
      assert.equal(yield* (yield* world.client(Credentials.bearer(boss.token))).request.admin(), "boss")
    })
  ),
  authCase("a principal that has not the contract's form is refused, and the hooks do not see it", () =>
    Effect.gen(function* () {
      const auth = yield* Auth.make([Authenticator.none(Principal.make("robot"))])
      const world = yield* serve({ auth })
      const client = yield* world.client()
      assert.equal(yield* tagOf(client.request.whoami()), "Forbidden")
      assert.equal(yield* tagOf(client.request.maybe()), "Forbidden")
      assert.equal(yield* client.request.open({ text: "hi" }), "hi")
      yield* until("the hook", () => world.log.length === 1)
      assert.deepEqual(world.log, ["opened undefined"])
    })
  ),
  authCase("wrong credentials keep the connection out, with a typed error", () =>
    Effect.gen(function* () {
      const world = yield* serve()
      for (const credentials of [
        Credentials.bearer(`mses_${"A".repeat(43)}`),
        Credentials.bearer("nonsense"),
        Credentials.basic("ada", "wrong password"),
        Credentials.bearer("x".repeat(60_000))
      ]) {
        const error = yield* Effect.flip(world.client(credentials))
        assert.equal(error._tag, "Unauthenticated")
      }
      yield* until("they are gone", () => true)
      assert.deepEqual(
        world.log.filter((line) => line.startsWith("opened")),
        []
      )
    })
  ),
  authCase("a locked account is told when to come back", () =>
    Effect.gen(function* () {
      const world = yield* serve()
      const wrong = Credentials.basic("ada", "wrong password")
      for (let i = 0; i < 5; i++) yield* Effect.flip(world.client(wrong))
      const error = yield* Effect.flip(world.client(wrong))
      assert.ok(error._tag === "RequestFault" && error.fault === "RATE_LIMITED")
      assert.equal(error.retryAfterMillis, 1000)
    })
  ),
  authCase("where nobody can say who it is, nobody gets in: in the hello and before it", () =>
    Effect.gen(function* () {
      const down = Effect.fail(new AuthUnavailable({ operation: "kit", message: "a secret detail" }))
      for (const authenticate of [() => down, () => Effect.die(new Error("a secret detail"))]) {
        const auth = yield* Auth.make([{ name: "down", reads: ["authorization"], authenticate }])
        const world = yield* serve({ auth })
        const error = yield* Effect.flip(world.client(Credentials.bearer("x")))
        assert.ok(error._tag === "RequestFault" && error.fault === "UNAVAILABLE", error._tag)
        assert.ok(!error.message.includes("secret"))
        const early = yield* serve({ auth, memory: { peer: { headers: new Map([["authorization", "Bearer x"]]) } } })
        const refused = yield* Effect.flip(early.client())
        assert.ok(refused._tag === "TransportError" && refused.message.includes("503"), refused.message)
      }
    })
  ),
  authCase("credentials in the headers of the connection do the same; wrong ones are refused with 401", () =>
    Effect.gen(function* () {
      const { token } = yield* admit("ada")
      const headers = new Map([["authorization", `Bearer ${Redacted.value(token)}`]])
      const world = yield* serve({ memory: { peer: { headers } } })
      const client = yield* world.client()
      assert.equal(yield* client.request.whoami(), "ada/ada")
      const other = yield* admit("bob")
      const second = yield* world.client(Credentials.bearer(other.token))
      assert.equal(yield* second.request.whoami(), "bob/bob", "the hello has the last word")
      yield* Session.revoke("ada", (yield* Session.list("ada"))[0]?.id ?? "")
      const error = yield* Effect.flip(world.client())
      assert.ok(error._tag === "TransportError" && error.message.includes("401"), error.message)
    })
  )
]
