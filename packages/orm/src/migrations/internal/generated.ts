import type { Migration, Namespace, Operation } from "@mortise/core/orm/Migration"
import { empty, Misfit, replay, type SchemaState } from "../SchemaState.ts"
import { diff, type Fills } from "./diff.ts"
import { lossOf } from "./loss.ts"
import { needsValue } from "./sqlText.ts"

const words = (text: string): string =>
  text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 60)

const phrase = (operation: Operation): string => {
  switch (operation.op) {
    case "createTable":
      return `create ${operation.table.name}`
    case "dropTable":
      return `drop ${operation.table.name}`
    case "renameTable":
      return `rename ${operation.from} to ${operation.to}`
    case "addColumn":
      return `add ${operation.column.name} to ${operation.table}`
    case "dropColumn":
      return `drop ${operation.column.name} of ${operation.table}`
    case "renameColumn":
      return `rename ${operation.from} of ${operation.table}`
    case "alterColumn":
      return `alter ${operation.to.name} of ${operation.table}`
    default:
      return "change"
  }
}

const nameOf = (operations: ReadonlyArray<Operation>): string => {
  const [first, ...others] = operations
  if (first === undefined) return "empty"
  if (operations.every(({ op }) => op === "createTable")) {
    const tables = operations.map((operation) => (operation.op === "createTable" ? operation.table.name : ""))
    return words(`create ${tables.slice(0, 3).join(" ")}${tables.length > 3 ? " and more" : ""}`)
  }
  return words(`${phrase(first)}${others.length === 0 ? "" : " and more"}`)
}

const nextNumber = (migrations: ReadonlyArray<Migration>): string => {
  const numbers = migrations.map(({ id }) => Number(/^\d+/.exec(id)?.[0] ?? 0))
  return String(Math.max(0, ...numbers) + 1).padStart(4, "0")
}

/** What whoever reads the file should know. */
const notesOn = (operations: ReadonlyArray<Operation>): ReadonlyArray<string> => {
  const losses = operations.map(lossOf).filter((loss) => loss !== undefined)
  const wanting = operations.flatMap((operation) => {
    if (operation.op === "addColumn" && operation.fill === undefined && needsValue(operation.column)) {
      return [`${operation.table}.${operation.column.name}`]
    }
    return []
  })
  return [
    ...(losses.length === 0
      ? []
      : [
          `This destroys ${losses.map(({ what }) => what).join(", ")}. If that is meant, add`,
          `destroys: ${JSON.stringify(losses.map(({ what }) => what))}. If something was only renamed, say so by was() in the model.`
        ]),
    ...wanting.map((column) => `Where "${column.split(".")[0]}" has rows, ${column} needs a fill: { value } for them.`)
  ]
}

const tablesOf = (namespaces: ReadonlyArray<Namespace>): ReadonlySet<string> =>
  new Set(namespaces.flatMap(({ models }) => models.map(({ name }) => name)))

/** Throws `Misfit` for a reference to a table that is neither of the namespace nor of one that it depends on. */
const checkReferences = (state: SchemaState, others: ReadonlySet<string>): void => {
  for (const { columns, name } of state.values()) {
    for (const { name: column, references } of columns) {
      if (references === undefined || state.has(references.table) || others.has(references.table)) continue
      throw new Misfit(
        `"${name}.${column}" points to "${references.table}", which is neither of this namespace nor of one in dependsOn`
      )
    }
  }
}

export interface Draft {
  readonly migration: Migration
  readonly notes: ReadonlyArray<string>
}

/** The next migration of a namespace; undefined when its migrations say all that its models say. Throws `Misfit`. */
export const draft = (
  namespace: Namespace,
  all: ReadonlyArray<Namespace>,
  options: { readonly name: string | undefined; readonly fill: Fills }
): Draft | undefined => {
  const { dependsOn = [], migrations = [], models } = namespace
  const state = migrations.reduce((state, { operations }) => replay(operations, state), empty)
  const operations = diff(
    state,
    models.map(({ table }) => table),
    options.fill
  )
  if (operations.length === 0) return undefined
  checkReferences(replay(operations, state), tablesOf(all.filter(({ namespace }) => dependsOn.includes(namespace))))
  const name = options.name === undefined ? nameOf(operations) : words(options.name)
  return {
    migration: { id: `${nextNumber(migrations)}_${name || "changes"}`, operations },
    notes: notesOn(operations)
  }
}
