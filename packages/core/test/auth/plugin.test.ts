import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as App from "../../src/app/App.ts"
import * as Plugin from "../../src/app/Plugin.ts"
import { AccountStore } from "../../src/auth/AccountStore.ts"
import * as Accounts from "../../src/auth/Accounts.ts"
import { Auth } from "../../src/auth/Auth.ts"
import * as AuthEvents from "../../src/auth/AuthEvents.ts"
import * as Authenticator from "../../src/auth/Authenticator.ts"
import { auth, authenticator, authMemory } from "../../src/auth/AuthPlugin.ts"
import * as Credentials from "../../src/auth/Credentials.ts"
import { Lockout } from "../../src/auth/Lockout.ts"
import { Password } from "../../src/auth/Password.ts"
import * as Principal from "../../src/auth/Principal.ts"
import { SessionStore } from "../../src/auth/SessionStore.ts"
import * as Client from "../../src/client/Client.ts"
import * as Contract from "../../src/transport/Contract.ts"
import { contract, gateway, Listeners } from "../../src/transport/GatewayPlugin.ts"
import * as Memory from "../../src/transport/Memory.ts"

const Desk = Contract.make("desk", {
  auth: { principal: Principal.Principal, default: "optional" },
  requests: {
    whoami: { success: Schema.String },
    login: { payload: { name: Schema.String, password: Schema.String }, success: Schema.Boolean, requires: "none" }
  }
})
const DeskLive = Contract.implement(Desk, {
  whoami: (_, { principal }) => Effect.succeed(principal?.id ?? "nobody"),
  login: ({ name, password }, caller) =>
    Accounts.login(name, Redacted.make(password), { address: caller.connection.peer.address }).pipe(
      Effect.flatMap(({ session }) => caller.authenticate(session)),
      Effect.as(true),
      Effect.catch(() => Effect.succeed(false))
    )
})
const desk = Plugin.define({
  name: "desk",
  requires: [Auth, Lockout, AccountStore, SessionStore, Password],
  contributes: [contract(DeskLive)]
})
const doorTo = (memory: Memory.Memory) =>
  Plugin.define({
    name: "door",
    contributes: [Plugin.contribute(Listeners, Effect.succeed(memory.listener))]
  })()

describe("auth()", () => {
  it.live("knows callers by what plugins contribute, in the order of the composition, and configures the lockout", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const memory = Memory.make()
        const everybody = Plugin.define({
          name: "everybody",
          contributes: [authenticator(Effect.succeed(Authenticator.none(Principal.make("somebody"))))]
        })
        const app = Plugin.compose(gateway(), doorTo(memory), auth(), authMemory(), everybody(), desk())
        const events: Array<AuthEvents.AuthEvent> = []
        const context = yield* App.build(app, {
          auth: { lockout: { free: 1 }, session: { absoluteMillis: 3_600_000 } }
        })
        const { listeners } = Context.get(context, AuthEvents.AuthEvents)
        listeners.add((event) => void events.push(event))
        const inApp = Effect.provideContext(context)
        const issued = yield* inApp(
          Accounts.register("Ada", Redacted.make("correct horse battery"), { address: "192.0.2.1" })
        )
        assert.strictEqual(issued.session.row.expiresAt - issued.session.row.createdAt, 3_600_000)
        const nobody = yield* Client.make(Desk, memory.connector)
        assert.strictEqual(yield* nobody.request.whoami(), "somebody")
        const client = yield* Client.make(Desk, memory.connector, { credentials: Credentials.bearer(issued.token) })
        assert.strictEqual(yield* client.request.whoami(), issued.session.account)
        const wrong = { name: "ada", password: "a wrong password" }
        assert.isFalse(yield* nobody.request.login(wrong))
        assert.isFalse(yield* nobody.request.login({ ...wrong, password: "correct horse battery" }), "locked")
        assert.deepStrictEqual(
          events.map((event) => (event.type === "failed" ? event.reason : event.type)),
          ["succeeded", "succeeded", "succeeded", "succeeded", "invalid", "locked"]
        )
        assert.notStrictEqual(listeners, AuthEvents.AuthEvents.defaultValue().listeners, "each app has its own")
      })
    )
  )

  it.live("lets who comes early wait for authenticators that are still being made", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const memory = Memory.make()
        const listening = yield* Deferred.make<void>()
        // the gateway listens before `auth` begins, because what it serves stands on it
        const early = Plugin.define({
          name: "early",
          requires: [Auth],
          hosts: [
            Plugin.host(Plugin.point<never>()("test.none"), () =>
              Effect.gen(function* () {
                const auth = yield* Auth
                const peer = {
                  transport: "t",
                  address: "a",
                  secure: true,
                  headers: new Map(),
                  path: "",
                  origin: undefined
                }
                assert.isTrue(auth.asksAll())
                assert.isTrue(auth.concerns(["x-anything"]))
                const asking = yield* Effect.forkDetach(auth.authenticate(Credentials.none, peer))
                asked.push(asking)
                yield* Deferred.succeed(listening, undefined)
              })
            )
          ]
        })
        const asked: Array<Fiber.Fiber<unknown, unknown>> = []
        const nobody = Plugin.define({
          name: "somebody",
          contributes: [authenticator(Effect.succeed(Authenticator.none(Principal.make("somebody"))))]
        })
        yield* App.build(Plugin.compose(gateway(), doorTo(memory), early(), auth(), nobody()), {})
        yield* Deferred.await(listening)
        const [fiber] = asked
        assert.ok(fiber)
        assert.deepInclude((yield* Fiber.join(fiber)) as object, { method: "none" })
      })
    )
  )

  it("is what its manifest says, and so is auth-memory", () => {
    const file = JSON.parse(readFileSync(new URL("../../manifest.json", import.meta.url), "utf8"))
    for (const { manifest } of [auth, authMemory]) {
      const entry = file.plugins.find(({ name }: { readonly name: string }) => name === manifest.name)
      assert.deepStrictEqual(
        entry.provides,
        manifest.provides.map(({ key }) => key)
      )
      assert.deepStrictEqual(
        entry.requires,
        manifest.requires.map(({ key }) => key)
      )
    }
  })
})
