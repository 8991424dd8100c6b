// @module-tag service
import * as Repository from "@mortise/core/orm/Repository"
import { runAuthKit } from "@mortise/core/testing/vitest"
import { postgresAvailable } from "@mortise/orm/testing"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { afterAll, beforeAll, it } from "vitest"
import { Account, AccountSession, AccountToken } from "../src/models.ts"
import { dumpOf, migrate, storesOf } from "./database.ts"
import { makeDatabase } from "./postgres.ts"

if (await postgresAvailable()) {
  // one database for all cases: making one for each takes longer than the cases
  const scope = Scope.makeUnsafe()
  let database: Effect.Success<typeof makeDatabase>
  beforeAll(async () => {
    database = await Effect.runPromise(Scope.provide(makeDatabase, scope))
    await Effect.runPromise(Effect.scoped(Effect.flatMap(database.open, migrate)))
  }, 60_000)
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)), 60_000)

  runAuthKit({
    name: "PostgreSQL",
    traits: ["durable", "breaks"],
    make: Effect.gen(function* () {
      const { open, reopen, shut } = database
      const orm = yield* open
      yield* Repository.make(Account).over(orm).deleteAll()
      yield* Repository.make(AccountSession).over(orm).deleteAll()
      yield* Repository.make(AccountToken).over(orm).deleteAll()
      return {
        context: storesOf(orm),
        dump: dumpOf(orm),
        reopen: Effect.map(open, storesOf),
        break: Effect.asVoid(Effect.acquireRelease(shut, () => Effect.orDie(reopen)))
      }
    })
  })
} else {
  it("AuthKit: PostgreSQL is not run: there is none", ({ expect }) => expect(process.env["CI"]).not.toBe("true"))
}
