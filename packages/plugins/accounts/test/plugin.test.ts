import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { describe, it } from "@effect/vitest"
import * as App from "@mortise/core/app/App"
import * as Plugin from "@mortise/core/app/Plugin"
import { Auth } from "@mortise/core/auth/Auth"
import { auth } from "@mortise/core/auth/AuthPlugin"
import * as Credentials from "@mortise/core/auth/Credentials"
import * as Principal from "@mortise/core/auth/Principal"
import * as Client from "@mortise/core/client/Client"
import * as Contract from "@mortise/core/transport/Contract"
import { contract, gateway, Listeners } from "@mortise/core/transport/GatewayPlugin"
import * as Memory from "@mortise/core/transport/Memory"
import * as Migrations from "@mortise/orm/migrations/Migrations"
import { sqlite } from "@mortise/orm/SqlitePlugin"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Accounts, accounts, accountsNamespace } from "../src/index.ts"

const Desk = Contract.make("desk", {
  auth: { principal: Principal.Named },
  requests: { greet: { success: Schema.String } }
})
const DeskLive = Contract.implement(Desk, {
  greet: (_, { principal }) => Effect.succeed(`Hello, ${principal.claims.name}!`)
})
const desk = Plugin.define({ name: "desk", requires: [Auth], contributes: [contract(DeskLive)] })

const password = "correct horse battery"
const ada = { name: "Ada", password, device: "a test" }

const start = (file: string) =>
  Effect.gen(function* () {
    const memory = Memory.make({ peer: { address: "192.0.2.1" } })
    const door = Plugin.define({
      name: "door",
      contributes: [Plugin.contribute(Listeners, Effect.succeed(memory.listener))]
    })
    const app = Plugin.compose(desk(), accounts(), auth(), sqlite(), gateway(), door())
    yield* App.build(app, { sqlite: { file } })
    return (credentials?: Credentials.Credentials) =>
      Client.makeAll(
        { accounts: Accounts, desk: Desk },
        memory.connector,
        credentials === undefined ? {} : { credentials }
      )
  })

const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(path.join(tmpdir(), "mortise-auth-"))),
  (made) => Effect.promise(() => rm(made, { recursive: true, force: true }))
)
const database = Effect.map(folder, (made) => path.join(made, "app.db"))
const app = Effect.flatMap(database, start)
const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), ({ _tag }) => _tag)

