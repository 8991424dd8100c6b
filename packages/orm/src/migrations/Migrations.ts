/**
 * Migrations as functions: `generate` writes what models say that migrations do not, `up` applies, `down` undoes, `status`
 * and `sql` only tell. All of them take the namespaces of one database; a namespace that others own is never written.
 *
 * @example
 * const namespaces = [{ namespace: "app", models: [Note], migrations }]
 * yield* Migrations.up(namespaces)
 */
import type { Migration, Namespace } from "@mortise/core/orm/Migration"
import { Orm } from "@mortise/core/orm/Orm"
import type { OrmError } from "@mortise/core/orm/OrmError"
import * as Effect from "effect/Effect"
import { databaseOf } from "./internal/database.ts"
import type { Fills } from "./internal/diff.ts"
import { draft } from "./internal/generated.ts"
import * as history from "./internal/history.ts"
import { inOrder } from "./internal/namespaces.ts"
import { type Course, ungenerated } from "./internal/pending.ts"
import { index, source } from "./internal/print.ts"
import * as running from "./internal/run.ts"
import { coursesOf, type Done, fitting, type RunError } from "./internal/run.ts"
import { shown } from "./internal/step.ts"
import { writerOf } from "./internal/writers.ts"
import { MigrationInvalid, MigrationsPending, type NotMigratable } from "./MigrationError.ts"
import { replay } from "./SchemaState.ts"

export type { Done, Fills, RunError }

type Namespaces = ReadonlyArray<Namespace>

export interface Generated {
  readonly migration: Migration
  /** The text of `<id>.ts`. */
  readonly source: string
  /** The text of `index.ts`, which lists all migrations of the folder. */
  readonly index: string
  /** What whoever reads it should know: what it destroys, what rows that are there will lack. */
  readonly notes: ReadonlyArray<string>
}

export interface GenerateOptions {
  /** In words; otherwise what the first operation does. */
  readonly name?: string
  /** Values for existing rows in columns that may not be null, in JSON form, by `table.column`. */
  readonly fill?: Fills
}

/**
 * The next migration of one namespace, or undefined when its migrations say all that its models say. Needs no database: it
 * compares models with what the migrations before make. A rename is told by `was` in the model; without it, the old name
 * is dropped, with all that it holds.
 */
export const generate = (
  namespaces: Namespaces,
  name: string,
  options: GenerateOptions = {}
): Effect.Effect<Generated | undefined, MigrationInvalid> =>
  Effect.gen(function* () {
    const namespace = (yield* inOrder(namespaces)).find((one) => one.namespace === name)
    if (namespace === undefined) {
      return yield* new MigrationInvalid({ namespace: name, migration: "", problem: "no plugin contributes it" })
    }
    const made = yield* fitting({ namespace: name, migration: "" }, () =>
      draft(namespace, namespaces, { name: options.name, fill: options.fill ?? {} })
    )
    if (made === undefined) return undefined
    const ids = [...(namespace.migrations ?? []), made.migration].map(({ id }) => id)
    return { ...made, source: source(made.migration, made.notes), index: index(ids) }
  })

/**
 * Applies what is not applied, namespace by namespace. Others who migrate the same database are waited for. When one fails,
 * it is undone, those before it stand, and those after it are not begun.
 */
export const up = (
  namespaces: Namespaces,
  options: Partial<running.UpOptions> = {}
): Effect.Effect<ReadonlyArray<Done>, RunError, Orm> =>
  Effect.gen(function* () {
    const database = yield* databaseOf(yield* Orm)
    const { allowDestructive = false, outOfOrder = false } = options
    return yield* running.up(database, yield* inOrder(namespaces), { allowDestructive, outOfOrder })
  })

/** Undoes the last migrations of one namespace; one unless `steps` says more. */
export const down = (
  namespaces: Namespaces,
  namespace: string,
  options: { readonly steps?: number; readonly allowDestructive?: boolean } = {}
): Effect.Effect<ReadonlyArray<Done>, RunError, Orm> =>
  Effect.gen(function* () {
    const database = yield* databaseOf(yield* Orm)
    const { allowDestructive = false, steps = 1 } = options
    return yield* running.down(database, yield* inOrder(namespaces), { namespace, steps, allowDestructive })
  })

export interface Status {
  readonly namespace: string
  readonly migrations: ReadonlyArray<{
    readonly id: string
    readonly state: "applied" | "pending" | "changed" | "missing" | "out of order"
    readonly appliedAt: history.Applied["appliedAt"] | undefined
  }>
  /** Operations that `generate` would write. */
  readonly ungenerated: number
}

const statusOf = ({ adopted, applied, differences, namespace, pending }: Course): Status => {
  const rows = new Map(applied.map((row) => [row.id, row]))
  const differs = new Map(differences.map(({ kind, migration }) => [migration, kind]))
  const known = namespace.migrations ?? pending
  const foreign = applied.filter(({ id }) => adopted.length === 0 && !known.some((one) => one.id === id))
  const ids = [...foreign.map(({ id }) => id), ...known.map(({ id }) => id)]
  return {
    namespace: namespace.namespace,
    migrations: ids.map((id) => ({
      id,
      state: differs.get(id) ?? (rows.has(id) ? "applied" : "pending"),
      appliedAt: rows.get(id)?.appliedAt
    })),
    ungenerated: ungenerated(namespace)
  }
}

const coursesNow = (namespaces: Namespaces) =>
  Effect.gen(function* () {
    const applied = yield* history.peek(yield* Orm)
    return { applied, courses: yield* coursesOf(yield* inOrder(namespaces), applied) }
  })

/** What is applied, what is not, and what differs. Changes nothing and waits for nobody. */
export const status = (
  namespaces: Namespaces
): Effect.Effect<ReadonlyArray<Status>, MigrationInvalid | OrmError, Orm> =>
  Effect.map(coursesNow(namespaces), ({ courses }) => courses.map(statusOf))

/** What `up` would do, as text. Changes nothing. */
export const sql = (namespaces: Namespaces): Effect.Effect<string, MigrationInvalid | NotMigratable | OrmError, Orm> =>
  Effect.gen(function* () {
    const { applied, courses } = yield* coursesNow(namespaces)
    const writer = yield* writerOf({ orm: yield* Orm })
    let state = yield* fitting({ namespace: "", migration: "" }, () => replay(history.operationsOf(applied)))
    const lines: Array<string> = []
    for (const { namespace, pending } of courses) {
      for (const { id, operations } of pending) {
        const at = { namespace: namespace.namespace, migration: id }
        const steps = yield* fitting(at, () => writer.write(state, operations))
        lines.push(`-- ${at.namespace}/${id}`, ...steps.flatMap(shown), "")
        state = yield* fitting(at, () => replay(operations, state))
      }
    }
    return lines.join("\n")
  })

/** Fails when `up` would do anything, or refuse to. */
export const check = (
  namespaces: Namespaces
): Effect.Effect<void, MigrationInvalid | MigrationsPending | OrmError, Orm> =>
  Effect.gen(function* () {
    const open = (yield* status(namespaces)).flatMap(({ migrations, namespace }) =>
      migrations.filter(({ state }) => state !== "applied").map(({ id, state }) => `${namespace}/${id} (${state})`)
    )
    if (open.length > 0) return yield* new MigrationsPending({ pending: open })
  })
