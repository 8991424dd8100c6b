/** Databases without anything of ours between: they take the text that the writers write, and tell what they hold. */

import assert from "node:assert/strict"
import { DatabaseSync } from "node:sqlite"
import type * as PgConnection from "@effect/sql-pg/PgConnection"
import * as Effect from "effect/Effect"
import type { Step } from "../../src/migrations/internal/step.ts"

export interface Bare<E> {
  readonly execute: (sql: string) => Effect.Effect<void, E>
  readonly rows: (sql: string) => Effect.Effect<ReadonlyArray<ReadonlyArray<unknown>>, E>
  /** All that the database knows of its tables, in an order that depends on nothing. */
  readonly describe: Effect.Effect<unknown, E>
}

export const run = <E>(bare: Bare<E>, steps: ReadonlyArray<Step>): Effect.Effect<void, E> =>
  Effect.forEach(
    steps,
    (step) => {
      switch (step.step) {
        case "sql":
          return bare.execute(step.sql)
        case "rebuild":
          return Effect.forEach(step.statements, bare.execute)
        case "none":
          return Effect.map(bare.rows(step.sql), (rows) => assert.equal(Number(rows[0]![0]), 0, step.problem))
        case "data":
          return Effect.die(new Error("no data steps here"))
      }
    },
    { discard: true }
  )

export const sqlite = (): Bare<never> & { readonly db: DatabaseSync } => {
  const db = new DatabaseSync(":memory:")
  db.exec("pragma foreign_keys = off")
  const all = (sql: string) =>
    db
      .prepare(sql)
      .all()
      .map((row) => Object.values(row))
  return {
    db,
    execute: (sql) => Effect.sync(() => db.exec(sql)),
    rows: (sql) => Effect.sync(() => all(sql)),
    describe: Effect.sync(() => {
      const tables = all(
        "select name, sql from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name"
      )
      return tables.map(([name, sql]) => ({
        name,
        checks: [...String(sql).matchAll(/check \(.*?\)\)/g)].map(([check]) => check).sort(),
        numbered: String(sql).includes("autoincrement"),
        strict: /\) strict$/.test(String(sql)),
        columns: db
          .prepare(`select name, type, "notnull", dflt_value, pk from pragma_table_xinfo(?) order by name`)
          .all(String(name)),
        keys: db
          .prepare(`select "from", "table", "to", on_delete from pragma_foreign_key_list(?) order by 1, 2`)
          .all(String(name)),
        indexes: all(
          `select name, sql from sqlite_master where type = 'index' and sql is not null and tbl_name = '${String(name)}' order by name`
        ).map(([index, sql]) => [
          index,
          String(sql).includes("unique"),
          db.prepare("select name from pragma_index_info(?) order by seqno").all(String(index))
        ])
      }))
    })
  }
}

const columnsOf = `
  select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
    pg_get_expr(d.adbin, d.adrelid)
  from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace and a.attnum > 0 and not a.attisdropped
  order by 1, 2`
const constraintsOf = `
  select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
  where connamespace = current_schema()::regnamespace order by 1, 2`
const indexesOf = `select tablename, indexname, indexdef from pg_indexes where schemaname = current_schema() order by 1, 2`

export const postgres = (connection: PgConnection.PgConnection): Bare<unknown> => {
  const rows = (sql: string) => connection.queryValues(sql, [], false)
  return {
    execute: (sql) => Effect.asVoid(rows(sql)),
    rows,
    describe: Effect.all([rows(columnsOf), rows(constraintsOf), rows(indexesOf)])
  }
}
