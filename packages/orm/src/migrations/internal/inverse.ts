import type { Operation } from "@mortise/core/orm/Migration"

/** Why a step has no way back. */
export interface NoWayBack {
  readonly step: string
}

/** The operation that undoes another one, or the reason why there is none. */
export const inverse = (operation: Operation): Operation | NoWayBack => {
  switch (operation.op) {
    case "createTable":
      return { op: "dropTable", table: operation.table }
    case "dropTable":
      return { op: "createTable", table: operation.table }
    case "renameTable":
      return { op: "renameTable", from: operation.to, to: operation.from }
    case "addColumn":
      return { op: "dropColumn", table: operation.table, column: operation.column }
    case "dropColumn":
      return { op: "addColumn", table: operation.table, column: operation.column }
    case "renameColumn":
      return { op: "renameColumn", table: operation.table, from: operation.to, to: operation.from }
    case "alterColumn":
      return { op: "alterColumn", table: operation.table, from: operation.to, to: operation.from }
    case "alterPrimaryKey":
      return { op: "alterPrimaryKey", table: operation.table, from: operation.to, to: operation.from }
    case "createIndex":
      return { op: "dropIndex", table: operation.table, index: operation.index }
    case "dropIndex":
      return { op: "createIndex", table: operation.table, index: operation.index }
    case "sql": {
      const { down, up } = operation
      return down === undefined ? { step: "it runs SQL without a way down" } : { op: "sql", up: down, down: up }
    }
    case "data": {
      const { down, name, up } = operation
      return down === undefined
        ? { step: `"${name}" changes rows without a way down` }
        : { op: "data", name, up: down, down: up }
    }
  }
}

/** Undoes operations, the last one first; or all the reasons why that is not possible. */
export const inverseOf = (
  operations: ReadonlyArray<Operation>
): { readonly operations: ReadonlyArray<Operation>; readonly obstacles: ReadonlyArray<NoWayBack> } => {
  const back = operations.toReversed().map(inverse)
  return {
    operations: back.filter((step): step is Operation => "op" in step),
    obstacles: back.filter((step): step is NoWayBack => !("op" in step))
  }
}
