// @module-tag service
import { runOrmKit } from "@mortise/core/testing/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { diff } from "../src/migrations/internal/diff.ts"
import { postgresWriter } from "../src/migrations/internal/postgresWriter.ts"
import { empty } from "../src/migrations/SchemaState.ts"
import * as Postgres from "../src/Postgres.ts"
import { available, connect, database } from "./postgres.ts"

if (available) {
  for (const generateCode of [true, false]) {
    runOrmKit({
      name: `PostgreSQL${generateCode ? "" : ", without generated code"}`,
      traits: ["foreign-keys", "processes", "concurrent-writers"],
      open: (tables) =>
        Effect.gen(function* () {
          const url = yield* database
          yield* Effect.scoped(
            Effect.flatMap(connect(url), (session) =>
              Effect.forEach(
                postgresWriter.write(empty, diff(empty, tables)),
                (step) => (step.step === "sql" ? session.query(step.sql, [], false) : Effect.void),
                { discard: true }
              )
            )
          )
          const open = Postgres.make({ url: Redacted.make(url), generateCode })
          return { orm: yield* open, another: open }
        })
    })
  }
}
