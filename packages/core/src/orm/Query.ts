/**
 * Queries: values that say what to read or write, and run nowhere. `Orm.run` runs them. A query that is a constant of its
 * module is compiled once; `prepare` gives it parameters.
 *
 * @example
 * const busiest = Query.prepare<{ min: bigint }>()((p) =>
 *   Query.from({ post: Post })
 *     .join({ author: User }, ({ author, post }) => author.id.eq(post.authorId))
 *     .where(({ post }) => post.views.gt(p.min))
 *     .orderBy(({ post }) => [post.views.desc(), post.id.asc()])
 *     .limit(20)
 *     .select(({ author, post }) => ({ title: post.title, author: author.nickname })))
 * const rows = yield* Orm.run(busiest, { min: 100n })
 */
import type * as Option from "effect/Option"
import type { Any as AnyColumn } from "./Column.ts"
import type { Expr, ListOf, Operand, Order } from "./Expression.ts"
import { ExprImpl } from "./internal/expr.ts"
import * as building from "./internal/query.ts"
import type { Any as AnyModel, Columns, Insert, Model, Row } from "./Model.ts"
import type { QueryNode, SelectNode } from "./QueryNode.ts"
import type { Where } from "./Where.ts"

export { and, avg, count, max, min, not, or, sum } from "./Expression.ts"
export * from "./QueryNode.ts"

/** A query that takes `P` and gives `A`. */
export interface Query<in P, out A> {
  readonly node: QueryNode
  readonly "~types": { readonly parameters: (_: P) => void; readonly result: A }
}

/** A parameter, filled when the query runs. */
export type Slots<P> = { readonly [K in keyof P]-?: Expr<P[K]> }

type TypeOf<C extends AnyColumn> = C["~types"]["type"]

/** The columns of a model as expressions. `N` is `null` for the side of a left join that may be missing. */
export type Exprs<C extends Columns, N = never> = { readonly [K in keyof C]: Expr<TypeOf<C[K]> | N> }

type Sources = { readonly [alias: string]: AnyModel }
type Scope<S extends Sources, N = never> = { readonly [A in keyof S]: Exprs<S[A]["columns"], N> }
type Picked = { readonly [as: string]: Expr<unknown> }
type Values<T> = { readonly [K in keyof T]: T[K] extends Expr<infer V> ? V : never }

/** A filter as an object (of the first table), or made of expressions. */
type Filter<C extends Columns, S> = Where<C, true> | ((scope: S) => Expr<boolean>)

export type OnlyColumn<A> = { [K in keyof A]: A[K] }[keyof A]

/** Rows to read. `C` are the columns of the first table, `S` what the callbacks get, `A` a row of the result. */
export interface Select<C extends Columns, S, A> extends Query<void, ReadonlyArray<A>>, ListOf<OnlyColumn<A>> {
  readonly node: SelectNode
  /** Several filters must all hold. */
  where(filter: Filter<C, S>): Select<C, S, A>
  groupBy(by: (scope: S) => ReadonlyArray<Expr<unknown>>): Select<C, S, A>
  having(filter: (scope: S) => Expr<boolean>): Select<C, S, A>
  orderBy(order: (scope: S) => ReadonlyArray<Order>): Select<C, S, A>
  limit(rows: Operand<number>): Select<C, S, A>
  offset(rows: Operand<number>): Select<C, S, A>
  distinct(): Select<C, S, A>
  /** At most `rows` rows with the same value. */
  limitPerGroup(by: (scope: S) => Expr<unknown>, rows: Operand<number>): Select<C, S, A>
  /** Keeps the rows locked until the transaction ends. A database with a single writer does so by itself. */
  forUpdate(options?: { readonly skipLocked?: boolean }): Select<C, S, A>
  select<const P extends Picked>(columns: (scope: S) => P): Select<C, S, Values<P>>
  /** An `Option` of the first row. */
  first(): Query<void, Option.Option<A>>
}

/** A select of tables that have names; only such can be joined. */
export interface Joinable<C extends Columns, S, A> extends Select<C, S, A> {
  join<const T extends Sources>(to: T, on: (scope: S & Scope<T>) => Expr<boolean>): Joinable<C, S & Scope<T>, A>
  /** Columns of `to` are null where there is no match. */
  leftJoin<const T extends Sources>(
    to: T,
    on: (scope: S & Scope<T>) => Expr<boolean>
  ): Joinable<C, S & Scope<T, null>, A>
}

type First<S extends Sources> = S[keyof S]["columns"]

