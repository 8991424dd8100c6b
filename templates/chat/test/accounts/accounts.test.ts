import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as App from "@mortise/core/app/App"
import * as Client from "@mortise/core/client/Client"
import * as NodeCrypto from "@mortise/core/crypto/NodeCrypto"
import { until } from "@mortise/core/testing/until"
import { Accounts } from "@mortise/plugin-accounts/Contract"
import * as Unix from "@mortise/transport-socket/Unix"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Names } from "../../src/accounts/contract.ts"
import { Chat } from "../../src/contract.ts"
import { Sealed } from "../../src/sealed/contract.ts"
import * as State from "../../src/sealed/state.ts"
import { app } from "./app.ts"

const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "chat-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

/** The app, and a way to connect to it. */
const start = Effect.gen(function* () {
  const path = join(yield* folder, "chat.sock")
  yield* App.build(app, { http: { port: 0 }, unix: { path }, sqlite: { file: ":memory:" } })
  return Client.makeAll({ chat: Chat, accounts: Accounts, names: Names, sealed: Sealed }, Unix.connector({ path }))
})
const hear = <A, E>(stream: Stream.Stream<A, E>) =>
  Effect.gen(function* () {
    const heard: Array<A> = []
    const all = Stream.runForEach(stream, (one) => Effect.sync(() => heard.push(one)))
    yield* Effect.forkScoped(Effect.ignore(all), { startImmediately: true })
    return heard
  })
const tagOf = <A, E extends { readonly _tag: string }>(effect: Effect.Effect<A, E>) =>
  Effect.map(Effect.flip(effect), ({ _tag }) => _tag)

const password = "correct horse battery"
const room = "lobby"

describe("names of accounts", () => {
  it.live("are for those who have signed in, in every spelling; other names are for everybody", () =>
    Effect.gen(function* () {
      const connect = yield* start
      const [ada, eve] = [yield* connect, yield* connect]
      yield* ada.accounts.request.register({ name: "Ada", password })
      for (const name of ["ada", "Ada", "ADA", "\uff21da"]) {
        assert.strictEqual(yield* tagOf(eve.chat.request.join({ name, room })), "NameReserved", name)
      }
      yield* eve.chat.request.join({ name: "eve", room })
      const { members } = yield* ada.chat.request.join({ name: "ADA", room })
      assert.deepStrictEqual(members, ["eve", "ADA"])
      assert.strictEqual(yield* tagOf(eve.chat.request.join({ name: "ada", room })), "NameReserved")
      yield* ada.chat.request.join({ name: "lovelace", room })
    })
  )

  it.live("need the right password; an unknown name and a wrong password are told alike", () =>
    Effect.gen(function* () {
      const connect = yield* start
      const [ada, eve] = [yield* connect, yield* connect]
      yield* ada.accounts.request.register({ name: "ada", password })
      const wrong = yield* Effect.flip(eve.accounts.request.login({ name: "ada", password: "a wrong password" }))
      const unknown = yield* Effect.flip(eve.accounts.request.login({ name: "bob", password: "a wrong password" }))
      assert.deepStrictEqual([wrong._tag, wrong.message], [unknown._tag, unknown.message])
      assert.strictEqual(yield* tagOf(eve.chat.request.join({ name: "ada", room })), "NameReserved")
      yield* eve.accounts.request.login({ name: "ada", password })
      yield* eve.chat.request.join({ name: "ada", room })
    })
  )

  it.live("are taken from whoever had them before they belonged to an account, and the room is told", () =>
    Effect.gen(function* () {
      const connect = yield* start
      const [ada, eve, bob] = [yield* connect, yield* connect, yield* connect]
      const [lost, left] = [yield* hear(eve.names.events.lost), yield* hear(bob.chat.events.left)]
      yield* bob.chat.request.join({ name: "bob", room })
      yield* eve.chat.request.join({ name: "Ada", room })
      yield* ada.accounts.request.register({ name: "ada", password })
      yield* until("eve is told", () => lost.length === 1 && left.length === 1)
      assert.deepStrictEqual([lost, left], [[{ name: "Ada" }], [{ room, name: "Ada" }]])
      assert.strictEqual(yield* tagOf(eve.chat.request.say({ text: "I am Ada" })), "NotJoined")
      yield* ada.chat.request.join({ name: "ada", room })
    })
  )

  it.live("are given back with the session, wherever that is ended", () =>
    Effect.gen(function* () {
      const connect = yield* start
      const [phone, laptop] = [yield* connect, yield* connect]
      const lost = yield* hear(phone.names.events.lost)
      const { session } = yield* phone.accounts.request.register({ name: "ada", password })
      yield* laptop.accounts.request.login({ name: "ada", password })
      yield* phone.chat.request.join({ name: "ada", room })
      assert.strictEqual(yield* tagOf(laptop.chat.request.join({ name: "ada", room })), "NameTaken")
      yield* laptop.accounts.request.revoke({ session })
      yield* until("the phone is told", () => lost.length === 1)
      assert.strictEqual(yield* tagOf(phone.chat.request.say({ text: "still here" })), "NotJoined")
      assert.strictEqual(yield* tagOf(phone.chat.request.join({ name: "ada", room })), "NameReserved")
      assert.deepStrictEqual((yield* laptop.chat.request.join({ name: "ada", room })).members, ["ada"])
      yield* laptop.chat.request.join({ name: "guest", room })
      yield* laptop.accounts.request.logout()
      // a name without an account is nobody's to take away
      yield* laptop.chat.request.say({ text: "as a guest" })
    })
  )
})

describe("public keys", () => {
  it.live("of a name that was given up are not taken for those of the next", () =>
    Effect.gen(function* () {
      const connect = yield* start
      const [ada, bob] = [yield* connect, yield* connect]
      yield* ada.chat.request.join({ name: "ada", room })
      yield* bob.chat.request.join({ name: "guest", room })
      const keysOf = (name: string) =>
        Effect.flatMap(State.create, (state) =>
          Effect.map(State.replenished(name, state), ({ published }) => published)
        )
      const [old, fresh] = yield* Effect.provide(Effect.all([keysOf("guest"), keysOf("Bob")]), NodeCrypto.layer)
      // made while the name was changed
      yield* bob.chat.request.join({ name: "bob", room })
      yield* bob.sealed.request.publish(old)
      assert.strictEqual(yield* tagOf(ada.sealed.request.bundle({ name: "bob" })), "NoKeys")
      yield* bob.sealed.request.publish(fresh)
      const { identity } = yield* ada.sealed.request.bundle({ name: "bob" })
      assert.deepStrictEqual(identity, fresh.bundle.identity)
    })
  )
})
