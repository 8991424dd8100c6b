import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Interpreter, Orm } from "../../orm/Orm.ts"
import type { Table } from "../../orm/Table.ts"

/** What a database may be unable to do, or a harness to arrange. */
export type OrmTrait =
  /** It takes text of SQL. */
  | "sql"
  /** Foreign keys are enforced. */
  | "foreign-keys"
  /** Another connection, as of another process, reaches the same data. */
  | "processes"
  /** Transactions of two fibers run at the same time, rather than one after the other. */
  | "concurrent-writers"

/** A fresh database that has the tables of the kit. */
export interface OrmDatabase {
  readonly orm: Interpreter
  /** Opens the same data once more. */
  readonly another?: Effect.Effect<Interpreter, unknown, Scope.Scope>
}

export interface OrmHarness {
  readonly name: string
  readonly traits: ReadonlyArray<OrmTrait>
  /** Makes a database with these tables, each after those that it points to; all of it goes with the scope. */
  readonly open: (tables: ReadonlyArray<Table>) => Effect.Effect<OrmDatabase, unknown, Scope.Scope>
}

export interface OrmCase {
  readonly name: string
  readonly needs?: ReadonlyArray<OrmTrait>
  readonly run: (database: OrmDatabase) => Effect.Effect<unknown, unknown, Orm | Scope.Scope>
}

/** What a case needs and the harness lacks. */
export const missing = ({ needs = [] }: OrmCase, { traits }: OrmHarness): ReadonlyArray<OrmTrait> =>
  needs.filter((trait) => !traits.includes(trait))