interface From {
  <N extends string, C extends Columns>(model: Model<N, C>): Select<C, Exprs<C>, Row<C>>
  /** One table under a name: `Query.from({ post: Post })`. */
  <const S extends Sources>(source: S): Joinable<First<S>, Scope<S>, Row<First<S>>>
}

/** Rows of a model; of a named table where it is to be joined. */
export const from: From = building.from as never

/** Rows to write, whose count it gives unless `returning` asks for the rows. */
export interface Writing<C extends Columns> extends Query<void, number> {
  returning(): Query<void, ReadonlyArray<Row<C>>>
  returning<const P extends Picked>(columns: (row: Exprs<C>) => P): Query<void, ReadonlyArray<Values<P>>>
}

/** Which rows it is about must be said: some, or all. */
export interface Aiming<C extends Columns> {
  where(filter: Filter<C, Exprs<C>>): Writing<C>
  all(): Writing<C>
}

/** New values; each may be calculated from the row. Readonly columns are not among them. */
export type Assignments<C extends Columns> = {
  readonly [K in keyof C as "readonly" extends C[K]["~types"]["flags"] ? never : K]?: TypeOf<C[K]> | Expr<TypeOf<C[K]>>
}

export interface Setting<C extends Columns> {
  set(values: Assignments<C> | ((row: Exprs<C>) => Assignments<C>)): Aiming<C>
}

export const update: <N extends string, C extends Columns>(model: Model<N, C>) => Setting<C> = building.update as never

export { remove as delete }

const remove: <N extends string, C extends Columns>(model: Model<N, C>) => Aiming<C> = building.remove as never

type OnConflict<C extends Columns> = ReadonlyArray<keyof C & string>

/** Rows to insert. `I` is what it takes, `One` what a row of the answer is. */
export interface Inserting<C extends Columns, I, Rows> extends Query<I, number> {
  returning(): Query<I, Rows>
  /** Passes over rows that are there already: same values in the columns `on`, which are unique. */
  orIgnore(on: OnConflict<C>): Resolved<I, ReadonlyArray<Row<C>>>
  /** Updates the row that is there: with the given values of some columns, or with what is calculated. */
  orUpdate(
    on: OnConflict<C>,
    set: ReadonlyArray<keyof Assignments<C> & string> | ((there: Exprs<C>, given: Exprs<C>) => Assignments<C>)
  ): Resolved<I, Rows>
}

/** Counts, or gives, only the rows that were written. */
export interface Resolved<I, Rows> extends Query<I, number> {
  returning(): Query<I, Rows>
}

/** Takes one row when it runs. */
export const insert: <N extends string, C extends Columns>(model: Model<N, C>) => Inserting<C, Insert<C>, Row<C>> =
  building.insert(false) as never

/** Takes `{ rows }` when it runs; all are inserted, or none. */
export const insertMany: <N extends string, C extends Columns>(
  model: Model<N, C>
) => Inserting<C, { readonly rows: ReadonlyArray<Insert<C>> }, ReadonlyArray<Row<C>>> = building.insert(true) as never

/**
 * Text of one database or several, for what queries cannot say. Slots are written `:name`; what types they and the
 * columns of the result have is told by columns.
 *
 * @example
 * Query.raw({
 *   text: { sqlite: "select strftime('%Y', …) as year, count(*) as n from … where id > :id" },
 *   slots: { id: Column.Integer() },
 *   columns: { year: Column.Text(), n: Column.Integer() }
 * })
 */
export const raw: {
  <const S extends Columns, const O extends Columns>(options: {
    readonly text: { readonly [dialect: string]: string }
    readonly slots?: S
    readonly columns: O
  }): Query<{} extends S ? void : Row<S>, ReadonlyArray<Row<O>>>
  <const S extends Columns>(options: {
    readonly text: { readonly [dialect: string]: string }
    readonly slots?: S
  }): Query<{} extends S ? void : Row<S>, number>
} = building.raw as never

/**
 * Gives a query parameters: `Query.prepare<{ min: bigint }>()((p) => …)`. A slot takes the type of what it is compared
 * with or assigned to.
 */
export const prepare =
  <P extends object>() =>
  <A>(build: (slots: Slots<P>) => Query<void, A>): Query<P, A> => {
    const slots = new Proxy({} as Slots<P>, {
      get: (_, name) => new ExprImpl({ _tag: "slot", name: String(name), list: false, typed: undefined })
    })
    return build(slots) as unknown as Query<P, A>
  }
