/** Runs migrations up and down: in one transaction with a savepoint for each, under the lock that goes with it. */
import type { Migration, Namespace } from "@mortise/core/orm/Migration"
import type { OrmError } from "@mortise/core/orm/OrmError"
import { type ConnectionLost, type OutcomeUnknown, UnsupportedFeature } from "@mortise/core/orm/OrmError"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  DestructiveRefused,
  type HistoryDiffers,
  Irreversible,
  MigrationFailed,
  MigrationInvalid,
  type NotMigratable
} from "../MigrationError.ts"
import { apply, Misfit, replay, type SchemaState } from "../SchemaState.ts"
import type { MigrationDatabase } from "./database.ts"
import { count, dangling, execute, Stopped } from "./execute.ts"
import * as history from "./history.ts"
import { inverseOf } from "./inverse.ts"
import { type Loss, lossOf } from "./loss.ts"
import { type Course, courseOf, refused } from "./pending.ts"
import { countAll, quoted } from "./sqlText.ts"
import type { Step, Writer } from "./step.ts"
import { writerOf } from "./writers.ts"

export interface Done {
  readonly namespace: string
  readonly migration: string
}

export type RunError =
  | MigrationInvalid
  | HistoryDiffers
  | DestructiveRefused
  | Irreversible
  | MigrationFailed
  | NotMigratable
  | OrmError

/** A migration of a namespace, with the way it goes. */
interface Move {
  readonly namespace: string
  readonly migration: Migration
  readonly note: (position: number) => Effect.Effect<void, OrmError>
}

/** What does not fit is the fault of whoever wrote it. */
export const fitting = <A>(at: Done, f: () => A): Effect.Effect<A, MigrationInvalid> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(f())
    } catch (error) {
      if (error instanceof Misfit || error instanceof UnsupportedFeature) {
        return Effect.fail(new MigrationInvalid({ ...at, problem: error.message.replace(/\.$/, "") }))
      }
      return Effect.die(error)
    }
  })

const none = (namespace: string): Done => ({ namespace, migration: "" })

/** In one transaction, with the lock of migrations. */
const exclusively = <A, E>(
  database: MigrationDatabase,
  use: (writer: Writer) => Effect.Effect<A, E>
): Effect.Effect<A, E | OrmError | NotMigratable> =>
  Effect.flatMap(writerOf(database), (writer) =>
    database.orm.transaction(Effect.andThen(history.ensure(database, writer), use(writer)))
  )

const rowsLost = (database: MigrationDatabase, { at }: Loss, state: SchemaState) => {
  const table = at === undefined ? undefined : state.get(at.table)
  if (at === undefined || table === undefined) return Effect.succeed(undefined)
  if (at.column === undefined) return count(database, countAll(at.table))
  if (!table.columns.some(({ name }) => name === at.column)) return Effect.succeed(undefined)
  return count(database, `${countAll(at.table)} where ${quoted(at.column)} is not null`)
}

/** What the moves destroy, and how many rows are there now. */
const lossesOf = (database: MigrationDatabase, moves: ReadonlyArray<Move>, state: SchemaState) =>
  Effect.forEach(
    moves.flatMap(({ migration, namespace }) =>
      migration.operations
        .map(lossOf)
        .filter((loss) => loss !== undefined)
        .filter(({ what }) => migration.destroys?.includes(what) !== true)
        .map((loss) => ({ loss, namespace, migration: migration.id }))
    ),
    ({ loss, ...at }) => Effect.map(rowsLost(database, loss, state), (rows) => ({ ...at, what: loss.what, rows }))
  )

/** Errors that are not about what the migration says, but about whether the database is there. */
const isGone = (error: OrmError | Stopped): error is ConnectionLost | OutcomeUnknown =>
  error._tag === "ConnectionLost" || error._tag === "OutcomeUnknown"

