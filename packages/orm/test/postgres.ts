/** The PostgreSQL of the tests: `MORTISE_TEST_POSTGRES`, or the one on this machine. */

import { randomBytes } from "node:crypto"
import net from "node:net"
import * as PgConnection from "@effect/sql-pg/PgConnection"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"

export const url = process.env.MORTISE_TEST_POSTGRES ?? "postgres://postgres@127.0.0.1:5432/postgres"

const reachable = await new Promise<boolean>((resolve) => {
  const { hostname, port } = new URL(url)
  const socket = net.connect({ host: hostname, port: port === "" ? 5432 : Number(port), timeout: 3000 })
  const answer = (there: boolean) => {
    socket.destroy()
    resolve(there)
  }
  socket.once("connect", () => answer(true))
  socket.once("error", () => answer(false))
  socket.once("timeout", () => answer(false))
})

/** Whether there is one. Where `CI` is `true` it has to be. */
export const available: boolean = (() => {
  if (reachable) return true
  const message = `No PostgreSQL at ${new URL(url).host}: set MORTISE_TEST_POSTGRES to run these tests`
  if (process.env.CI === "true") throw new Error(message)
  process.stderr.write(`NOT RUN: ${message}\n`)
  return false
})()

const at = (database: string): string => {
  const other = new URL(url)
  other.pathname = `/${database}`
  return other.href
}

export const connect = (to: string = url) => PgConnection.make({ url: Redacted.make(to) })

/** A database of its own for one test, gone afterwards; gives its URL. */
export const database: Effect.Effect<string, unknown, Scope.Scope> = Effect.acquireRelease(
  Effect.gen(function* () {
    const name = `mortise_test_${randomBytes(6).toString("hex")}`
    yield* Effect.scoped(Effect.flatMap(connect(), (connection) => connection.query(`create database ${name}`)))
    return name
  }),
  (name) =>
    Effect.scoped(
      Effect.flatMap(connect(), (connection) => connection.query(`drop database ${name} with (force)`))
    ).pipe(Effect.orDie)
).pipe(Effect.map(at))
