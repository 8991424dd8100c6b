import type { Namespace } from "@mortise/core/orm/Migration"
import * as Effect from "effect/Effect"
import { MigrationInvalid } from "../MigrationError.ts"

const invalid = (namespace: string, problem: string, migration = "") =>
  new MigrationInvalid({ namespace, migration, problem })

const problemOf = (namespaces: ReadonlyArray<Namespace>): MigrationInvalid | undefined => {
  const names = new Set<string>()
  const tables = new Map<string, string>()
  for (const { dependsOn = [], migrations = [], models, namespace } of namespaces) {
    if (names.has(namespace)) return invalid(namespace, "two plugins contribute this namespace")
    names.add(namespace)
    for (const { name } of models) {
      const owner = tables.get(name)
      if (owner !== undefined) return invalid(namespace, `its table "${name}" is one of "${owner}", too`)
      tables.set(name, namespace)
    }
    for (const other of dependsOn) {
      if (namespaces.some((candidate) => candidate.namespace === other)) continue
      return invalid(namespace, `it depends on "${other}", which no plugin of this app contributes to its database`)
    }
    const ids = migrations.map(({ id }) => id)
    const twice = ids.find((id, at) => ids.indexOf(id) !== at)
    if (twice !== undefined) return invalid(namespace, "two migrations have this id", twice)
  }
  return undefined
}

/** Namespaces after those that they depend on; otherwise in the given order. */
export const inOrder = (
  namespaces: ReadonlyArray<Namespace>
): Effect.Effect<ReadonlyArray<Namespace>, MigrationInvalid> =>
  Effect.suspend(() => {
    const problem = problemOf(namespaces)
    if (problem !== undefined) return Effect.fail(problem)
    const ordered: Array<Namespace> = []
    const path: Array<string> = []
    const visit = (one: Namespace): string | undefined => {
      if (ordered.includes(one)) return undefined
      if (path.includes(one.namespace)) return [...path.slice(path.indexOf(one.namespace)), one.namespace].join(" → ")
      path.push(one.namespace)
      for (const name of one.dependsOn ?? []) {
        const circle = visit(namespaces.find(({ namespace }) => namespace === name)!)
        if (circle !== undefined) return circle
      }
      path.pop()
      ordered.push(one)
      return undefined
    }
    for (const one of namespaces) {
      const circle = visit(one)
      if (circle !== undefined) return Effect.fail(invalid(one.namespace, `namespaces depend on each other: ${circle}`))
    }
    return Effect.succeed(ordered)
  })