const doSteps = (database: MigrationDatabase, steps: ReadonlyArray<Step>) =>
  Effect.gen(function* () {
    const before = yield* dangling(database)
    yield* Effect.forEach(steps, (step) => execute(database, step), { discard: true })
    for (const [rows, many] of yield* dangling(database)) {
      if (many <= (before.get(rows) ?? 0)) continue
      return yield* Effect.fail(new Stopped(`it leaves ${many} rows of ${rows}, where there is no such row`))
    }
  })

/** One migration, in a savepoint: all of it, or nothing. */
const doMove = (database: MigrationDatabase, writer: Writer, move: Move, state: SchemaState, position: number) =>
  Effect.gen(function* () {
    const { migration, namespace } = move
    const at: Done = { namespace, migration: migration.id }
    const steps = yield* fitting(at, () => writer.write(state, migration.operations))
    yield* database.orm.transaction(Effect.andThen(doSteps(database, steps), move.note(position))).pipe(
      Effect.mapError((error: OrmError | Stopped) => {
        if (isGone(error)) return error
        const reason = error._tag === "Stopped" ? `${error.reason}.` : error.message
        return new MigrationFailed({ ...at, reason })
      })
    )
    return yield* fitting(at, () => replay(migration.operations, state))
  })

/** All moves; those before one that fails stand. */
const doMoves = (
  database: MigrationDatabase,
  writer: Writer,
  moves: ReadonlyArray<Move>,
  from: SchemaState,
  position: number
) =>
  Effect.gen(function* () {
    let state = from
    const done: Array<Done> = []
    for (const [at, move] of moves.entries()) {
      const exit = yield* Effect.result(doMove(database, writer, move, state, position + at))
      if (Result.isFailure(exit)) return { done, failure: exit.failure }
      state = exit.success
      done.push({ namespace: move.namespace, migration: move.migration.id })
    }
    return { done, failure: undefined }
  })

/** The tables of all namespaces as they are now. */
const stateOf = (applied: ReadonlyArray<history.Applied>) =>
  fitting(none(""), () => replay(history.operationsOf(applied)))

const nextPosition = (applied: ReadonlyArray<history.Applied>): number => (applied.at(-1)?.position ?? 0) + 1

const committed = <E>(outcome: { readonly done: ReadonlyArray<Done>; readonly failure: E | undefined }) =>
  outcome.failure === undefined ? Effect.succeed(outcome.done) : Effect.fail(outcome.failure)

export interface UpOptions {
  /** Applies what comes before migrations that are applied already. */
  readonly outOfOrder: boolean
  /** Goes through with what destroys, without its acknowledgement. */
  readonly allowDestructive: boolean
}

export const coursesOf = (namespaces: ReadonlyArray<Namespace>, applied: ReadonlyArray<history.Applied>) =>
  Effect.forEach(namespaces, (namespace) => fitting(none(namespace.namespace), () => courseOf(namespace, applied)))

/** What was made from models is from now on what these files say. */
const adopt = (database: MigrationDatabase, { adopted, applied, namespace }: Course, position: number) =>
  adopted.length === 0
    ? Effect.void
    : Effect.andThen(
        Effect.forEach(applied, (row) => history.forget(database, row), { discard: true }),
        Effect.forEach(
          adopted,
          (migration, at) => history.record(database, namespace.namespace, migration, position + at),
          { discard: true }
        )
      )

export const up = (
  database: MigrationDatabase,
  namespaces: ReadonlyArray<Namespace>,
  { allowDestructive, outOfOrder }: UpOptions
): Effect.Effect<ReadonlyArray<Done>, RunError> =>
  exclusively(database, (writer) =>
    Effect.gen(function* () {
      const applied = yield* history.read(database)
      const courses = yield* coursesOf(namespaces, applied)
      const wrong = refused(courses, outOfOrder)
      if (wrong !== undefined) return yield* wrong

      const state = yield* stateOf(applied)
      let position = nextPosition(applied)
      const moves = courses.flatMap(({ namespace: { namespace }, pending }) =>
        pending.map(
          (migration): Move => ({
            namespace,
            migration,
            note: (position) => history.record(database, namespace, migration, position)
          })
        )
      )
      const losses = allowDestructive ? [] : yield* lossesOf(database, moves, state)
      if (losses.length > 0) return yield* new DestructiveRefused({ losses, direction: "up" })
      for (const course of courses) {
        yield* adopt(database, course, position)
        position += course.adopted.length
      }
      return yield* doMoves(database, writer, moves, state, position)
    })
  ).pipe(Effect.flatMap(committed))

