import type { Columns } from "../Model.ts"
import type { Kind, Relation, RelationData } from "../Relation.ts"
import { ModelInvalid } from "./modelInvalid.ts"

/** A relation is a function that says what of it to load, and itself says: all of it. */
export const relation = <From extends string, To extends string, C extends Columns, K extends Kind>(
  data: RelationData
): Relation<From, To, C, K> => {
  const counted = data.through === undefined && data.kind !== "many" && data.fromProperty !== data.from.key[0]?.property
  const keyed = [counted ? data.to : data.from, ...(data.through === undefined ? [] : [data.to])]
  for (const model of keyed) {
    if (model.key.length !== 1) {
      throw new ModelInvalid({ model: model.name, problem: "a relation needs a primary key of one column" })
    }
  }
  const options = {}
  const load = (options: object) => ({ relation: data, options })
  return Object.assign(load, load(options)) as unknown as Relation<From, To, C, K>
}
