/** The one class behind all repositories; `Repository.ts` has its types. */
import * as Effect from "effect/Effect"
import type { Any as AnyModel } from "../../Model.ts"
import type { Interpreter } from "../../Orm.ts"
import { NotFound, QueryInvalid } from "../../OrmError.ts"
import type { QueryNode } from "../../Query.ts"
import * as building from "../query.ts"
import { isOperators } from "../where.ts"
import * as keys from "./keys.ts"
import { type AnyFiber, type Key, operation } from "./Operation.ts"
import { onward, Reads, type Rows, type Run, run } from "./Reads.ts"

type Values = { readonly [property: string]: unknown }

/** The columns that are unique together. */
interface On {
  readonly on: ReadonlyArray<string>
}

export class RepositoryImpl extends Reads {
  readonly #deleteByKey: QueryNode
  readonly #updates: keys.KeyedUpdates
  readonly #insert: { readonly one: QueryNode; readonly many: QueryNode }

  constructor(model: AnyModel, orm: Key | Interpreter) {
    super(model, orm)
    this.#updates = new keys.KeyedUpdates(model)
    this.#deleteByKey = keys.deleteByKey(model)
    this.#insert = {
      one: building.insert(false)(model).returning().node,
      many: building.insert(true)(model).node
    }
  }

  static #inserting(one: QueryNode, interpreter: Interpreter, fiber: AnyFiber, row: Values) {
    return run(interpreter, one, row, fiber)
  }

  static #updating(self: RepositoryImpl, interpreter: Interpreter, fiber: AnyFiber, key: unknown, values: Values) {
    const { node, slots } = self.#updates.get(key, values, false)
    return onward(run<number>(interpreter, node, slots, fiber), self.#met)
  }

  /** What a statement by key says when it met no row. */
  readonly #met = (count: number): Effect.Effect<void, NotFound> =>
    count > 0 ? Effect.void : Effect.fail(new NotFound({ table: this.model.name }))

  over(interpreter: Interpreter): RepositoryImpl {
    return new RepositoryImpl(this.model, interpreter)
  }

  insert(row: Values) {
    return operation(this.orm, RepositoryImpl.#inserting, this.#insert.one, row, undefined)
  }

  insertMany(rows: ReadonlyArray<Values>) {
    if (rows.length === 0) return Effect.succeed(0)
    return this.use((interpreter, fiber) => run(interpreter, this.#insert.many, { rows }, fiber))
  }

  insertIfAbsent(row: Values, { on }: On) {
    return this.use((interpreter, fiber) => {
      const { node } = this.shapes.get(
        `absent ${on.join()}`,
        () => building.insert(false)(this.model).orIgnore(on).node
      )
      return Effect.map(run<number>(interpreter, node, row, fiber), (count) => count > 0)
    })
  }

  upsert(row: Values, { on, update }: On & { readonly update?: ReadonlyArray<string> }) {
    const { model } = this
    return this.use((interpreter, fiber) => {
      const settable = (property: string) => !on.includes(property) && model.field(property)?.spec.readonly === false
      const given = update ?? Object.keys(row).filter(settable)
      const make = () =>
        given.length === 0
          ? building.touch(model, on)
          : building.insert(false)(model).orUpdate(on, given).returning().node
      return run(interpreter, this.shapes.get(`upsert ${on.join()}|${given.join()}`, make).node, row, fiber)
    })
  }

  update(key: unknown, values: Values, options?: { readonly returning: true }) {
    if (options?.returning === true)
      return this.use((interpreter, fiber) => this.updated(interpreter, key, values, fiber))
    return operation(this.orm, RepositoryImpl.#updating, this, key, values)
  }

  private updated(interpreter: Interpreter, key: unknown, values: Values, fiber: AnyFiber) {
    const { node, slots } = this.#updates.get(key, values, true)
    return onward(run<Rows>(interpreter, node, slots, fiber), ([row]) =>
      row === undefined ? Effect.fail(new NotFound({ table: this.model.name })) : Effect.succeed(row)
    )
  }

  delete(key: unknown) {
    return this.use((interpreter, fiber) =>
      onward(run<number>(interpreter, this.#deleteByKey, keys.keyValues(this.model, key), fiber), this.#met)
    )
  }

  private some(where: unknown, byName: string): QueryInvalid | undefined {
    if (isOperators(where) && Object.keys(where).length > 0) return undefined
    return new QueryInvalid({ problem: `the filter on "${this.model.name}" is empty; ${byName} is for all rows` })
  }

  updateWhere(where: unknown, values: unknown) {
    const wrong = this.some(where, "updateAll")
    if (wrong !== undefined) return Effect.fail(wrong)
    return this.use((interpreter, fiber) => this.change(interpreter, where, values, fiber))
  }

  updateAll(values: unknown) {
    return this.use((interpreter, fiber) => this.change(interpreter, undefined, values, fiber))
  }

  private change(interpreter: Interpreter, where: unknown, values: unknown, fiber: AnyFiber): Run<number> {
    const aiming = building.update(this.model).set(values)
    const { node } = where === undefined ? aiming.all() : aiming.where(where)
    return run(interpreter, node, undefined, fiber)
  }

  deleteWhere(where: unknown) {
    const wrong = this.some(where, "deleteAll")
    if (wrong !== undefined) return Effect.fail(wrong)
    return this.use((interpreter, fiber) =>
      run(interpreter, building.remove(this.model).where(where).node, undefined, fiber)
    )
  }

  deleteAll() {
    return this.use((interpreter, fiber) => run(interpreter, building.remove(this.model).all().node, undefined, fiber))
  }
}
