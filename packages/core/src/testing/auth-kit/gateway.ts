import assert from "node:assert/strict"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Accounts from "../../auth/Accounts.ts"
import * as ApiToken from "../../auth/ApiToken.ts"
import * as Auth from "../../auth/Auth.ts"
import { AuthUnavailable } from "../../auth/AuthError.ts"
import * as Authenticator from "../../auth/Authenticator.ts"
import * as Credentials from "../../auth/Credentials.ts"
import * as Principal from "../../auth/Principal.ts"
import * as Session from "../../auth/Session.ts"
import * as Client from "../../client/Client.ts"
import * as Contract from "../../transport/Contract.ts"
import * as Gateway from "../../transport/Gateway.ts"
import { JsonWire } from "../../transport/JsonWire.ts"
import * as Memory from "../../transport/Memory.ts"
import { Rooms } from "../../transport/Rooms.ts"
import * as Transports from "../../transport/Transports.ts"
import type { Wire } from "../../transport/Wire.ts"
import { until } from "../until.ts"
import type { AuthCase } from "./Harness.ts"
import { authCase, HOUR, home, secret } from "./Stage.ts"
import { admit } from "./sessions.ts"

const Desk = Contract.make("desk", {
  auth: { principal: Principal.Named },
  requests: {
    whoami: { success: Schema.String },
    maybe: { success: Schema.String, requires: "optional" },
    open: { payload: { text: Schema.String }, success: Schema.String, requires: "none" },
    admin: { success: Schema.String, requires: ["admin", "chat"] },
    login: { payload: { token: Schema.String }, success: Schema.Boolean, requires: "none" },
    logout: {},
    count: { success: Schema.Int, stream: true },
    secretly: { payload: { text: Schema.String } }
  },
  signals: { nudge: {} },
  events: {
    news: { payload: { text: Schema.String } },
    weather: { payload: { text: Schema.String }, requires: "none" }
  },
  relays: ["pass"]
})
/** Asks for no principal: the same gateway serves both kinds. */
const Plain = Contract.make("plain", { requests: { ping: { success: Schema.String } } })

interface World {
  readonly log: Array<string>
  readonly gateway: Gateway.Gateway["Service"]
  readonly rooms: Rooms["Service"]
  readonly memory: Memory.Memory
  /** A client over the stage's wire. */
  readonly client: (credentials?: Credentials.Credentials) => ReturnType<typeof connect>
}
const connect = (memory: Memory.Memory, credentials: Credentials.Credentials | undefined, wire: Wire | undefined) =>
  Client.make(Desk, memory.connector, {
    ...(credentials === undefined ? {} : { credentials }),
    ...(wire === undefined ? {} : { wire })
  })

const handlers = (log: Array<string>) =>
  Contract.implement(
    Desk,
    {
      whoami: (_, { principal }) => Effect.succeed(`${principal.id}/${principal.claims.name}`),
      maybe: (_, { principal }) => Effect.succeed(principal?.id ?? "nobody"),
      open: ({ text }) => Effect.succeed(text),
      admin: (_, { principal }) => Effect.succeed(principal.id),
      login: ({ token }, caller) =>
        Session.verify(secret(token)).pipe(
          Effect.flatMap(caller.authenticate),
          Effect.as(true),
          Effect.catch(() => Effect.succeed(false))
        ),
      logout: (_, caller) => caller.signOut,
      count: () => Stream.range(1, 3),
      secretly: ({ text }) => Effect.sync(() => void log.push(`secretly ${text}`)),
      nudge: () => Effect.sync(() => void log.push("nudge")),
      pass: ({ to }, { principal }) => Effect.succeed({ to: [to], from: principal.id })
    },
    {
      opened: ({ principal }) => Effect.sync(() => void log.push(`opened ${principal?.id}`)),
      authenticated: ({ principal }) => Effect.sync(() => void log.push(`in ${principal.id}`)),
      signedOut: ({ principal }) => Effect.sync(() => void log.push(`out ${principal.id}`)),
      closed: ({ principal }) => Effect.sync(() => void log.push(`closed ${principal?.id}`))
    }
  )

interface Served {
  readonly auth?: Auth.Auth["Service"]
  readonly memory?: Memory.MemoryOptions
  readonly wire?: Wire
}
const serve = Effect.fnUntraced(function* ({ auth, memory: options, wire }: Served = {}) {
  const memory = Memory.make(options)
  const log: Array<string> = []
  const context = yield* Layer.build(Layer.merge(Gateway.layer(), Transports.layer(memory.listener)))
  const made =
    auth ??
    (yield* Auth.make([yield* Authenticator.sessions, yield* Authenticator.basic({ verify: Accounts.principal })]))
  const plain = Contract.implement(Plain, { ping: () => Effect.succeed("pong") })
  const all = Effect.andThen(Gateway.serve(plain), Gateway.serve(handlers(log)))
  yield* Effect.provideService(Effect.provideContext(all, context), Auth.Auth, made)
  const world: World = {
    log,
    gateway: Context.get(context, Gateway.Gateway),
    rooms: Context.get(context, Rooms),
    memory,
    client: (credentials) => connect(memory, credentials, wire)
  }
  return world
})
const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), (error) => error._tag)

/** Contracts that know their callers, over a connection. */
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
      assert.match(error.message, /admin/)
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
  ),
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
