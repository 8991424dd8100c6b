/** Transactions that belong to the fiber, and savepoints inside them. */
import { TransactionAborted, type TransactionError } from "@mortise/core/orm/OrmError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Driver } from "../Driver.ts"
import { type Hook, Level } from "./Level.ts"

export type LevelKey = Context.Service<Level, Level>

const aborted = (level: Level): Effect.Effect<void, TransactionAborted> =>
  level.ended === undefined ? Effect.void : Effect.fail(new TransactionAborted({ reason: level.ended }))

/** The commit stands, whatever becomes of a hook. */
const runHooks = (hooks: ReadonlyArray<Hook>): Effect.Effect<void> =>
  Effect.forEach(
    hooks,
    Effect.catchCause((cause) => Effect.logError("An after-commit hook failed", cause)),
    {
      discard: true
    }
  )

export const transactions = (driver: Driver, key: LevelKey) => {
  /** What `effect` did is kept when it succeeds, and undone when it does not. */
  const finished = <A, E, E2>(
    exit: Exit.Exit<A, E>,
    level: Level,
    keep: Effect.Effect<void, E2>,
    undo: Effect.Effect<void>
  ): Effect.Effect<A, E | E2 | TransactionAborted> => {
    const good = Exit.isSuccess(exit) && level.ended === undefined
    const end: Effect.Effect<void, E2 | TransactionAborted> = good
      ? Effect.onError(keep, () => undo)
      : Effect.andThen(undo, aborted(level))
    level.ended ??= "it is over"
    return Exit.isSuccess(exit) ? Effect.as(end, exit.value) : Effect.andThen(undo, exit)
  }

  const outermost = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | TransactionError, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(driver.begin(restore), ({ commit, connection, release, rollback }) => {
        const level = new Level(connection, 0)
        return Effect.exit(restore(Effect.provideService(effect, key, level))).pipe(
          Effect.flatMap((exit) => finished(exit, level, commit, rollback)),
          Effect.ensuring(release),
          Effect.tap(() => (level.hooks.length === 0 ? Effect.void : restore(runHooks(level.hooks))))
        )
      })
    )

  const savepoint = <A, E, R>(
    effect: Effect.Effect<A, E, R>,
    outer: Level
  ): Effect.Effect<A, E | TransactionError, R> => {
    const { connection } = outer
    const level = new Level(connection, outer.depth + 1)
    const name = `"mortise_${level.depth}"`
    const command = (sql: string) =>
      Effect.suspend(() => connection.command(sql)) as Effect.Effect<void, TransactionError>
    const undo = Effect.andThen(command(`rollback to savepoint ${name}`), command(`release savepoint ${name}`)).pipe(
      // a savepoint that cannot be undone takes the whole transaction with it
      Effect.catch(() => Effect.sync(() => void (outer.ended ??= "a savepoint could not be undone")))
    )
    const keep = Effect.andThen(
      command(`release savepoint ${name}`),
      Effect.sync(() => void outer.hooks.push(...level.hooks))
    )
    return outer.nest(
      Effect.uninterruptibleMask((restore) =>
        command(`savepoint ${name}`).pipe(
          Effect.andThen(Effect.exit(restore(Effect.provideService(effect, key, level)))),
          Effect.flatMap((exit) => finished(exit, level, keep, undo))
        )
      )
    )
  }

  const transaction = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | TransactionError, R> =>
    Effect.withFiber((fiber) => {
      const outer = Context.getOrUndefined(fiber.context, key)
      return outer === undefined ? outermost(effect) : savepoint(effect, outer)
    })

  const afterCommit = <R>(effect: Effect.Effect<void, never, R>): Effect.Effect<void, never, R> =>
    Effect.withFiber((fiber) => {
      const level = Context.getOrUndefined(fiber.context, key)
      if (level === undefined) return effect
      // as outside of the transaction, which is over by then
      const context = Context.omit(key)(fiber.context) as Context.Context<R>
      return Effect.sync(() => void level.hooks.push(Effect.provideContext(effect, context)))
    })

  return { transaction, afterCommit }
}
