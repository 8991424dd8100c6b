/** Does what writers wrote. */
import * as Column from "@mortise/core/orm/Column"
import { Orm } from "@mortise/core/orm/Orm"
import type { OrmError } from "@mortise/core/orm/OrmError"
import * as Query from "@mortise/core/orm/Query"
import * as Effect from "effect/Effect"
import type { MigrationDatabase } from "./database.ts"
import { countAll, text } from "./sqlText.ts"
import type { Step } from "./step.ts"

/** Why a step stopped the migration. */
export class Stopped {
  readonly _tag = "Stopped"
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export const count = ({ orm }: MigrationDatabase, sql: string): Effect.Effect<number, OrmError> =>
  Effect.map(
    orm.run(Query.raw({ text: { [orm.dialect]: sql }, columns: { count: Column.Integer() } })),
    (rows) => rows[0]?.count ?? 0
  )

const foreignKeysAct = "select foreign_keys from pragma_foreign_keys"

/** Indexes and triggers that SQL made; those of models the writer makes again itself. */
const others = ({ orm }: MigrationDatabase, table: string, known: ReadonlyArray<string>) =>
  Effect.map(
    orm.run(
      Query.raw({
        text: {
          sqlite: `select name, sql from sqlite_master where tbl_name = ${text(table)} and type in ('index', 'trigger') and sql is not null`
        },
        columns: { name: Column.Text(), sql: Column.Text() }
      })
    ),
    (rows) => rows.filter(({ name }) => !known.includes(name)).map(({ sql }) => sql)
  )

type Rebuild = Step & { readonly step: "rebuild" }

const rebuild = (database: MigrationDatabase, { counted, known, statements, table }: Rebuild) =>
  Effect.gen(function* () {
    const { command } = database
    if ((yield* count(database, foreignKeysAct)) !== 0) {
      return yield* Effect.fail(new Stopped(`"${table}" cannot be made anew while foreign keys act`))
    }
    const counts = Effect.forEach(counted, (name) => count(database, countAll(name)))
    const before = yield* counts
    const kept = yield* others(database, table, known)
    // otherwise renaming looks into views, which name a table that is not there for a moment
    yield* command("pragma legacy_alter_table = on")
    yield* Effect.forEach(statements, command, { discard: true }).pipe(
      Effect.ensuring(Effect.ignore(command("pragma legacy_alter_table = off")))
    )
    yield* Effect.forEach(kept, command, { discard: true })
    const after = yield* counts
    for (const [at, name] of counted.entries()) {
      if (before[at] === after[at]) continue
      return yield* Effect.fail(
        new Stopped(`making "${table}" anew left ${after[at]} of the ${before[at]} rows of "${name}"`)
      )
    }
  })

/** Runs one step. Fails with `Stopped` when the migration must not go on. */
export const execute = (database: MigrationDatabase, step: Step): Effect.Effect<void, Stopped | OrmError> => {
  switch (step.step) {
    case "sql":
      return database.command(step.sql)
    case "none":
      return Effect.flatMap(count(database, step.sql), (rows) =>
        rows === 0 ? Effect.void : Effect.fail(new Stopped(step.problem))
      )
    case "rebuild":
      return rebuild(database, step)
    case "data":
      return step.operation.up.pipe(
        Effect.provideService(Orm, database.orm),
        Effect.mapError((error) => new Stopped(`"${step.operation.name}": ${said(error)}`))
      )
  }
}

/** Rows of SQLite that point to nothing, by table and what they point to. Elsewhere the database sees to it itself. */
export const dangling = ({ orm }: MigrationDatabase): Effect.Effect<ReadonlyMap<string, number>, OrmError> =>
  orm.dialect !== "sqlite"
    ? Effect.succeed(new Map())
    : Effect.map(
        orm.run(
          Query.raw({
            text: {
              sqlite: `select "table" as child, parent, count(*) as n from pragma_foreign_key_check group by 1, 2`
            },
            columns: { child: Column.Text(), parent: Column.Text(), n: Column.Integer() }
          })
        ),
        (rows) => new Map(rows.map(({ child, n, parent }) => [`"${child}" that point to "${parent}"`, n]))
      )
