import assert from "node:assert/strict"
import { inspect } from "node:util"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { type Interpreter, Orm } from "../../orm/Orm.ts"
import { Posts, Users } from "./Models.ts"

export const same: (actual: unknown, expected: unknown) => void = assert.deepStrictEqual
export const holds: (value: unknown, message?: string) => asserts value = assert.ok

type TagOf<E> = E extends { readonly _tag: infer Tag extends string } ? Tag : never

/** The error with which an effect fails; dies when it does not, or fails with another. */
export const fails = <A, E, R, const Tag extends TagOf<E>>(
  effect: Effect.Effect<A, E, R>,
  tag: Tag,
  what: string = tag
): Effect.Effect<Extract<E, { readonly _tag: Tag }>, never, R> =>
  Effect.matchEffect(effect, {
    onSuccess: (value) => Effect.die(new Error(`${what}: did not fail with ${tag}, but gave ${inspect(value)}`)),
    onFailure: (error) => {
      const got = (error as { readonly _tag?: unknown })._tag
      return got === tag
        ? Effect.succeed(error as Extract<E, { readonly _tag: Tag }>)
        : Effect.die(new Error(`${what}: failed with ${String(got)} instead of ${tag}: ${String(error)}`))
    }
  })

/** A date at milliseconds since 1970, or at what a text says. */
export const date = (at: number | string) => DateTime.toDateUtc(DateTime.makeUnsafe(at))

/** A date that does not exist. */
export const noDate = () => {
  const none = date(0)
  none.setTime(Number.NaN)
  return none
}

/** A user, and posts of theirs with the given titles. */
export const author = (name: string, ...titles: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const user = yield* Users.insert({ email: `${name}@x.io`, name })
    const posts = yield* Effect.forEach(titles, (title) => Posts.insert({ authorId: user.id, title }))
    return { user, posts }
  })

/** Runs `effect` and gives how many queries it made; `Interpreter.run` is one, whatever it takes to answer it. */
export const queriesOf = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<readonly [A, number], E, R | Orm> =>
  Effect.gen(function* () {
    const orm = yield* Orm
    let queries = 0
    const counting = {
      ...orm,
      run: (query: never, parameters: never) =>
        Effect.suspend(() => {
          queries++
          return orm.run(query, parameters)
        })
    } as unknown as Interpreter
    const context = Context.make(Orm, counting)
    const value = yield* Effect.provideContext(effect, context) as Effect.Effect<A, E, R>
    return [value, queries] as const
  })
