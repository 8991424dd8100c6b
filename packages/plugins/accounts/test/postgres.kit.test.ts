import * as Repository from "@mortise/core/orm/Repository"
import { runAuthKit } from "@mortise/core/testing/vitest"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, it } from "vitest"
import { Account, AccountSession, AccountToken } from "../src/models.ts"
import { dumpOf, migrate, storesOf } from "./database.ts"
import { available, create, drop, open, reopen, shut } from "./postgres.ts"

if (available) {
  beforeAll(() => Effect.runPromise(Effect.andThen(create, Effect.scoped(Effect.flatMap(open, migrate)))), 60_000)
  afterAll(() => Effect.runPromise(drop), 60_000)
  runAuthKit({
    name: "PostgreSQL",
    traits: ["durable", "breaks"],
    make: Effect.gen(function* () {
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
  describe("AuthKit: PostgreSQL", () => {
    it("is not run: there is no PostgreSQL here", () => {})
  })
}
