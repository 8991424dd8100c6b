import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Semaphore from "effect/Semaphore"

interface Turn {
  readonly semaphore: Semaphore.Semaphore
  /** Those who have it or wait for it. */
  users: number
}

/**
 * What is said in a room is stored and told in one order. A database on the network stores several messages at a time and
 * ends in any order, so each waits until the one before has been told.
 */
export class Turns extends Context.Service<
  Turns,
  { readonly inTurn: (room: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> }
>()("mortise-app/chat/Turns") {
  static readonly layer = Layer.sync(Turns, () => {
    const turns = new Map<string, Turn>()
    const take = (room: string): Turn => {
      const turn = turns.get(room) ?? { semaphore: Semaphore.makeUnsafe(1), users: 0 }
      turns.set(room, turn)
      turn.users++
      return turn
    }
    const giveBack = (room: string, turn: Turn): void => {
      if (--turn.users === 0) turns.delete(room)
    }
    return Turns.of({
      inTurn: (room) => (effect) =>
        Effect.acquireUseRelease(
          Effect.sync(() => take(room)),
          ({ semaphore }) => semaphore.withPermits(1)(effect),
          (turn) => Effect.sync(() => giveBack(room, turn))
        )
    })
  })
}
