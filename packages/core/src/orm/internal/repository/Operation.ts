/**
 * What a repository does, as an Effect of its own: an object with what it is about, instead of closures around closures.
 * It is on the path of every statement, where an allocation and a step of the fiber are what an app would notice.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import type * as Fiber from "effect/Fiber"
import type { Interpreter } from "../../Orm.ts"

export type AnyFiber = Fiber.Fiber<unknown, unknown>
export type Key = Context.Key<unknown, Interpreter>

/** The database of the calling fiber, or the one at hand. */
export const interpreterOf = (orm: Key | Interpreter, fiber: AnyFiber): Interpreter =>
  "run" in orm ? orm : Context.getUnsafe(fiber.context, orm)

type Step<T, A, B, R> = (self: T, interpreter: Interpreter, fiber: AnyFiber, a: A, b: B) => R

interface Operation<T, A, B, R extends Effect.Effect<unknown, unknown>> {
  readonly orm: Key | Interpreter
  readonly step: Step<T, A, B, R>
  readonly self: T
  readonly a: A
  readonly b: B
}

type Any = Operation<unknown, unknown, unknown, Effect.Effect<unknown, unknown>> & Effect.Effect<unknown, unknown>

type Mutable = { -readonly [K in keyof Operation<never, never, never, never>]: unknown }

const Impl = function (this: Mutable, orm: unknown, step: unknown, self: unknown, a: unknown, b: unknown) {
  this.orm = orm
  this.step = step
  this.self = self
  this.a = a
  this.b = b
} as unknown as new (
  ...of: ReadonlyArray<unknown>
) => Any

Impl.prototype = Effectable.Prototype<Any>({
  label: "RepositoryOperation",
  evaluate(fiber) {
    return this.step(this.self, interpreterOf(this.orm, fiber), fiber, this.a, this.b)
  }
})

/** `step` is called when the effect is due. */
export const operation = <T, A, B, R extends Effect.Effect<unknown, unknown>>(
  orm: Key | Interpreter,
  step: Step<T, A, B, R>,
  self: T,
  a: A,
  b: B
): Effect.Effect<Effect.Success<R>, Effect.Error<R>> => new Impl(orm, step, self, a, b) as never
