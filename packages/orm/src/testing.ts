/**
 * PostgreSQL for tests: the server that `MORTISE_TEST_POSTGRES` names, or the one on this machine, and databases on it
 * that last as long as a scope.
 *
 * ```ts
 * if (await postgresAvailable()) it.effect("…", () => Effect.flatMap(postgresDatabase, (url) => …))
 * ```
 */
import { randomBytes } from "node:crypto"
import net from "node:net"
import * as PgConnection from "@effect/sql-pg/PgConnection"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { SqlError } from "effect/sql/SqlError"

const server = (): string => process.env["MORTISE_TEST_POSTGRES"] ?? "postgres://postgres@127.0.0.1:5432/postgres"

const answers = (url: URL): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect({
      host: url.hostname,
      port: url.port === "" ? 5432 : Number(url.port),
      timeout: 3000
    })
    const answer = (there: boolean) => {
      socket.destroy()
      resolve(there)
    }
    socket.once("connect", () => answer(true))
    socket.once("error", () => answer(false))
    socket.once("timeout", () => answer(false))
  })

/** Whether there is a server; where there is none it says so, and rejects where `CI` is `true`: there it has to be. */
export const postgresAvailable = async (): Promise<boolean> => {
  const url = new URL(server())
  if (await answers(url)) return true
  const message = `No PostgreSQL at ${url.host}: set MORTISE_TEST_POSTGRES to run these tests`
  if (process.env["CI"] === "true") throw new Error(message)
  process.stderr.write(`NOT RUN: ${message}\n`)
  return false
}

/** One session, outside of any `Orm`; on the server's own database unless an URL says otherwise. */
export const postgresSession = (url?: string): Effect.Effect<PgConnection.PgConnection, SqlError, Scope.Scope> =>
  Effect.suspend(() => PgConnection.make({ url: Redacted.make(url ?? server()) }))

/** Runs one statement of an administrator, such as `alter database`. */
export const administer = (statement: string): Effect.Effect<void, SqlError> =>
  Effect.scoped(Effect.flatMap(postgresSession(), (session) => Effect.asVoid(session.query(statement))))

/** A new and empty database on the server of another one, dropped with the scope; takes and gives URLs. */
export const postgresDatabaseBeside = (beside: string): Effect.Effect<string, SqlError, Scope.Scope> => {
  const administer = (statement: string) =>
    Effect.scoped(Effect.flatMap(postgresSession(beside), (session) => Effect.asVoid(session.query(statement))))
  return Effect.acquireRelease(
    Effect.suspend(() => {
      const name = `mortise_test_${randomBytes(6).toString("hex")}`
      return Effect.as(administer(`create database ${name}`), name)
    }),
    (name) => Effect.orDie(administer(`drop database ${name} with (force)`))
  ).pipe(
    Effect.map((name) => {
      const url = new URL(beside)
      url.pathname = `/${name}`
      return url.href
    })
  )
}

/** The same on the server that tests use. */
export const postgresDatabase: Effect.Effect<string, SqlError, Scope.Scope> = Effect.suspend(() =>
  postgresDatabaseBeside(server())
)
