/** A process that registers and logs in until it is killed. Says what it is about to write, and what it has written. */
import { writeSync } from "node:fs"
import * as Accounts from "@mortise/core/auth/Accounts"
import * as Lockout from "@mortise/core/auth/Lockout"
import { SessionStore } from "@mortise/core/auth/SessionStore"
import * as Sqlite from "@mortise/orm/Sqlite"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Argon2Password from "../src/Argon2Password.ts"
import { storesOf } from "./database.ts"

const [file = "", run = ""] = process.argv.slice(2)
const say = (text: string) => Effect.sync(() => void writeSync(1, `${text}\n`))
const password = Redacted.make("correct horse battery")

const program = Effect.gen(function* () {
  const stores = storesOf(yield* Sqlite.make({ file }))
  const sessions = yield* Effect.provideContext(SessionStore, stores)
  const telling = SessionStore.of({
    ...sessions,
    insert: (session) =>
      Effect.andThen(
        say(`verified ${session.id}`),
        Effect.tap(sessions.insert(session), () => say(`written ${session.id}`))
      )
  })
  const from = { address: "192.0.2.1" }
  const turn = (i: number) =>
    Effect.gen(function* () {
      const { session } = yield* Accounts.register(`user-${run}-${i}`, password, from)
      yield* say(`registered ${session.account}`)
      yield* Accounts.login(`user-${run}-${i}`, password, from)
    }).pipe(Effect.provideService(SessionStore, telling), Effect.provideContext(stores))
  for (let i = 0; ; i++) yield* turn(i)
})

const cheap = { parameters: { memory: 64, passes: 1, parallelism: 1 } }
Effect.runFork(program.pipe(Effect.provide(Layer.merge(Lockout.layer(), Argon2Password.layer(cheap))), Effect.scoped))
