/** What repositories read; `Repository.ts` has the types. */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Expression } from "../../Expression.ts"
import { count } from "../../Expression.ts"
import type { Any as AnyModel } from "../../Model.ts"
import type { Interpreter } from "../../Orm.ts"
import { CursorInvalid, type OrmError, QueryInvalid, type ReadError } from "../../OrmError.ts"
import type { Query, QueryNode, SelectNode } from "../../Query.ts"
import type { Load } from "../../Relation.ts"
import { operand } from "../expr.ts"
import * as building from "../query.ts"
import { invalid, whereOf } from "../where.ts"
import { batched } from "./batched.ts"
import * as cursors from "./cursor.ts"
import * as keys from "./keys.ts"
import { type AnyFiber, type Key, operation } from "./Operation.ts"
import { attach, type Loads, type Row } from "./related.ts"
import { filterOf, integer, orderKey, ordersOf, type Shapes, shapesOf, slot, whereKey } from "./shapes.ts"

interface FindOptions {
  readonly where?: unknown
  readonly orderBy?: unknown
  readonly limit?: unknown
  readonly offset?: unknown
  readonly with?: Loads
}

interface PageOptions extends FindOptions {
  readonly first: number
  readonly after?: string | null
}

export type Run<A> = Effect.Effect<A, OrmError>
export type Rows = ReadonlyArray<Row>

/** Called when the effect is due, by the fiber that runs it. */
export const run = <A>(interpreter: Interpreter, node: QueryNode, slots: unknown, fiber: AnyFiber): Run<A> => {
  const query = { node } as unknown as Query<unknown, A>
  const { at } = interpreter.run
  return at === undefined ? interpreter.run(query, slots) : (at(query, slots, fiber) as Run<A>)
}

/** As `Effect.flatMap`; what is done already (`Exit.isExit`, for what is an Effect) goes on at once. */
export const onward = <A, B, E, E2>(
  effect: Effect.Effect<A, E>,
  f: (value: A) => Effect.Effect<B, E2>
): Effect.Effect<B, E | E2> =>
  isExit(effect) && effect._tag === "Success" ? f(effect.value) : Effect.flatMap(effect, f)
const isExit = <A, E>(effect: Effect.Effect<A, E>): effect is Exit.Exit<A, E> => "~effect/Exit" in effect

/** Values that stand in the query itself: for the long way, where something is odd. */
const inline = (value: unknown, typed: Parameters<typeof operand>[1], list: boolean): Expression =>
  ({ ...operand(value, typed), list }) as Expression

const findOptions = new Set(["where", "orderBy", "limit", "offset", "with"])

type Used = (interpreter: Interpreter, fiber: AnyFiber) => Effect.Effect<unknown, unknown>
const used = (f: Used, interpreter: Interpreter, fiber: AnyFiber) => f(interpreter, fiber)

export class Reads {
  readonly model: AnyModel
  protected readonly orm: Key | Interpreter
  protected readonly shapes: Shapes
  readonly #byKey: QueryNode

  constructor(model: AnyModel, orm: Key | Interpreter) {
    this.model = model
    this.orm = orm
    this.shapes = shapesOf(model)
    this.#byKey = keys.selectByKey(model)
  }

  /** Does something with the database of the calling fiber. */
  protected use<X extends Effect.Effect<unknown, unknown>>(
    f: (interpreter: Interpreter, fiber: AnyFiber) => X
  ): Effect.Effect<Effect.Success<X>, Effect.Error<X>> {
    return operation(this.orm, used, f as Used, undefined, undefined) as Effect.Effect<
      Effect.Success<X>,
      Effect.Error<X>
    >
  }

  /** The select for some options, whose values go to `slots`. `more` is a condition beside the filter. */
  private select(
    options: FindOptions,
    slots: Array<unknown>,
    more?: { readonly key: string; readonly at: (first: number) => Expression; readonly values: ReadonlyArray<unknown> }
  ): SelectNode {
    const { limit, offset, orderBy, where } = options
    const { model } = this
    for (const option in options) {
      if (!findOptions.has(option)) return this.odd(invalid(`"${option}" is no option of a find`))
    }
    const filter = where === undefined ? ("where" in options ? undefined : "") : whereKey(model, where, slots)
    const order = orderKey(model, orderBy)
    const unlimited = "limit" in options && limit === undefined
    if (filter === undefined || order === undefined || unlimited) {
      const wrong = unlimited ? invalid("the limit is undefined") : undefined
      const given = "where" in options ? where : {}
      const odd = this.odd(wrong ?? whereOf(model, model.name, given, inline))
      return { ...odd, orderBy: ordersOf(model, orderBy) }
    }
    const after = slots.length
    if (more !== undefined) slots.push(...more.values)
    const next = slots.length
    if (limit !== undefined) slots.push(limit)
    if (offset !== undefined) slots.push(offset)
    const key = `find ${filter}|${more?.key ?? ""}|${order}|${limit === undefined ? "" : "l"}${offset === undefined ? "" : "o"}`
    const make = (): SelectNode => {
      const own = filterOf(model, where)
      const items = [own, more?.at(after)].filter((item) => item !== undefined)
      return {
        ...building.selectNode(model, model.name),
        where: items.length > 1 ? building.both(items[0], items[1] as Expression) : items[0],
        orderBy: ordersOf(model, orderBy),
        limit: limit === undefined ? undefined : slot(next, integer),
        offset: offset === undefined ? undefined : slot(limit === undefined ? next : next + 1, integer)
      }
    }
    return this.shapes.get(key, make).node as SelectNode
  }