describe("accounts()", () => {
  it.live("registers, and lets its owner speak on that connection and, by the token, on others", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const connect = yield* app
        const client = yield* connect()
        assert.equal(yield* tagOf(client.desk.request.greet()), "Unauthenticated")
        const { account, name, token } = yield* client.accounts.request.register(ada)
        assert.equal(name, "Ada")
        assert.equal(yield* client.desk.request.greet(), "Hello, Ada!")
        assert.deepEqual(yield* client.accounts.request.whoami(), { account, name: "Ada" })
        const other = yield* connect(Credentials.bearer(token))
        assert.equal(yield* other.desk.request.greet(), "Hello, Ada!")
        const third = yield* connect()
        yield* third.accounts.request.resume({ token })
        assert.equal(yield* third.desk.request.greet(), "Hello, Ada!")
        const basic = yield* connect(Credentials.basic("ada", password))
        assert.equal(yield* basic.desk.request.greet(), "Hello, Ada!")
      })
    )
  )

  it.live("answers an unknown name and a wrong password alike, to the last field", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { accounts: client } = yield* (yield* app)()
        yield* client.request.register(ada)
        const wrong = yield* Effect.flip(client.request.login({ name: "ada", password: "a wrong password" }))
        const unknown = yield* Effect.flip(client.request.login({ name: "bob", password: "a wrong password" }))
        assert.equal(wrong._tag, "InvalidCredentials")
        assert.deepEqual({ ...wrong }, { ...unknown })
        assert.equal(wrong.message, unknown.message)
      })
    )
  )

  it.live("logs out everywhere, changes the password, shows and ends sessions", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const connect = yield* app
        const { accounts: phone, desk: phoneDesk } = yield* connect()
        const { accounts: laptop, desk: laptopDesk } = yield* connect()
        yield* phone.request.register({ ...ada, device: "phone" })
        const mine = yield* laptop.request.login({ ...ada, device: "laptop" })
        const sessions = yield* laptop.request.sessions()
        assert.deepEqual(
          sessions
            .map(({ address, device, isThis }) => ({ address, device, isThis }))
            .toSorted((a, b) => a.device.localeCompare(b.device)),
          [
            { address: "192.0.2.1", device: "laptop", isThis: true },
            { address: "192.0.2.1", device: "phone", isThis: false }
          ]
        )
        assert.equal(yield* laptop.request.changePassword({ current: password, next: "another phrase" }), 1)
        assert.equal(yield* tagOf(phoneDesk.request.greet()), "Unauthenticated")
        assert.equal(yield* laptopDesk.request.greet(), "Hello, Ada!")
        assert.equal(yield* tagOf(phone.request.login(ada)), "InvalidCredentials")
        const again = yield* phone.request.login({ name: "ADA", password: "another phrase" })
        assert.equal(yield* laptop.request.revoke({ session: again.session }), true)
        assert.equal(yield* tagOf(phone.request.sessions()), "Unauthenticated")
        const { accounts: copy } = yield* connect(Credentials.bearer(mine.token))
        yield* copy.request.logout()
        assert.equal(yield* tagOf(laptopDesk.request.greet()), "Unauthenticated")
        assert.equal(yield* tagOf(connect(Credentials.bearer(Redacted.make(mine.token)))), "Unauthenticated")
      })
    )
  )

  it.live("says with typed errors what is wrong with a name or a password, and when to come back", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { accounts: client } = yield* (yield* app)()
        const short = yield* Effect.flip(client.request.register({ name: "ada", password: "short" }))
        assert.ok(short._tag === "Refused" && short.field === "password")
        const odd = yield* Effect.flip(client.request.register({ name: "a b", password }))
        assert.ok(odd._tag === "Refused" && odd.field === "name")
        yield* client.request.register(ada)
        assert.equal(yield* tagOf(client.request.register(ada)), "NameTaken")
        for (let i = 0; i < 5; i++)
          yield* Effect.flip(client.request.login({ name: "bob", password: "a wrong password" }))
        const late = yield* Effect.flip(client.request.login({ name: "bob", password: "a wrong password" }))
        assert.ok(late._tag === "TryLater" && late.retryAfterMillis > 0)
        const long = yield* Effect.flip(client.request.login({ name: "ada", password: "x".repeat(5000) }))
        assert.ok(long._tag === "RequestFault" && long.fault === "BAD_PAYLOAD")
      })
    )
  )

  it.live("keeps what it has over a restart", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const file = yield* database
        const token = yield* Effect.scoped(
          Effect.gen(function* () {
            const { accounts: client } = yield* (yield* start(file))()
            return (yield* client.request.register(ada)).token
          })
        )
        const connect = yield* start(file)
        const { desk: known } = yield* connect(Credentials.bearer(token))
        assert.equal(yield* known.request.greet(), "Hello, Ada!")
        const { accounts: client } = yield* connect()
        assert.equal((yield* client.request.login(ada)).name, "Ada")
      })
    )
  )

  it.live("has a migration for everything that its models say", () =>
    Effect.gen(function* () {
      assert.equal(yield* Migrations.generate([accountsNamespace], "accounts"), undefined)
    })
  )

  it("is what its manifest says", () => {
    const [entry] = JSON.parse(readFileSync(new URL("../manifest.json", import.meta.url), "utf8")).plugins
    const { manifest } = accounts
    assert.equal(entry.name, manifest.name)
    assert.deepEqual(
      entry.provides,
      manifest.provides.map(({ key }) => key)
    )
    assert.deepEqual(
      entry.requires,
      manifest.requires.map(({ key }) => key)
    )
    // what people set when they add it; the other keys have defaults that do
    assert.deepEqual(
      entry.config.map(({ path: at }: { readonly path: string }) => at),
      ["accounts.passwordMinLength"]
    )
  })
})
