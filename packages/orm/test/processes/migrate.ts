/**
 * Migrates a database: `node migrate.ts <dialect> <place> [kill at]`. With a number, the process kills itself before the
 * operation of that number of the last migration, as a machine that loses its power does.
 */
import type { Migration, Operation } from "@mortise/core/orm/Migration"
import { Orm } from "@mortise/core/orm/Orm"
import * as Effect from "effect/Effect"
import * as Migrations from "../../src/migrations/Migrations.ts"
import { harnesses } from "../migrations/harness.ts"
import { app, Post1, Post2, through, User1, User2 } from "../migrations/stories.ts"

const [dialect = "", place = "", at] = process.argv.slice(2)
const die: Operation = {
  op: "data",
  name: "lose power",
  up: Effect.sync(() => process.kill(process.pid, "SIGKILL"))
}

/** The last of the migrations, cut in two by the end of the process. */
const cut = (migration: Migration): Migration =>
  at === undefined ? migration : { ...migration, operations: migration.operations.toSpliced(Number(at), 0, die) }

const [first, last] = await Effect.runPromise(through([User1, Post1], [User2, Post2]))
const migrations = [first!, cut(last!)]

const harness = harnesses.find((one) => one.dialect === dialect)!
const done = await Effect.runPromise(
  Effect.scoped(
    Effect.flatMap(harness.open(place), (orm) =>
      Effect.provideService(Migrations.up([app([User2, Post2], migrations)]), Orm, orm)
    )
  )
)
process.stdout.write(`${done.length}\n`)
