/** What a store brings to be tested, and what a case of the kit is. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { TaskStoreShape } from "../../tasks/TaskStore.ts"

/** `transactions`: what is enqueued inside a transaction of the store's database commits and rolls back with it. */
export type TasksTrait = "transactions"

/** One way to the tasks, as a process of its own has it. */
export interface OpenStore {
  readonly store: TaskStoreShape
  /** Only where `transactions`: rolls back when the effect fails. */
  readonly transaction?: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>
}

/** Tasks that nobody else sees, empty at first, for as long as the scope they are made in. */
export interface TasksFixture {
  /** Each call opens another way to the same tasks, for as long as its scope. */
  readonly open: Effect.Effect<OpenStore, unknown, Scope.Scope>
}

export interface TasksHarness {
  /** For test names: `memory`, `sqlite`. */
  readonly name: string
  /** What holds here; a case that needs another one is reported as not applicable, by name. */
  readonly traits: ReadonlyArray<TasksTrait>
  readonly make: Effect.Effect<TasksFixture, unknown, Scope.Scope>
  /**
   * Real milliseconds that a store gets for each step of a case's clock: one behind a network could not renew a lease
   * before the clock of the case has passed it by. 0 unless given.
   */
  readonly paceMillis?: number
}

/** The harness's `paceMillis`, for whoever lets time pass. */
export const Pace: Context.Reference<number> = Context.Reference("@mortise/core/testing/TasksKit/Pace", {
  defaultValue: () => 0
})

export interface TasksCase {
  /** The behaviour, as a sentence about store or engine. */
  readonly name: string
  readonly needs?: ReadonlyArray<TasksTrait>
  /** Runs on a test clock. */
  readonly run: (harness: TasksHarness) => Effect.Effect<void, unknown, Scope.Scope>
}

/** What a case needs and the harness does not have. */
export const missing = (testCase: TasksCase, harness: TasksHarness): ReadonlyArray<TasksTrait> =>
  (testCase.needs ?? []).filter((trait) => !harness.traits.includes(trait))
