/** One transaction, or one savepoint inside it: who may use the connection, and what happens at the end. */
import {
  Busy,
  CheckViolation,
  ConnectionLost,
  ForeignKeyViolation,
  NotNullViolation,
  OutcomeUnknown,
  QueryFailed,
  Timeout,
  TransactionAborted,
  UniqueViolation
} from "@mortise/core/orm/OrmError"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Semaphore from "effect/Semaphore"
import type { Connection } from "../Driver.ts"
import { isDone } from "./outcome.ts"

/** What the database said, after which it may refuse to go on; the others never reached it. */
const fromDatabase: ReadonlyArray<abstract new (...args: never) => unknown> = [
  Busy,
  CheckViolation,
  ConnectionLost,
  ForeignKeyViolation,
  NotNullViolation,
  OutcomeUnknown,
  QueryFailed,
  Timeout,
  UniqueViolation
]

const aborts = (cause: Cause.Cause<unknown>): boolean =>
  cause.reasons.some(
    (reason) => !Cause.isFailReason(reason) || fromDatabase.some((kind) => reason.error instanceof kind)
  )

/** Run after the commit. */
export type Hook = Effect.Effect<void>

export class Level {
  readonly connection: Connection
  /** 0 is the transaction, 1 the savepoint inside it, and so on. */
  readonly depth: number
  readonly hooks: Array<Hook> = []
  /** Why it can only roll back, or that it is over. */
  ended: string | undefined
  /** Held by the savepoint that is open inside this level; what belongs to the level itself waits for its end. */
  readonly #inner = Semaphore.makeUnsafe(1)
  #open = 0

  constructor(connection: Connection, depth: number) {
    this.connection = connection
    this.depth = depth
  }

  private check(): TransactionAborted | undefined {
    return this.ended === undefined ? undefined : new TransactionAborted({ reason: this.ended })
  }

  /** Runs a statement of this level. */
  use<A, E>(f: (connection: Connection) => Effect.Effect<A, E>): Effect.Effect<A, E | TransactionAborted> {
    if (this.#open > 0) return this.#inner.withPermits(1)(Effect.suspend(() => this.now(f)))
    return this.now(f)
  }

  /** Whether a statement may run at once. */
  get isFree(): boolean {
    return this.#open === 0 && this.ended === undefined
  }

  private now<A, E>(f: (connection: Connection) => Effect.Effect<A, E>): Effect.Effect<A, E | TransactionAborted> {
    const wrong = this.check()
    return wrong === undefined ? this.checked(f(this.connection)) : Effect.fail(wrong)
  }

  /** Notes when a statement of this level failed. */
  checked<A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> {
    if (isDone(effect)) {
      if (effect._tag === "Failure") this.failed(effect.cause)
      return effect
    }
    return Effect.onExit(effect, (exit) => Effect.sync(() => Exit.isFailure(exit) && this.failed(exit.cause)))
  }

  private failed(cause: Cause.Cause<unknown>): void {
    if (aborts(cause)) this.ended ??= "an earlier statement failed"
  }

  /** Runs a savepoint inside, alone. */
  nest<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | TransactionAborted, R> {
    return Effect.suspend(() => {
      this.#open++
      return this.#inner.withPermits(1)(
        Effect.suspend((): Effect.Effect<A, E | TransactionAborted, R> => this.check() ?? effect)
      )
    }).pipe(Effect.ensuring(Effect.sync(() => this.#open--)))
  }
}
