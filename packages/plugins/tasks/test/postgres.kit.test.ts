// @module-tag service
import { runTasksKit } from "@mortise/core/testing/vitest"
import { postgresAvailable } from "@mortise/orm/testing"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { afterAll, beforeAll, it } from "vitest"
import { clearPostgres, openPostgres, preparePostgres } from "./databases.ts"

if (await postgresAvailable()) {
  // one database for all cases: making one for each takes longer than the cases
  const scope = Scope.makeUnsafe()
  let url = ""
  beforeAll(async () => {
    url = await Effect.runPromise(Scope.provide(preparePostgres, scope))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  runTasksKit({
    name: "PostgreSQL",
    traits: ["transactions"],
    make: Effect.suspend(() => Effect.as(clearPostgres(url), { open: openPostgres(url) })),
    paceMillis: 25
  })
} else {
  it("not run: there is no PostgreSQL", ({ expect }) => expect(process.env["CI"]).not.toBe("true"))
}
