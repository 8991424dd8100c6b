/**
 * The database of an app: a service that runs queries, which are data, and makes transactions. A second database is a
 * service of the same shape under a key of its own.
 *
 * @example
 * class Statistics extends Context.Service<Statistics, Orm.Interpreter>()("app/Statistics") {}
 *
 * yield* Orm.transaction(Effect.gen(function* () {
 *   yield* Orm.run(withdraw, { from, amount })
 *   yield* Orm.run(deposit, { to, amount })
 * }))
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import type { Feature } from "./Feature.ts"
import type { OrmError, QueryInvalid, ReadError, TransactionError, UnsupportedFeature } from "./OrmError.ts"
import type { Query } from "./Query.ts"

/** Runs a query, see `Interpreter.run`. */
export interface Run {
  <A>(query: Query<void, A>): Effect.Effect<A, OrmError>
  <P, A>(query: Query<P, A>, parameters: P): Effect.Effect<A, OrmError>
  /**
   * The same at the call, for a fiber that is being run: a database that answers at once gives an `Exit`, and the fiber is
   * spared a step. Optional; repositories take it where it is there. It is a part of the function, so that whoever puts
   * another in its place replaces both.
   */
  readonly at?: (
    query: Query<never, unknown>,
    parameters: unknown,
    fiber: Fiber.Fiber<unknown, unknown>
  ) => Effect.Effect<unknown, OrmError>
}

/** What every database does. */
export interface Interpreter {
  /** Chooses the text of raw queries: `sqlite`, `postgres`. */
  readonly dialect: string
  readonly features: ReadonlySet<Feature>
  /**
   * Runs a query, within the transaction of the calling fiber where there is one. A query is compiled the first time that
   * it is seen, and remembered as long as it lives.
   */
  readonly run: Run
  /**
   * The rows of a select, in bounded memory. They are those at the time it began; within a transaction, a write while it
   * is read may or may not be seen.
   */
  readonly stream: {
    <A>(query: Query<void, ReadonlyArray<A>>): Stream.Stream<A, ReadError>
    <P, A>(query: Query<P, ReadonlyArray<A>>, parameters: P): Stream.Stream<A, ReadError>
  }
  /** Compiles a query without running it: a plugin may check at the start what it will need. */
  readonly check: (query: Query<never, unknown>) => Effect.Effect<void, UnsupportedFeature | QueryInvalid>
  /**
   * Commits what `effect` writes when it succeeds, and undoes it when it fails, dies or is interrupted. Every query that
   * runs in it belongs to it, in child fibers too. Inside a transaction it is a savepoint, and siblings wait for its end.
   *
   * After a statement failed at the database, its transaction only rolls back (`TransactionAborted`): what may fail and be
   * caught runs in a transaction of its own inside.
   */
  readonly transaction: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | TransactionError, R>
  /**
   * Runs `effect` once the outermost transaction is committed, and never if it is not; at once where there is none. What
   * it dies of is logged: the commit stands.
   */
  readonly afterCommit: <R>(effect: Effect.Effect<void, never, R>) => Effect.Effect<void, never, R>
  /**
   * The transaction that a context belongs to, or the interpreter itself: what is asked for in one session sees the same
   * data and may share a query.
   */
  readonly session: (context: Context.Context<never>) => object
  /** Whether the database answers. */
  readonly ping: Effect.Effect<void, ReadError>
}

/** The database of the app. */
export class Orm extends Context.Service<Orm, Interpreter>()("@mortise/core/orm/Orm") {}

/** See `Interpreter.run`. */
export const run: {
  <A>(query: Query<void, A>): Effect.Effect<A, OrmError, Orm>
  <P, A>(query: Query<P, A>, parameters: P): Effect.Effect<A, OrmError, Orm>
} = <P, A>(query: Query<P, A>, parameters?: P): Effect.Effect<A, OrmError, Orm> =>
  Effect.flatMap(Orm, (orm) => orm.run(query, parameters as P))

/** See `Interpreter.stream`. */
export const stream: {
  <A>(query: Query<void, ReadonlyArray<A>>): Stream.Stream<A, ReadError, Orm>
  <P, A>(query: Query<P, ReadonlyArray<A>>, parameters: P): Stream.Stream<A, ReadError, Orm>
} = <P, A>(query: Query<P, ReadonlyArray<A>>, parameters?: P): Stream.Stream<A, ReadError, Orm> =>
  Stream.unwrap(Effect.map(Orm, (orm) => orm.stream(query, parameters as P)))

/** See `Interpreter.transaction`. */
export const transaction = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | TransactionError, R | Orm> =>
  Effect.flatMap(Orm, (orm) => orm.transaction(effect))

/** See `Interpreter.afterCommit`. */
export const afterCommit = <R>(effect: Effect.Effect<void, never, R>): Effect.Effect<void, never, R | Orm> =>
  Effect.flatMap(Orm, (orm) => orm.afterCommit(effect))
