/** The PostgreSQL database that the tests of one file share. */

import * as Postgres from "@mortise/orm/Postgres"
import { administer, postgresDatabase } from "@mortise/orm/testing"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

/** A database for as long as the scope, that can be shut as a server is that is restarted. */
export const makeDatabase = Effect.map(postgresDatabase, (url) => {
  const name = new URL(url).pathname.slice(1)
  return {
    /** A pool of its own. */
    open: Postgres.make({ url: Redacted.make(url) }),
    /** Lets nobody in any more, and sends away who is there; the server itself goes on. */
    shut: Effect.andThen(
      administer(`alter database ${name} with allow_connections false`),
      administer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
    ),
    reopen: administer(`alter database ${name} with allow_connections true`)
  }
})
