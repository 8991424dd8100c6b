/**
 * The rows of one model, through the database of the app. A repository is a constant beside its model; it holds nothing
 * but queries that were compiled.
 *
 * @example
 * const Users = Repository.make(User)
 * const page = yield* Users.page({ where: { role: "admin" }, orderBy: [{ desc: "createdAt" }], first: 20 })
 * yield* Users.insert({ email, password }).pipe(Effect.catchTag("UniqueViolation", () => new EmailTaken()))
 */
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import { RepositoryImpl } from "./internal/repository/RepositoryImpl.ts"
import type { Any as AnyModel, Columns, Insert, Model, Row, Update } from "./Model.ts"
import { type Interpreter, Orm } from "./Orm.ts"
import type { CursorInvalid, NotFound, ReadError, WriteError } from "./OrmError.ts"
import type { Assignments, Exprs } from "./Query.ts"
import type { Load, Loaded, OrderBy, With } from "./Relation.ts"
import type { Where } from "./Where.ts"

export interface FindOptions<N extends string, C extends Columns, W extends With<N>> {
  readonly where?: Where<C>
  readonly orderBy?: OrderBy<C>
  readonly limit?: number
  readonly offset?: number
  /** Relations to load with the rows. */
  readonly with?: W
}

export interface PageOptions<N extends string, C extends Columns, W extends With<N>> {
  readonly where?: Where<C>
  /** The key is added at the end, so that every row has its place. */
  readonly orderBy?: OrderBy<C>
  /** How many rows, at least 1. */
  readonly first: number
  /** What the page before gave as `next`. */
  readonly after?: string | null
  readonly with?: W
}

export interface Page<A> {
  readonly items: ReadonlyArray<A>
  /** Where the next page begins; null after the last row. */
  readonly next: string | null
}

/** Columns that are unique together: a row with the same values is there already, or it is not. */
type On<C extends Columns> = ReadonlyArray<keyof C & string>
type Writes<C extends Columns> = WriteError<keyof C & string>

/** `Needs` is the service of its database. */
export interface Repository<N extends string, C extends Columns, Needs> {
  readonly model: Model<N, C>

  find<const W extends With<N> = {}>(
    options?: FindOptions<N, C, W>
  ): Effect.Effect<ReadonlyArray<Loaded<Row<C>, W>>, ReadError, Needs>
  first<const W extends With<N> = {}>(
    options?: Omit<FindOptions<N, C, W>, "limit">
  ): Effect.Effect<Option.Option<Loaded<Row<C>, W>>, ReadError, Needs>
  byId<const W extends With<N> = {}>(
    key: Model<N, C>["Key"],
    options?: { readonly with?: W }
  ): Effect.Effect<Option.Option<Loaded<Row<C>, W>>, ReadError, Needs>
  /** Pages that stay right while rows come and go: a cursor says after which row to begin. */
  page<const W extends With<N> = {}>(
    options: PageOptions<N, C, W>
  ): Effect.Effect<Page<Loaded<Row<C>, W>>, ReadError | CursorInvalid, Needs>
  /** Any number of rows in bounded memory. */
  stream(options?: Omit<FindOptions<N, C, never>, "with">): Stream.Stream<Row<C>, ReadError, Needs>
  count(where?: Where<C>): Effect.Effect<number, ReadError, Needs>
  exists(where?: Where<C>): Effect.Effect<boolean, ReadError, Needs>
  /** One relation of one row. Fibers that ask in the same turn share a query. */
  load<A>(row: Row<C>, relation: Load<N, A>): Effect.Effect<A, ReadError, Needs>

  /** Gives the row as it is stored, with its defaults. */
  insert(row: Insert<C>): Effect.Effect<Row<C>, Writes<C>, Needs>
  /** All rows or none; gives their count. `Query.insertMany(model).returning()` gives the rows. */
  insertMany(rows: ReadonlyArray<Insert<C>>): Effect.Effect<number, Writes<C>, Needs>
  /** Leaves a row that is there as it is; whether it inserted. */
  insertIfAbsent(row: Insert<C>, options: { readonly on: On<C> }): Effect.Effect<boolean, Writes<C>, Needs>
  /** Updates a row that is there: the columns named by `update`, or all that are given. */
  upsert(
    row: Insert<C>,
    options: { readonly on: On<C>; readonly update?: ReadonlyArray<keyof Update<C> & string> }
  ): Effect.Effect<Row<C>, Writes<C>, Needs>

  update(key: Model<N, C>["Key"], values: Update<C>): Effect.Effect<void, Writes<C> | NotFound, Needs>
  update(
    key: Model<N, C>["Key"],
    values: Update<C>,
    options: { readonly returning: true }
  ): Effect.Effect<Row<C>, Writes<C> | NotFound, Needs>
  delete(key: Model<N, C>["Key"]): Effect.Effect<void, Writes<C> | NotFound, Needs>
  /**
   * Gives how many rows matched: zero when somebody else was faster, where the filter names the state that was read. An
   * empty filter is refused; see `updateAll`.
   */
  updateWhere(
    where: Where<C>,
    values: Update<C> | ((row: Exprs<C>) => Assignments<C>)
  ): Effect.Effect<number, Writes<C>, Needs>
  deleteWhere(where: Where<C>): Effect.Effect<number, Writes<C>, Needs>
  updateAll(values: Update<C> | ((row: Exprs<C>) => Assignments<C>)): Effect.Effect<number, Writes<C>, Needs>
  deleteAll(): Effect.Effect<number, Writes<C>, Needs>

  /** The same over a database that is at hand, so that nothing is needed. */
  over(interpreter: Interpreter): Repository<N, C, never>
}

/** A repository over `Orm`, or over another database of the app: `Repository.make(Visit, { orm: Statistics })`. */
export const make: {
  <N extends string, C extends Columns>(model: Model<N, C>): Repository<N, C, Orm>
  <N extends string, C extends Columns, Id>(
    model: Model<N, C>,
    options: { readonly orm: Context.Key<Id, Interpreter> }
  ): Repository<N, C, Id>
} = ((model: AnyModel, options?: { readonly orm: Context.Key<unknown, Interpreter> }) =>
  new RepositoryImpl(model, options?.orm ?? Orm)) as never
