/** What has been applied to a database, as the database itself remembers it. */
import * as Column from "@mortise/core/orm/Column"
import type { Migration, Operation } from "@mortise/core/orm/Migration"
import * as Model from "@mortise/core/orm/Model"
import type { Interpreter } from "@mortise/core/orm/Orm"
import type { OrmError } from "@mortise/core/orm/OrmError"
import * as Query from "@mortise/core/orm/Query"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { empty, ofTable } from "../SchemaState.ts"
import { canonical, sha256 } from "./canonical.ts"
import type { MigrationDatabase } from "./database.ts"
import type { Writer } from "./step.ts"

const History = Model.make("mortise_migrations", {
  namespace: Column.Text().primaryKey(),
  id: Column.Text().primaryKey(),
  /** The order in which they were applied, over all namespaces. */
  position: Column.Integer(),
  checksum: Column.Text(),
  /** What was done, so that the tables are known whatever becomes of the code. */
  operations: Column.Json(Schema.Array(Schema.Unknown)),
  appliedAt: Column.DateTime()
})

export type Applied = typeof History.Row

/** Operations as they are remembered: an effect has no text, so of a data step there is its name. */
const remembered = (operations: ReadonlyArray<Operation>): ReadonlyArray<unknown> =>
  operations.map((operation) => (operation.op === "data" ? { op: "data", name: operation.name } : operation))

/** Of what a migration does, not of how its file is written. */
export const checksum = ({ operations }: Migration): string => sha256(canonical(remembered(operations)))

/** Data steps come back without their effects; to the tables they make no difference. */
export const operationsOf = (applied: ReadonlyArray<Applied>): ReadonlyArray<Operation> =>
  applied.flatMap(({ operations }) => operations as ReadonlyArray<Operation>)

const all = Query.from(History).orderBy(({ position }) => [position.asc()])
const insert = Query.insert(History)
const removal = Query.prepare<{ namespace: string; id: string }>()(({ id, namespace }) =>
  Query.delete(History).where((row) => Query.and(row.namespace.eq(namespace), row.id.eq(id)))
)

export const ensure = ({ command }: MigrationDatabase, writer: Writer): Effect.Effect<void, OrmError> =>
  Effect.forEach(
    writer.write(empty, [{ op: "createTable", table: ofTable(History.table) }]),
    (step) =>
      step.step === "sql" ? command(step.sql.replace("create table", "create table if not exists")) : Effect.void,
    { discard: true }
  )

export const read = ({ orm }: MigrationDatabase): Effect.Effect<ReadonlyArray<Applied>, OrmError> => orm.run(all)

const known = Query.raw({
  text: {
    sqlite: "select count(*) from sqlite_master where type = 'table' and name = 'mortise_migrations'",
    postgres: "select count(*) from pg_class where oid = to_regclass('mortise_migrations')"
  },
  columns: { count: Column.Integer() }
})

/** Writes nothing and waits for nobody: a database without a history has none. */
export const peek = (orm: Interpreter): Effect.Effect<ReadonlyArray<Applied>, OrmError> =>
  Effect.flatMap(orm.run(known), ([row]) => (row?.count === 1 ? orm.run(all) : Effect.succeed([])))

export const record = (
  { orm }: MigrationDatabase,
  namespace: string,
  migration: Migration,
  position: number
): Effect.Effect<void, OrmError> =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    yield* orm.run(insert, {
      namespace,
      id: migration.id,
      position,
      checksum: checksum(migration),
      operations: remembered(migration.operations),
      appliedAt: DateTime.toDateUtc(DateTime.makeUnsafe(now))
    })
  })

export const forget = ({ orm }: MigrationDatabase, { id, namespace }: Pick<Applied, "namespace" | "id">) =>
  Effect.asVoid(orm.run(removal, { namespace, id }))
