/** What a namespace has, what the database has of it, and what follows from both. */
import type { Migration, Namespace } from "@mortise/core/orm/Migration"
import { HistoryDiffers } from "../MigrationError.ts"
import { empty, ofModels, replay, same } from "../SchemaState.ts"
import { diff } from "./diff.ts"
import { type Applied, checksum, operationsOf } from "./history.ts"

/** The ids of what was made from models without a file. */
const isMade = ({ id }: { readonly id: string }): boolean => /^auto_\d+$/.test(id)

export interface Course {
  readonly namespace: Namespace
  /** Of this namespace, in the order in which they were applied. */
  readonly applied: ReadonlyArray<Applied>
  readonly pending: ReadonlyArray<Migration>
  /** Migrations whose tables are there already, because they were made from models before these files were written. */
  readonly adopted: ReadonlyArray<Migration>
  readonly differences: ReadonlyArray<HistoryDiffers["differences"][number]>
}

const fromModels = (namespace: Namespace, applied: ReadonlyArray<Applied>): Course => {
  const operations = diff(
    replay(operationsOf(applied)),
    namespace.models.map(({ table }) => table)
  )
  const id = `auto_${String(applied.length + 1).padStart(4, "0")}`
  return {
    namespace,
    applied,
    pending: operations.length === 0 ? [] : [{ id, operations }],
    adopted: [],
    differences: applied
      .filter((row) => !isMade(row))
      .map(({ id }) => ({ namespace: namespace.namespace, migration: id, kind: "missing" }))
  }
}

/** How many of the migrations make the tables that were made from models. */
const madeBy = (migrations: ReadonlyArray<Migration>, applied: ReadonlyArray<Applied>): number | undefined => {
  const there = replay(operationsOf(applied))
  let state = empty
  for (const [at, { operations }] of migrations.entries()) {
    state = replay(operations, state)
    if (same(state, there)) return at + 1
  }
  return undefined
}

const fromFiles = (
  namespace: Namespace,
  migrations: ReadonlyArray<Migration>,
  applied: ReadonlyArray<Applied>
): Course => {
  if (applied.length > 0 && applied.every(isMade)) {
    const adopted = madeBy(migrations, applied)
    if (adopted !== undefined) {
      const [there, pending] = [migrations.slice(0, adopted), migrations.slice(adopted)]
      return { namespace, applied, pending, adopted: there, differences: [] }
    }
  }
  const rows = new Map(applied.map((row) => [row.id, row]))
  const pending = migrations.filter(({ id }) => !rows.has(id))
  const last = migrations.findLastIndex(({ id }) => rows.has(id))
  const of = (migration: string, kind: Course["differences"][number]["kind"]) => ({
    namespace: namespace.namespace,
    migration,
    kind
  })
  return {
    namespace,
    applied,
    pending,
    adopted: [],
    differences: [
      ...applied.filter(({ id }) => !migrations.some((one) => one.id === id)).map(({ id }) => of(id, "missing")),
      ...migrations
        .filter((one) => rows.has(one.id) && rows.get(one.id)?.checksum !== checksum(one))
        .map(({ id }) => of(id, "changed")),
      ...pending.filter((one) => migrations.indexOf(one) < last).map(({ id }) => of(id, "out of order"))
    ]
  }
}

/** Throws `Misfit` when operations do not fit together. */
export const courseOf = (namespace: Namespace, history: ReadonlyArray<Applied>): Course => {
  const applied = history.filter((row) => row.namespace === namespace.namespace)
  const { migrations } = namespace
  return migrations === undefined ? fromModels(namespace, applied) : fromFiles(namespace, migrations, applied)
}

/** How many operations are between the migrations of a namespace and its models. */
export const ungenerated = ({ migrations, models }: Namespace): number => {
  if (migrations === undefined) return 0
  const state = replay(migrations.flatMap(({ operations }) => operations))
  if (same(state, ofModels(models))) return 0
  return diff(
    state,
    models.map(({ table }) => table)
  ).length
}

/** Differences that are in the way; `outOfOrder` are those that may be applied nonetheless. */
export const refused = (courses: ReadonlyArray<Course>, outOfOrder: boolean): HistoryDiffers | undefined => {
  const differences = courses
    .flatMap((course) => course.differences)
    .filter(({ kind }) => !(outOfOrder && kind === "out of order"))
  return differences.length === 0 ? undefined : new HistoryDiffers({ differences })
}
