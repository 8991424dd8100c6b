/**
 * Migrations: how the tables of a namespace came to be what its models say. Operations are plain data, so the tables at any
 * point, the way back and the SQL of each database follow from them. A namespace is what one plugin, or the app, calls its
 * own; nobody but its owner writes its migrations.
 *
 * @example
 * export const notes = Plugin.define({
 *   name: "notes",
 *   requires: [Orm],
 *   contributes: [Migration.contribute({ namespace: "notes", models: [Note], migrations })]
 * })
 */
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Contribution from "../app/Contribution.ts"
import type { ColumnType } from "./ColumnType.ts"
import type { Any as AnyModel } from "./Model.ts"
import type { Interpreter, Orm } from "./Orm.ts"
import type { Reference, TableIndex } from "./Table.ts"

/** A column as a database knows it. */
export interface ColumnState {
  readonly name: string
  readonly type: ColumnType
  readonly nullable?: boolean
  /** The database numbers rows in this column when no value is given. */
  readonly generated?: boolean
  /** In its JSON form. */
  readonly default?: { readonly value: unknown }
  readonly references?: Reference
}

/** A table as a database knows it: what models say, without the names that programs use. */
export interface TableState {
  readonly name: string
  readonly columns: ReadonlyArray<ColumnState>
  readonly primaryKey: ReadonlyArray<string>
  readonly indexes: ReadonlyArray<TableIndex>
}

/** Statements for each database that they are written for. One that is not named cannot run the migration. */
export interface Statements {
  readonly [dialect: string]: ReadonlyArray<string>
}

/** What existing rows get in a column that may not be null, in JSON form. Only for the time of the migration. */
export interface Fill {
  readonly value: unknown
}

/** One step. What takes something away says what it took, so that it can be put back. */
export type Operation =
  | { readonly op: "createTable"; readonly table: TableState }
  | { readonly op: "dropTable"; readonly table: TableState }
  | { readonly op: "renameTable"; readonly from: string; readonly to: string }
  | { readonly op: "addColumn"; readonly table: string; readonly column: ColumnState; readonly fill?: Fill }
  | { readonly op: "dropColumn"; readonly table: string; readonly column: ColumnState }
  | { readonly op: "renameColumn"; readonly table: string; readonly from: string; readonly to: string }
  | {
      readonly op: "alterColumn"
      readonly table: string
      readonly from: ColumnState
      readonly to: ColumnState
      readonly fill?: Fill
    }
  | {
      readonly op: "alterPrimaryKey"
      readonly table: string
      readonly from: ReadonlyArray<string>
      readonly to: ReadonlyArray<string>
    }
  | { readonly op: "createIndex"; readonly table: string; readonly index: TableIndex }
  | { readonly op: "dropIndex"; readonly table: string; readonly index: TableIndex }
  /** For what models do not say: views, triggers, partial indexes. It must leave the tables of the models as they are. */
  | {
      readonly op: "sql"
      readonly up: Statements
      /** Without it there is no way back over this step. */
      readonly down?: Statements
      /** What the statements take away for good, in words. Such a step needs acknowledgement. */
      readonly destroys?: string
    }
  /**
   * Changes rows. It runs in the migration's transaction, through whatever `Orm` the namespace has. The models it uses are
   * declared in the migration's own file, with the columns of that time: those of today know columns that do not exist yet.
   */
  | {
      readonly op: "data"
      /** What it does, in words: the effect itself has no text to compare. */
      readonly name: string
      readonly up: Effect.Effect<void, unknown, Orm>
      /** Without it there is no way back over this step. */
      readonly down?: Effect.Effect<void, unknown, Orm>
    }

/** One file of migrations. */
export interface Migration {
  /** Unique in its namespace: `0003_rename_nick`. Migrations stand in this order. */
  readonly id: string
  readonly operations: ReadonlyArray<Operation>
  /** What may be lost by it, as `table` or `table.column`, or the words of a `destroys`: nothing else is destroyed. */
  readonly destroys?: ReadonlyArray<string>
}

/** Checks a migration's type where it is written. */
export const make = (migration: Migration): Migration => migration

/** The models of a plugin or an app, and how their tables came to be. */
export interface Namespace {
  /** Lower case, dashes between words; by custom the name of the plugin, and `app` for the app's own. */
  readonly namespace: string
  /** Namespaces whose tables these models point to. Theirs are made first. */
  readonly dependsOn?: ReadonlyArray<string>
  readonly models: ReadonlyArray<AnyModel>
  /** In order. Without any, the tables are made as the models say, when the app starts with `migrate: "auto"`. */
  readonly migrations?: ReadonlyArray<Migration>
  /** The service whose database holds the tables; `Orm` unless given. */
  readonly database?: Context.Key<unknown, Interpreter>
}

/** Where plugins and the app put their namespaces. Read by the plugin of a database while it starts, and by tools. */
export const Namespaces = Contribution.dataPoint<Namespace>()("orm.namespaces")

/** Adds a namespace. */
export const contribute = (namespace: Namespace): Contribution.Contribution<never, never, never> =>
  Contribution.static(Namespaces, namespace)
