/** The PostgreSQL of the tests: `MORTISE_TEST_POSTGRES`, or the one on this machine. */
import { randomBytes } from "node:crypto"
import net from "node:net"
import * as Query from "@mortise/core/orm/Query"
import * as Postgres from "@mortise/orm/Postgres"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

const url = process.env.MORTISE_TEST_POSTGRES ?? "postgres://postgres@127.0.0.1:5432/postgres"

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

const administer = (statement: string) =>
  Effect.scoped(
    Effect.flatMap(Postgres.make({ url: Redacted.make(url) }), (orm) =>
      orm.run(Query.raw({ text: { postgres: statement } }))
    )
  )

const name = `mortise_auth_${randomBytes(6).toString("hex")}`
/** Makes and drops the database that the tests of one file share. */
export const create = Effect.asVoid(administer(`create database ${name}`))
export const drop = Effect.asVoid(administer(`drop database ${name} with (force)`))

/** Lets nobody in any more, and sends away who is there; the server itself goes on. */
export const shut = Effect.andThen(
  administer(`alter database ${name} with allow_connections false`),
  administer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
)
export const reopen = administer(`alter database ${name} with allow_connections true`)

/** A pool of its own. */
export const open = Effect.suspend(() => {
  const own = new URL(url)
  own.pathname = `/${name}`
  return Postgres.make({ url: Redacted.make(own.href) })
})