export interface DownOptions {
  readonly namespace: string
  /** How many of the last migrations of the namespace are undone. */
  readonly steps: number
  readonly allowDestructive: boolean
}

/** What else points to tables that are gone. */
const orphaned = (state: SchemaState): string | undefined => {
  for (const { columns, name } of state.values()) {
    for (const { name: column, references } of columns) {
      if (references !== undefined && !state.has(references.table)) {
        return `"${name}.${column}" of another namespace points to "${references.table}"`
      }
    }
  }
  return undefined
}

const backwards = (database: MigrationDatabase, namespace: string, migration: Migration) =>
  Effect.suspend(() => {
    const { obstacles, operations } = inverseOf(migration.operations)
    const [first] = obstacles
    if (first !== undefined)
      return Effect.fail(new Irreversible({ namespace, migration: migration.id, step: first.step }))
    const move: Move = {
      namespace,
      migration: { id: migration.id, operations },
      note: () => history.forget(database, { namespace, id: migration.id })
    }
    return Effect.succeed(move)
  })

/** The migrations to undo, the last one first. */
const toUndo = (course: Course, steps: number) => {
  const name = course.namespace.namespace
  const { migrations } = course.namespace
  const last = course.applied.toReversed().slice(0, steps)
  return Effect.forEach(last, ({ id, operations }) => {
    // what was made from models has no file, but no effects either
    const migration =
      migrations === undefined
        ? { id, operations: operations as Migration["operations"] }
        : migrations.find((one) => one.id === id)
    return migration === undefined
      ? Effect.fail(new MigrationInvalid({ ...none(name), problem: `it has no migration "${id}"` }))
      : Effect.succeed(migration)
  })
}

export const down = (
  database: MigrationDatabase,
  namespaces: ReadonlyArray<Namespace>,
  { allowDestructive, namespace: name, steps }: DownOptions
): Effect.Effect<ReadonlyArray<Done>, RunError> =>
  exclusively(database, (writer) =>
    Effect.gen(function* () {
      const applied = yield* history.read(database)
      const courses = yield* coursesOf(namespaces, applied)
      const course = courses.find(({ namespace }) => namespace.namespace === name)
      if (course === undefined) {
        return yield* new MigrationInvalid({ ...none(name), problem: "no plugin of this app contributes it" })
      }
      const wrong = refused([course], true)
      if (wrong !== undefined) return yield* wrong

      const undone = yield* toUndo(course, steps)
      const moves = yield* Effect.forEach(undone, (migration) => backwards(database, name, migration))
      const state = yield* stateOf(applied)
      const after = yield* fitting(none(name), () =>
        moves.flatMap(({ migration }) => migration.operations).reduce(apply, state)
      )
      const orphan = orphaned(after)
      if (orphan !== undefined) {
        return yield* new MigrationInvalid({ ...none(name), problem: `it cannot go back, because ${orphan}` })
      }
      const losses = allowDestructive ? [] : yield* lossesOf(database, moves, state)
      // an empty table or column is put back as it was by going up again
      const felt = losses.filter(({ rows }) => rows !== 0)
      if (felt.length > 0) return yield* new DestructiveRefused({ losses: felt, direction: "down" })
      return yield* doMoves(database, writer, moves, state, nextPosition(applied))
    })
  ).pipe(Effect.flatMap(committed))
