/** The PostgreSQL of the bench: `MORTISE_TEST_POSTGRES`, or the one on this machine. */
import { randomBytes } from "node:crypto"
import pg from "pg"

const url = process.env["MORTISE_TEST_POSTGRES"] ?? "postgres://postgres@127.0.0.1:5432/postgres"

const aside = async (sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** Whether there is one; says so where there is none. */
export const postgresAnswers = async (): Promise<boolean> => {
  try {
    await aside("select 1")
    return true
  } catch {
    process.stderr.write(`NOT MEASURED: no PostgreSQL at ${new URL(url).host}, set MORTISE_TEST_POSTGRES\n`)
    return false
  }
}

/** Where a subject's database is, and how it goes. */
export interface Place {
  readonly place: string
  readonly drop: () => Promise<void>
}

/** A database of its own. */
export const makePostgres = async (): Promise<Place> => {
  const name = `mortise_bench_${randomBytes(6).toString("hex")}`
  await aside(`create database ${name}`)
  const place = new URL(url)
  place.pathname = `/${name}`
  return { place: place.href, drop: () => aside(`drop database ${name} with (force)`) }
}
