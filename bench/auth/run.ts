/** Area `auth`: what a login and a session's check cost, and whether the time of a failed login says which accounts there are. */
import path from "node:path"
import * as AccountStore from "@mortise/core/auth/AccountStore"
import * as Accounts from "@mortise/core/auth/Accounts"
import * as Lockout from "@mortise/core/auth/Lockout"
import * as NodePassword from "@mortise/core/auth/NodePassword"
import { Password } from "@mortise/core/auth/Password"
import * as Session from "@mortise/core/auth/Session"
import * as SessionStore from "@mortise/core/auth/SessionStore"
import * as Migrations from "@mortise/orm/migrations/Migrations"
import * as Sqlite from "@mortise/orm/Sqlite"
import { Argon2Password, accountsNamespace, OrmAccountStore, OrmSessionStore } from "@mortise/plugin-accounts"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { scratch } from "../process/scratch.ts"
import { matches, type Options, type Row, rowsOf } from "../report/Row.ts"

type Stores = AccountStore.AccountStore | SessionStore.SessionStore
const password = Redacted.make("correct horse battery")
const wrong = Redacted.make("incorrect horse battery")
/** Never locked: it is the check that is measured. */
const unlocked = Lockout.layer({ free: Number.MAX_SAFE_INTEGER })
const from = { address: "192.0.2.1" }

const memory = Layer.merge(AccountStore.layerMemory, SessionStore.layerMemory)
const sqlite = () =>
  Layer.merge(OrmAccountStore.layer, OrmSessionStore.layer).pipe(
    Layer.provide(
      Sqlite.layer({ file: path.join(scratch(), "auth.db") }).pipe(
        Layer.tap((context) => Effect.provideContext(Migrations.up([accountsNamespace]), context))
      )
    )
  )

/** Milliseconds of each of `count` runs, one subject after another in every round. */
const interleaved = <R>(
  subjects: { readonly [name: string]: Effect.Effect<unknown, unknown, R> },
  count: number
): Effect.Effect<ReadonlyMap<string, Array<number>>, never, R> =>
  Effect.gen(function* () {
    const times = new Map<string, Array<number>>(Object.keys(subjects).map((name) => [name, []]))
    const warmUp = Math.ceil(count / 10)
    for (let round = -warmUp; round < count; round++) {
      for (const [name, effect] of Object.entries(subjects)) {
        const before = performance.now()
        yield* Effect.exit(effect)
        if (round >= 0) times.get(name)?.push(performance.now() - before)
      }
    }
    return times
  })

/** The time of a wrong password beside that of an unknown name: what an attacker could tell accounts by. */
const enumeration = (count: number) =>
  Effect.gen(function* () {
    yield* Accounts.register("ada", password, from)
    return yield* interleaved(
      { "wrong-password": Accounts.login("ada", wrong, from), "unknown-name": Accounts.login("nobody", wrong, from) },
      count
    )
  }).pipe(Effect.provide([Argon2Password.layer(), unlocked, sqlite()]))

const hashing = (count: number) =>
  Effect.gen(function* () {
    const verify = Effect.flatMap(Password, (one) => one.verify(wrong, undefined))
    return yield* interleaved(
      {
        "node-rs": Effect.provide(verify, yield* Layer.build(Argon2Password.layer())),
        node: Effect.provide(verify, yield* Layer.build(NodePassword.layer()))
      },
      count
    )
  }).pipe(Effect.scoped)

const BATCH = 500
/** Milliseconds per check, in batches. */
const checking = (count: number, stores: Layer.Layer<Stores, unknown>) =>
  Effect.gen(function* () {
    const { token } = yield* Accounts.register(`user-${performance.now()}`.replaceAll(".", "-"), password, from)
    const check = Session.verify(token)
    const batch = Effect.gen(function* () {
      for (let i = 0; i < BATCH; i++) yield* check
    })
    const times = yield* interleaved({ batch }, count)
    return (times.get("batch") ?? []).map((millis) => millis / BATCH)
  }).pipe(Effect.provide([Argon2Password.layer(), unlocked, stores]))

export const run = async (options: Options): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = []
  const about = { metric: "time", unit: "ms" }
  if (matches("login/enumeration", options)) {
    const times = await Effect.runPromise(enumeration(options.quick ? 50 : 200))
    rows.push(...rowsOf({ ...about, case: "login/enumeration", ratioTo: "wrong-password" }, times))
  }
  if (matches("password/verify", options)) {
    const times = await Effect.runPromise(hashing(options.quick ? 10 : 50))
    rows.push(...rowsOf({ ...about, case: "password/verify", ratioTo: "node" }, times))
  }
  if (matches("session/check", options)) {
    const count = options.quick ? 5 : 20
    const times = new Map([
      ["memory", await Effect.runPromise(checking(count, memory))],
      ["sqlite", await Effect.runPromise(checking(count, sqlite()))]
    ])
    rows.push(...rowsOf({ ...about, case: "session/check", ratioTo: "memory" }, times))
  }
  return rows
}
