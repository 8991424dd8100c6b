import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as ApiToken from "../../auth/ApiToken.ts"
import * as Auth from "../../auth/Auth.ts"
import * as Authenticator from "../../auth/Authenticator.ts"
import * as Credentials from "../../auth/Credentials.ts"
import * as Principal from "../../auth/Principal.ts"
import * as Session from "../../auth/Session.ts"
import * as Client from "../../client/Client.ts"
import { until } from "../until.ts"
import { Desk, Plain, serve, tagOf } from "./desk.ts"
import type { AuthCase } from "./Harness.ts"
import { authCase, HOUR } from "./Stage.ts"
import { admit } from "./sessions.ts"
/** Connections that become somebody's and nobody's, and what they hear. */
export const signingIn: ReadonlyArray<AuthCase> = [
  authCase("a request that signs in makes the connection somebody's, for what comes behind it at once", () =>
    Effect.gen(function* () {
      const world = yield* serve()
      const { token } = yield* admit("ada")
      const client = yield* world.client()
      const login = client.request.login({ token: Redacted.value(token) })
      const [isIn, who] = yield* Effect.all([login, client.request.whoami()], { concurrency: "unbounded" })
      assert.equal(isIn, true)
      assert.equal(who, "ada/ada")
      assert.equal((yield* world.gateway.connections)[0]?.state, "authenticated")
      yield* client.request.logout()
      assert.equal(yield* tagOf(client.request.whoami()), "Unauthenticated")
      assert.equal((yield* world.gateway.connections)[0]?.state, "open")
      yield* until("the hooks", () => world.log.length === 3)
      assert.deepEqual(world.log, ["opened undefined", "in ada", "out ada"])
    })
  ),
  authCase("a connection becomes another's without being both: out comes before in", () =>
    Effect.gen(function* () {
      const world = yield* serve()
      const ada = yield* admit("ada")
      const bob = yield* admit("bob")
      const client = yield* world.client(Credentials.bearer(ada.token))
      yield* client.request.login({ token: Redacted.value(bob.token) })
      assert.equal(yield* client.request.whoami(), "bob/bob")
      yield* until("the hooks", () => world.log.length === 4)
      assert.deepEqual(world.log, ["opened ada", "in ada", "out ada", "in bob"])
    })
  ),
  authCase("a failed login changes nothing", () =>
    Effect.gen(function* () {
      const world = yield* serve()
      const { token } = yield* admit("ada")
      const client = yield* world.client(Credentials.bearer(token))
      assert.equal(yield* client.request.login({ token: "nonsense" }), false)
      assert.equal(yield* client.request.whoami(), "ada/ada")
    })
  ),
  authCase("a revoked session makes its connections nobody's at once, and leaves others alone", () =>
    Effect.gen(function* () {
      const world = yield* serve()
      const one = yield* admit("ada")
      const other = yield* admit("ada")
      const first = yield* world.client(Credentials.bearer(one.token))
      const second = yield* world.client(Credentials.bearer(other.token))
      yield* first.request.whoami()
      yield* Session.revoke("ada", one.session.id)
      assert.equal(yield* tagOf(first.request.whoami()), "Unauthenticated")
      assert.equal(yield* second.request.whoami(), "ada/ada")
    })
  ),
  authCase("a revoked API token does the same to its connections", () =>
    Effect.gen(function* () {
      const world = yield* serve({ auth: yield* Auth.make([yield* Authenticator.apiTokens]) })
      const principal = Principal.make("robot", { claims: { name: "R" } })
      const one = yield* ApiToken.create({ owner: "ada", name: "one", principal })
      const other = yield* ApiToken.create({ owner: "ada", name: "other", principal })
      const first = yield* world.client(Credentials.bearer(one.token))
      const second = yield* world.client(Credentials.bearer(other.token))
      yield* first.request.whoami()
      yield* ApiToken.revoke("ada", one.id)
      assert.equal(yield* tagOf(first.request.whoami()), "Unauthenticated")
      assert.equal(yield* second.request.whoami(), "robot/R")
    })
  ),
  authCase(
    "a session that ends while its connection stands ends there, too, by a clock that does not jump",
    ({ clock, turn }) =>
      Effect.gen(function* () {
        const world = yield* serve()
        const { token } = yield* admit("ada")
        const client = yield* world.client(Credentials.bearer(token))
        clock.shift(-5 * HOUR)
        turn.advance(HOUR - 1)
        assert.equal(yield* client.request.whoami(), "ada/ada")
        turn.advance(1)
        assert.equal(yield* tagOf(client.request.whoami()), "Unauthenticated")
      }),
    { policy: { absoluteMillis: HOUR } }
  ),
  authCase("events and relays are for those who may hear them", () =>
    Effect.gen(function* () {
      const world = yield* serve()
      const { token } = yield* admit("ada")
      const ada = yield* world.client(Credentials.bearer(token))
      const nobody = yield* world.client()
      const heard: Array<string> = []
      const listen = (name: string, client: Client.Client<(typeof Desk)["spec"]>) =>
        Effect.all(
          [
            Stream.runForEach(client.events.news, ({ text }) => Effect.sync(() => void heard.push(`${name} ${text}`))),
            Stream.runForEach(client.events.weather, ({ text }) =>
              Effect.sync(() => void heard.push(`${name} ${text}`))
            ),
            Stream.runForEach(client.relayed.pass, ({ from }) =>
              Effect.sync(() => void heard.push(`${name} from ${from}`))
            )
          ],
          { concurrency: "unbounded" }
        )
      yield* Effect.forkScoped(Effect.ignore(listen("ada", ada)), { startImmediately: true })
      yield* Effect.forkScoped(Effect.ignore(listen("nobody", nobody)), { startImmediately: true })
      for (const room of [ada, nobody]) yield* world.rooms.join("hall", room.connection.id)
      assert.equal(yield* world.rooms.publish("hall", Desk.events.news, { text: "news" }), 1)
      assert.equal(yield* world.rooms.publishAll(Desk.events.weather, { text: "rain" }), 2)
      assert.equal(yield* tagOf(ada.relay.pass(nobody.connection.id, new Uint8Array(1))), "RequestFault")
      assert.equal(yield* ada.relay.pass(ada.connection.id, new Uint8Array(1)), 1)
      yield* ada.request.logout()
      assert.equal(yield* world.rooms.publish("hall", Desk.events.news, { text: "late" }), 0)
      yield* until("what is heard", () => heard.length === 4)
      assert.deepEqual(heard.toSorted(), ["ada from ada", "ada news", "ada rain", "nobody rain"])
    })
  ),
  authCase("a client that hangs up while it is looked at leaves nothing behind", () =>
    Effect.gen(function* () {
      let interrupted = 0
      const slow: Authenticator.Authenticator = {
        name: "slow",
        reads: ["authorization"],
        authenticate: () => Effect.onInterrupt(Effect.never, () => Effect.sync(() => void interrupted++))
      }
      const world = yield* serve({ auth: yield* Auth.make([slow]) })
      const fiber = yield* Effect.forkChild(Effect.scoped(world.client(Credentials.bearer("x"))), {
        startImmediately: true
      })
      let open = 0
      yield* until("it is connected", () => {
        Effect.runFork(Effect.map(world.gateway.connections, (all) => void (open = all.length)))
        return open === 1
      })
      yield* Fiber.interrupt(fiber)
      yield* until("the question is taken back", () => interrupted === 1)
      assert.deepEqual(yield* world.gateway.connections, [])
    })
  ),
  authCase("contracts without auth beside it stay as they are, for everybody", () =>
    Effect.gen(function* () {
      const world = yield* serve()
      const plain = yield* Client.make(Plain, world.memory.connector)
      assert.equal(yield* plain.request.ping(), "pong")
      const { token } = yield* admit("ada")
      const known = yield* Client.make(Plain, world.memory.connector, { credentials: Credentials.bearer(token) })
      assert.equal(yield* known.request.ping(), "pong")
    })
  )
]
