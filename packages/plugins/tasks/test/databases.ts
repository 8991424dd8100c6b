import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import net from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import type { Interpreter } from "@mortise/core/orm/Orm"
import { Orm } from "@mortise/core/orm/Orm"
import * as Query from "@mortise/core/orm/Query"
import type { OpenStore } from "@mortise/core/testing/TasksKit"
import * as Migrations from "@mortise/orm/migrations/Migrations"
import * as Postgres from "@mortise/orm/Postgres"
import * as Sqlite from "@mortise/orm/Sqlite"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as OrmTaskStore from "../src/OrmTaskStore.ts"
import { namespace } from "../src/TasksPlugin.ts"

/** A folder for as long as the scope. */
export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(path.join(tmpdir(), "mortise-tasks-"))),
  (made) => Effect.sync(() => rmSync(made, { recursive: true }))
)

const migrate = (orm: Interpreter) => Effect.provideService(Migrations.up([namespace]), Orm, orm)

const openStore = (orm: Interpreter): OpenStore => ({
  store: OrmTaskStore.make(orm),
  transaction: (effect) => orm.transaction(effect) as never
})

/** Makes the table in a file. */
export const prepareSqlite = (file: string) => Effect.scoped(Effect.flatMap(Sqlite.make({ file }), migrate))

/** A way to the file of its own. */
export const openSqlite = (file: string) => Effect.map(Sqlite.make({ file }), openStore)

/** The server of the tests: `MORTISE_TEST_POSTGRES`, or the one on this machine. */
const server = process.env["MORTISE_TEST_POSTGRES"] ?? "postgres://postgres@127.0.0.1:5432/postgres"

const reachable = (): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(server)
    const socket = net.connect({ host: hostname, port: port === "" ? 5432 : Number(port), timeout: 3000 })
    const answer = (there: boolean): void => {
      socket.destroy()
      resolve(there)
    }
    socket.once("connect", () => answer(true))
    socket.once("error", () => answer(false))
    socket.once("timeout", () => answer(false))
  })

/** Whether there is a PostgreSQL. Where `CI` is `true` there has to be. */
export const postgresAvailable = async (): Promise<boolean> => {
  if (await reachable()) return true
  const message = `no PostgreSQL at ${new URL(server).host}: set MORTISE_TEST_POSTGRES to run these tests`
  if (process.env["CI"] === "true") throw new Error(message)
  process.stderr.write(`NOT RUN: ${message}\n`)
  return false
}

const postgresAt = (database: string, maxConnections = 5) => {
  const url = new URL(server)
  url.pathname = `/${database}`
  return Postgres.make({ url: Redacted.make(url.href), maxConnections })
}

const maintain = (text: string) =>
  Effect.scoped(
    Effect.flatMap(Postgres.make({ url: Redacted.make(server), maxConnections: 1 }), (orm) =>
      orm.run(Query.raw({ text: { postgres: text } }))
    )
  )

/** A database of its own with the table in it; gives its name. */
export const preparePostgres = Effect.acquireRelease(
  Effect.gen(function* () {
    const name = `mortise_tasks_${randomBytes(6).toString("hex")}`
    yield* maintain(`create database ${name}`)
    return name
  }),
  (name) => Effect.orDie(maintain(`drop database ${name} with (force)`))
).pipe(Effect.tap((name) => Effect.scoped(Effect.flatMap(postgresAt(name, 2), migrate))))

/** Empties the table. */
export const clearPostgres = (name: string) =>
  Effect.scoped(
    Effect.flatMap(postgresAt(name, 1), (orm) =>
      orm.run(Query.raw({ text: { postgres: "truncate table mortise_tasks" } }))
    )
  )

/** A pool of its own. */
export const openPostgres = (name: string) => Effect.map(postgresAt(name), openStore)