  private odd(where: Expression): SelectNode {
    return { ...building.selectNode(this.model, this.model.name), where }
  }

  private rows(options: FindOptions): Effect.Effect<Rows, ReadError> {
    return this.use((interpreter, fiber) => {
      const slots: Array<unknown> = []
      const node = this.select(options, slots)
      const rows = run<Rows>(interpreter, node, slots, fiber) as Effect.Effect<Rows, ReadError>
      return this.loaded(interpreter, rows, options.with)
    })
  }

  private loaded<E>(interpreter: Interpreter, rows: Effect.Effect<Rows, E>, loads: Loads | undefined) {
    if (loads === undefined) return rows
    return Effect.flatMap(rows, (rows) => attach(interpreter, this.model, rows, loads))
  }

  find(options: FindOptions = {}) {
    return this.rows(options)
  }

  first(options: FindOptions = {}) {
    return Effect.map(this.rows({ ...options, limit: 1 }), ([row]) => Option.fromUndefinedOr(row))
  }

  byId(key: unknown, options?: { readonly with?: Loads }) {
    return this.use((interpreter, fiber) => {
      const found = run<Option.Option<Row>>(interpreter, this.#byKey, keys.keyValues(this.model, key), fiber)
      const loads = options?.with
      if (loads === undefined) return found
      return Effect.flatMap(found, (row) =>
        Option.isNone(row)
          ? Effect.succeed(row)
          : Effect.map(attach(interpreter, this.model, [row.value], loads), ([row]) => Option.fromUndefinedOr(row))
      )
    })
  }

  page(options: PageOptions) {
    return this.use((interpreter, fiber) => {
      const { after, first, orderBy, where, with: loads } = options
      const places = cursors.placesOf(this.model, orderBy as never)
      if (places === undefined || this.model.key.length === 0) {
        return Effect.fail(new QueryInvalid({ problem: `"${this.model.name}" cannot be paged in this order` }))
      }
      if (!Number.isSafeInteger(first) || first < 1) {
        return Effect.fail(new QueryInvalid({ problem: "a page has at least one row" }))
      }
      const from = after === undefined || after === null ? undefined : cursors.decodeCursor(places, after)
      if (from === undefined && typeof after === "string") return Effect.fail(new CursorInvalid())
      const order = places.map(({ descending, field }) => (descending ? { desc: field.property } : field.property))
      const slots: Array<unknown> = []
      const beyond =
        from === undefined
          ? undefined
          : {
              key: cursors.afterKey(from),
              at: (next: number) => cursors.afterOf(this.model, places, from, next),
              values: cursors.valuesOf(from)
            }
      const asked = { ...("where" in options ? { where } : {}), orderBy: order, limit: first + 1 }
      const node = this.select(asked, slots, beyond)
      return Effect.flatMap(run<Rows>(interpreter, node, slots, fiber), (found) => {
        const items = found.slice(0, first)
        const last = items.at(-1)
        const next = found.length > first && last !== undefined ? cursors.encodeCursor(places, last) : null
        return Effect.map(this.loaded(interpreter, Effect.succeed(items), loads), (items) => ({ items, next }))
      })
    })
  }

  stream(options: FindOptions = {}) {
    return Stream.unwrap(
      this.use((interpreter) => {
        const slots: Array<unknown> = []
        const node = this.select(options, slots)
        return Effect.succeed(interpreter.stream({ node } as unknown as Query<unknown, Rows>, slots))
      })
    )
  }

  private counted(where: unknown, given: boolean, limit: boolean) {
    return this.use((interpreter, fiber) => {
      const slots: Array<unknown> = []
      const options = given ? { where } : {}
      const select = this.select(limit ? { ...options, limit: 1 } : options, slots)
      // of the shape that was found, so that it is compiled once
      const node = limit ? select : (this.#counts.get(select) ?? this.countOf(select))
      return run<Rows>(interpreter, node, slots, fiber)
    })
  }

  readonly #counts = new WeakMap<SelectNode, SelectNode>()
  private countOf(select: SelectNode): SelectNode {
    const node = { ...select, columns: [{ as: "count", expression: count().node }] }
    this.#counts.set(select, node)
    return node
  }

  count(...where: [unknown?]) {
    return Effect.map(this.counted(where[0], where.length > 0, false), ([row]) => row?.["count"])
  }

  exists(...where: [unknown?]) {
    return Effect.map(this.counted(where[0], where.length > 0, true), (rows) => rows.length > 0)
  }

  load(row: Row, load: Load<string, unknown>) {
    return this.use((interpreter) => batched(interpreter, this.model, row, load))
  }
}
