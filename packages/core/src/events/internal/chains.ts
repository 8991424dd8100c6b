/** The gateway's messages as beginnings of chains, for as long as there is a bus to publish on. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Observers } from "../../transport/Observers.ts"
import type { Correlation } from "../Correlation.ts"
import { type Ids, make as makeIds } from "./Ids.ts"

/** Has an id from the moment when somebody asks for it: most messages publish nothing. */
class Begun implements Correlation {
  private readonly ids: Ids
  private made: string | undefined
  constructor(ids: Ids) {
    this.ids = ids
    this.made = undefined
  }
  get correlationId(): string {
    return (this.made ??= this.ids.next())
  }
  get causationId(): undefined {
    return undefined
  }
}

/** Gives a chain to whatever the gateway handles until the scope closes. */
export const make: Effect.Effect<void, never, Scope.Scope> = Effect.gen(function* () {
  const observers = yield* Observers
  const made = yield* makeIds
  const chain = (): Correlation => new Begun(made)
  yield* Effect.acquireRelease(
    Effect.sync(() => void (observers.chain = chain)),
    () =>
      Effect.sync(() => {
        if (observers.chain === chain) observers.chain = undefined
      })
  )
})
