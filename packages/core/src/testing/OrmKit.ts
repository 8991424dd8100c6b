/**
 * The behaviour that `Orm`, `Query` and `Repository` promise, as data: every database runs the same cases, so that an app
 * may change the one for the other. `testing/vitest` runs it.
 */
import { columns } from "./orm-kit/columns.ts"
import { constraints } from "./orm-kit/constraints.ts"
import { filters } from "./orm-kit/filters.ts"
import type { OrmCase } from "./orm-kit/Harness.ts"
import { injection } from "./orm-kit/injection.ts"
import { models } from "./orm-kit/Models.ts"
import { paging } from "./orm-kit/paging.ts"
import { queries } from "./orm-kit/queries.ts"
import { relations } from "./orm-kit/relations.ts"
import { transactions } from "./orm-kit/transactions.ts"
import { writes } from "./orm-kit/writes.ts"

export type { OrmCase, OrmDatabase, OrmHarness, OrmTrait } from "./orm-kit/Harness.ts"
export { missing } from "./orm-kit/Harness.ts"
export { queriesOf } from "./orm-kit/Stage.ts"

/** All cases, grouped by theme in their order. */
export const cases: ReadonlyArray<OrmCase> = [
  ...columns,
  ...filters,
  ...injection,
  ...writes,
  ...constraints,
  ...transactions,
  ...relations,
  ...paging,
  ...queries
]

/** What a harness makes tables of. */
export const tables = () => models.map(({ table }) => table)
