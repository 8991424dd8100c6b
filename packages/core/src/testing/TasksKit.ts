/**
 * What `TaskStore` promises, and what `Tasks` makes of it, as data: every store runs the same cases, on a clock that the cases
 * own. `testing/vitest` runs it.
 */

import { calendar } from "./tasks-kit/calendar.ts"
import { claiming } from "./tasks-kit/claiming.ts"
import { failing } from "./tasks-kit/failing.ts"
import { faults } from "./tasks-kit/faults.ts"
import type { TasksCase } from "./tasks-kit/Harness.ts"
import { hands } from "./tasks-kit/hands.ts"
import { running } from "./tasks-kit/running.ts"
import { stopping } from "./tasks-kit/stopping.ts"
import { storing } from "./tasks-kit/storing.ts"
import { sweeping } from "./tasks-kit/sweeping.ts"
import { transactions } from "./tasks-kit/transactions.ts"

export type { OpenStore, TasksCase, TasksFixture, TasksHarness, TasksTrait } from "./tasks-kit/Harness.ts"
export { missing, Pace } from "./tasks-kit/Harness.ts"

/** All cases, grouped by theme: first those of the store alone, then those of the engine on it. */
export const cases: ReadonlyArray<TasksCase> = [
  ...storing,
  ...claiming,
  ...sweeping,
  ...running,
  ...failing,
  ...hands,
  ...faults,
  ...stopping,
  ...calendar,
  ...transactions
]
